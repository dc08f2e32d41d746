"""Keys that are odd, obsolete or out of place."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import keys_special
from tests.iscsi_analyzer.rules.said import KEYS, check_example, check_losses, check_near, names

ALSO = {
    "key-marker-answer": ("key-marker-offered",),
    "key-marker-active": ("key-marker-offered",),
}
"What breaks a rule here cannot but break these, too."

NEAR = {
    "key-marker-offered": """
talk.open(offer={"IFMarker": "No", "OFMarker": "No"}, answer={"IFMarker": "No", "OFMarker": "Reject"})
""",
    "key-marker-answer": """
talk.open(offer={"IFMarker": "No"}, answer={"IFMarker": "Irrelevant"})
""",
    "key-marker-active": """
talk.open(offer={"OFMarker": "No"}, answer={"OFMarker": "No"})
""",
    "key-nodearch-too-long": """
talk.open(offer={"X#NodeArchitecture": "a" * 255}, answer={"X#NodeArchitecture": "b"})
""",
    "key-nodearch-redeclared": f"""
{KEYS}
talk.login_request({{**keys, "X#NodeArchitecture": "a"}}, transit=False)
talk.login_response({{"TargetPortalGroupTag": "1", "X#NodeArchitecture": "a"}})
talk.login_request({{"InitiatorAlias": "a"}})
""",
    "key-targetaddress-context": """
talk.handshake()
talk.login_request({"InitiatorName": talk.initiator_name, "TargetName": talk.target_name})
talk.login_response({"TargetAddress": "192.0.2.9:3260"}, status=0x0101)
talk.fin()
talk.beside().open(discovery=True)
""",
    "key-alias-not-sent": """
talk.terms.max_connections = 2
talk.open(offer={"InitiatorAlias": "host"}, answer={"TargetAlias": "disk"})
talk.join().open()
talk.beside().open(discovery=True)
talk.beside(initiator_name="iqn.2005-03.com.example:a", target_name="iqn.2005-03.com.example:b").open()
""",
}
"Conversations that nearly break the rule, and break none."


@pytest.mark.parametrize("name", names(keys_special))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        """The example breaks the rule, and no other but those that cannot be kept then."""
        check_example(name, ALSO)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        """The near miss is correct, or says too little."""
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        """Without a frame, the beginning or one direction there is no finding that the whole capture does not have."""
        check_losses(name)
