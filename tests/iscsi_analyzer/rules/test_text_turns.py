"""The turns of a text exchange, and how it ends."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import text_turns
from tests.iscsi_analyzer.rules.said import MORE, check_example, check_losses, check_near, names

ALSO = {
    "text-f1-open-proposals": ("key-io-in-ffp",),
    "text-reneg-not-reset": ("key-duplicate",),
}
"What breaks a rule here cannot but break these, too."

NEAR = {
    "text-response-missing": """
talk.open(discovery=True)
talk.text_request({"SendTargets": "All"})
talk.wait(29)
talk.ack("T2I")
""",
    "text-sequence-abandoned": f"""
{MORE}
talk.wait(29)
talk.ack("I2T")
""",
    "text-f1-open-proposals": """
talk.open()
answer = {"MaxRecvDataSegmentLength": "8192", "X-com.example.a": "1"}
talk.text({"MaxRecvDataSegmentLength": "8192"}, answer)
""",
    "text-empty-f0-response": """
talk.open()
request = talk.text_request({"MaxRecvDataSegmentLength": "8192"}, more=True)
talk.text_response(tag=request.word(16), patch={1: bytes(1)}, target_transfer_tag=5)
""",
    "text-f-dropped": f"""
{MORE}
talk.text_request(tag=request.word(16), target_transfer_tag=more.word(20), patch={{1: bytes(1)}})
""",
    "text-lun-missing": """
talk.open(discovery=True)
request = talk.text_request({"SendTargets": "All"})
tag = request.word(16)
for number in range(2):
    fields = {"patch": {1: bytes(1)}, "target_transfer_tag": 9, "lun": 1}
    talk.text_response({"TargetName": f"{talk.target_name}{number}"}, tag=tag, **fields)
    talk.text_request(tag=tag, target_transfer_tag=9, lun=1)
talk.text_response(tag=tag, lun=0)
""",
    "text-reneg-not-reset": """
talk.open()
request = talk.text_request({"MaxRecvDataSegmentLength": "8192"}, patch={1: bytes(1)})
tag = request.word(16)
talk.text_response(tag=tag, patch={1: bytes(1)}, target_transfer_tag=5)
talk.reject(talk.text_request({"InitiatorAlias": "a"}, tag=tag, target_transfer_tag=5))
talk.text_request({"MaxRecvDataSegmentLength": "4096"})
""",
}
"Conversations that nearly break the rule, and break none."


@pytest.mark.parametrize("name", names(text_turns))
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
