"""Answers that come late, or refuse what they cannot refuse."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import keys_refused
from tests.iscsi_analyzer.rules.judging import example, findings_of
from tests.iscsi_analyzer.rules.said import KEYS, check_example, check_losses, check_near, names

ALSO = {"key-none-misused": ("text-number-format",)}
"What breaks a rule here cannot but break these, too."

NEAR = {
    "key-answer-late": f"""
{KEYS}
talk.login_request({{**keys, "MaxBurstLength": "65536"}}, transit=False)
talk.login_response({{"TargetPortalGroupTag": "1"}}, more=True, transit=False)
talk.login_request(transit=False)
talk.login_response({{"MaxBurstLength": "65536"}})
""",
    "key-none-misused": """
talk.open(offer={"DataDigest": "CRC32C,None"}, answer={"DataDigest": "None"})
""",
    "key-reject-unjustified": f"""
{KEYS}
talk.login_request({{**keys, "TaskReporting": "RFC3720,ResponseFence"}}, transit=False)
talk.login_response({{"TargetPortalGroupTag": "1", "TaskReporting": "Reject"}})
""",
}
"Conversations that nearly break the rule, and break none."


@pytest.mark.parametrize("name", names(keys_refused))
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


def test_a_boolean_has_no_none_either() -> None:
    talk = example('talk.open(answer={"ImmediateData": "None"})')
    assert set(findings_of(talk)) == {"key-none-misused", "text-boolean-invalid"}


@pytest.mark.parametrize(("value", "unjustified"), [("Yes", True), ("No", True), ("yes", False)])
def test_a_boolean_can_always_be_answered(value: str, unjustified: bool) -> None:
    offer = f"{KEYS}\ntalk.login_request({{**keys, 'ImmediateData': '{value}'}}, transit=False)"
    talk = example(f"{offer}\ntalk.login_response({{'TargetPortalGroupTag': '1', 'ImmediateData': 'Reject'}})")
    assert ("key-reject-unjustified" in findings_of(talk)) == unjustified
