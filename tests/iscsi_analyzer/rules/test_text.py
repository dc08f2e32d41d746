"""The exchange of Text Requests and Responses."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import text
from tests.iscsi_analyzer.rules.said import MORE, check_example, check_losses, check_near, names

NEAR = {
    "text-f-and-c-set": MORE,
    "text-f1-ttt": """
talk.open(discovery=True)
talk.discover()
""",
    "text-f0-ttt": f"""
{MORE}
talk.text_request(tag=request.word(16), target_transfer_tag=more.word(20))
""",
    "text-f1-answers-f0": f"""
{MORE}
talk.text_request(tag=request.word(16), target_transfer_tag=more.word(20))
talk.text_response({{"TargetAddress": "192.0.2.2:3260,1"}}, tag=request.word(16))
""",
    "text-outstanding-multiple": """
talk.open(discovery=True)
request = talk.text_request({"SendTargets": "All"})
talk.reject(request)
talk.text_request({"SendTargets": "All"})
""",
    "text-response-unsolicited": """
talk.open(discovery=True)
talk.discover()
talk.discover()
""",
    "text-c-answer-nonempty": f"""
{MORE}
talk.text_request(tag=request.word(16), target_transfer_tag=more.word(20))
""",
}
"Conversations that nearly break the rule, and break none."


@pytest.mark.parametrize("name", names(text))
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
