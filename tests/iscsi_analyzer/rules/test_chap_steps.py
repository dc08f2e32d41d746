"""The steps of CHAP: their order, and what each contains."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import chap_steps
from tests.iscsi_analyzer.rules.said import (
    CHALLENGED,
    CHAP,
    MUTUAL,
    RESPONSE,
    check_example,
    check_losses,
    check_near,
    names,
)

ALSO = {"chap-skipped": ("auth-first-step-late",)}
"What breaks a rule here cannot but break these, too."

NEAR = {
    "chap-step-order": f"""
{CHALLENGED}
talk.login_request({RESPONSE}, csg=0, nsg=1)
""",
    "chap-challenge-incomplete": f"""
{CHAP}
talk.login_request({{"CHAP_A": "5"}}, csg=0, nsg=1, transit=False)
talk.login_response({{"CHAP_A": "Reject"}})
""",
    "chap-response-incomplete": f"""
{CHALLENGED}
talk.login_request({MUTUAL}, csg=0, nsg=1)
""",
    "chap-mutual-missing": f"""
{CHALLENGED}
talk.login_request({MUTUAL}, csg=0, nsg=1)
talk.login_response(status=0x0201)
""",
    "chap-mutual-unsolicited": f"""
{CHALLENGED}
talk.login_request({MUTUAL}, csg=0, nsg=1)
talk.login_response({{"CHAP_N": "target", "CHAP_R": "0x" + "12" * 16}})
""",
    "chap-skipped": f"""
{CHALLENGED}
talk.login_request({RESPONSE}, csg=0, nsg=1)
talk.login_response()
""",
}
"Conversations that nearly break the rule, and break none."


@pytest.mark.parametrize("name", names(chap_steps))
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
