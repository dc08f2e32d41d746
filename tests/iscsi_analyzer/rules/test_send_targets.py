"""SendTargets, and what answers it."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import send_targets
from tests.iscsi_analyzer.rules.said import MORE, check_example, check_losses, check_near, names

NEAR = {
    "sendtargets-not-alone": """
talk.open(discovery=True)
talk.text_request({"SendTargets": "All"})
""",
    "sendtargets-value-invalid": """
talk.open(discovery=True)
talk.text_request({"SendTargets": talk.target_name})
""",
    "sendtargets-all-on-normal": """
talk.open()
talk.text_request({"SendTargets": ""})
""",
    "sendtargets-continuation-keys": """
talk.open(discovery=True)
request = talk.text_request({"SendTargets": "All"})
tag, name = request.word(16), {"TargetName": talk.target_name}
more = talk.text_response(name, tag=tag, patch={1: bytes(1)}, target_transfer_tag=9)
talk.text_request(tag=tag, target_transfer_tag=more.word(20))
""",
    "sendtargets-other-target": """
talk.open()
talk.text({"SendTargets": ""}, {"TargetName": talk.target_name})
""",
    "sendtargets-foreign-key": """
talk.open(discovery=True)
talk.text({"SendTargets": "All"}, {"TargetName": talk.target_name, "TargetAddress": "192.0.2.2:3260,1"})
""",
    "sendtargets-record-order": f"""
{MORE}
talk.text_request(tag=request.word(16), target_transfer_tag=more.word(20))
talk.text_response({{"TargetAddress": "192.0.2.2:3260,1"}}, tag=request.word(16))
""",
    "sendtargets-address-no-tpgt": """
talk.open(discovery=True)
talk.discover((talk.target_name, "192.0.2.2,0"))
""",
    "sendtargets-address-conflict": """
talk.open(discovery=True)
talk.discover((talk.target_name, "192.0.2.2:3260,1"), (talk.target_name + "2", "192.0.2.2:3260,2"))
""",
    "sendtargets-unsupported": """
talk.open(discovery=True)
talk.text({"SendTargets": talk.target_name + "2"}, {})
""",
}
"Conversations that nearly break the rule, and break none."


@pytest.mark.parametrize("name", names(send_targets))
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
