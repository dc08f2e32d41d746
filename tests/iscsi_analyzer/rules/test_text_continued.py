"""Text Requests that go on with an exchange."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import text_continued
from tests.iscsi_analyzer.rules.said import MORE, check_example, check_losses, check_near, names

NEAR = {
    "text-itt-changed": f"""
{MORE}
talk.text_request({{"SendTargets": "All"}})
""",
    "text-i-bit-changed": """
talk.open(discovery=True)
request = talk.text_request({"SendTargets": "All"}, immediate=True)
more = talk.text_response({"TargetName": talk.target_name}, tag=request.word(16), more=True)
talk.text_request(tag=request.word(16), target_transfer_tag=more.word(20), immediate=True)
""",
    "text-ttt-not-copied": f"""
{MORE}
talk.text_request(tag=request.word(16), target_transfer_tag=more.word(20))
talk.text_response(tag=request.word(16))
""",
    "text-ttt-without-response": f"""
{MORE}
talk.text_request({{"SendTargets": "All"}}, target_transfer_tag=0xFFFFFFFF)
""",
}
"Conversations that nearly break the rule, and break none."


@pytest.mark.parametrize("name", names(text_continued))
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
