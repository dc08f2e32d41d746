"""What must not come during a login, and who goes on in spite of it."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import login_stray
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, check_near, example, findings_of, names
from tests.iscsi_analyzer.rules.said import ANSWERED, KEYS

ALSO = {
    "login-invalid-request-not-rejected": ("initiator-nonlogin-during-login",),
    "initiator-continues-after-nonlogin": ("target-nonlogin-during-login",),
    "login-final-not-ffp": ("initiator-nonlogin-during-login", "target-nonlogin-during-login"),
}
"What breaks a rule here cannot but break these, too."

NEAR = {
    "login-invalid-request-not-rejected": "talk.open()\ntalk.nop_out(immediate=True)",
    "initiator-continues-after-nonlogin": f"""
{ANSWERED}
talk.login_request()
talk.login_response()
talk.nop_in()
talk.ping()
""",
    "login-final-not-ffp": f"""
{KEYS}
talk.login_request({{**keys, "AuthMethod": "None"}}, csg=0, nsg=3)
talk.login_response({{"TargetPortalGroupTag": "1", "AuthMethod": "None"}})
talk.ping()
""",
}
"Conversations that nearly break the rule, and break none."


@pytest.mark.parametrize("name", names(login_stray))
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


STRAY = f"""
{ANSWERED}
talk.text_request({{"SendTargets": "All"}})
"""


def test_a_stray_request_may_not_be_passed_over_for_long() -> None:
    """A target that neither refuses the login nor closes the connection has not done what it must."""
    waits = example(STRAY + "talk.wait(40)\ntalk.ack('T2I')")
    assert findings_of(waits) == ["initiator-nonlogin-during-login", "login-invalid-request-not-rejected"]


@pytest.mark.parametrize("end", ["talk.login_response(status=0x020b)\ntalk.fin()", "talk.fin()", "talk.rst('T2I')"])
def test_a_stray_request_may_be_refused_or_end_the_connection(end: str) -> None:
    """What the target does about it is its own choice, as long as the connection ends."""
    assert findings_of(example(f"{STRAY}{end}\ntalk.wait(40)\ntalk.ack('T2I')")) == ["initiator-nonlogin-during-login"]
