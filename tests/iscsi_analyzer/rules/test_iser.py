"""Logins that ask for iSER."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import iser
from tests.iscsi_analyzer.rules.said import KEYS, check_example, check_losses, check_near, names

NEAR = {
    "iser-rdmaextensions-late": f"""
{KEYS}
talk.login_request({{**keys, "AuthMethod": "None"}}, csg=0, nsg=1)
talk.login_response({{"TargetPortalGroupTag": "1", "AuthMethod": "None"}})
talk.login_request({{"InitiatorAlias": "a"}}, transit=False, more=True)
talk.login_response()
talk.login_request({{"InitialR2T": "Yes"}}, transit=False)
talk.login_response({{"InitialR2T": "Yes", "RDMAExtensions": "No"}})
talk.login_request({{"RDMAExtensions": "No"}})
""",
    "iser-key-without-rdma": """
offer = {"RDMAExtensions": "Yes", "MaxAHSLength": "512"}
talk.open(offer=offer, answer={"RDMAExtensions": "No"})
""",
    "iser-digest-with-rdma": """
offer = {"RDMAExtensions": "Yes", "HeaderDigest": "CRC32C,None"}
talk.open(offer=offer, answer={"RDMAExtensions": "Yes", "HeaderDigest": "None"})
""",
    "iser-mode-on-tcp": """
talk.open(offer={"RDMAExtensions": "Yes"}, answer={"RDMAExtensions": "No"})
talk.test_unit_ready()
""",
}
"Conversations that nearly break the rule, and break none."


@pytest.mark.parametrize("name", names(iser))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        """The example breaks the rule, and no other but those that cannot be kept then."""
        check_example(name)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        """The near miss is correct, or says too little."""
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        """Without a frame, the beginning or one direction there is no finding that the whole capture does not have."""
        check_losses(name)
