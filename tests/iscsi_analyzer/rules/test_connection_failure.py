"""What becomes of a session whose connection has failed."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import connection_failure
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, check_near, example, findings_of, names
from tests.support.talk import Talk

FAILED = """
talk.terms.max_connections = 2
talk.open()
other = talk.join().open()
talk.rst()
other.ping()
"""
"One of two connections is reset."

RESET = """
talk.open()
talk.command(read=4096)
talk.rst()
other = talk.beside(initiator_name="iqn.2005-03.com.example:other").open()
"""
"The only connection of a session is reset while it reads; another initiator is there."

NEAR = {
    "conn-recovery-missing-logout": f"""{FAILED}
other.wait(50)
other.ping()
""",
    "session-failed-connection-silence": f"""{RESET}
other.wait(50)
other.ping()
""",
    "session-immediate-tasks-recovered": """
talk = Talk(error_recovery_level=2, max_connections=2).open()
task = talk.command(read=4096, immediate=True)
talk.rst()
talk.wait(3)
other = talk.join().open()
other.logout_response(tag=other.logout_request(2, cid=0).word(16))
other.tmf(8, task, ref_cmd_sn=0, response=1)
""",
}
"Conversations that nearly break the rule, and break none."


@pytest.mark.parametrize("name", names(connection_failure))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


@pytest.mark.parametrize(
    "recovery",
    [
        "other.logout_response(tag=other.logout_request(1, cid=0).word(16))",
        "talk.wait(5)\ntalk.join(cid=0).open()",
    ],
)
def test_a_connection_that_was_cleaned_up_is_not_missed(recovery: str) -> None:
    assert "conn-recovery-missing-logout" not in findings_of(
        example(f"{FAILED}\n{recovery}\nother.wait(90)\nother.ping()")
    )


REFUSED = """
again = talk.beside()
again.handshake()
again.login_request({"InitiatorName": talk.initiator_name, "TargetName": talk.target_name})
again.login_response(status=0x0301)
again.fin()
"""


@pytest.mark.parametrize("back", ["talk.beside().open()", REFUSED])
def test_an_initiator_that_tries_to_come_back_is_not_missed(back: str) -> None:
    """Wherever it goes, and whether it gets in or not."""
    found = findings_of(example(f"{RESET}\ntalk.wait(5)\n{back}\nother.wait(90)\nother.ping()"))
    assert "session-failed-connection-silence" not in found


def test_a_connection_whose_login_the_capture_lacks_may_be_that_of_whoever_comes_back() -> None:
    talk = Talk().open()
    talk.command(read=4096)
    talk.rst()
    before = len(talk.frames)
    talk.wait(3)
    other = talk.beside().open()
    seen = len(talk.frames)
    other.wait(90)
    for _ in range(3):
        other.ping()
    assert findings_of([*talk.frames[:before], *talk.frames[seen:]]) == []
