"""What still comes when a logout is over."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import logout_late
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, check_near, findings_of, names
from tests.support.talk import Talk

ALSO = {"logout-task-status-after": ("allegiance-target",)}
"What breaks a rule here cannot but break these, too."

NEAR = {
    "logout-dataout-after": """
talk.open()
task = talk.start_write(262144)
burst = talk.r2t(task, 8192)
with talk.deaf("I2T"):
    talk.logout()
    talk.data_out(task, 8192, burst=burst)
talk.fin()
""",
    "logout-task-status-after": """
talk.terms.max_connections = 2
talk.open()
other = talk.join().open()
task = other.command()
talk.logout(1)
talk.fin()
other.wait(10)
other.response(task)
""",
    "logout-recovery-transfer": """
talk = Talk(error_recovery_level=2, max_connections=2).open()
other = talk.join().open()
task = talk.command(read=4096)
other.logout_response(2, tag=other.logout_request(2, cid=0).word(16))
talk.wait(10)
talk.data_in(task, 4096, status=0)
""",
    "logout-target-no-fin": """
talk.open()
talk.logout()
talk.wait(4)
talk.fin("I2T")
""",
    "session-closed-traffic": """
talk.terms.max_connections = 2
talk.open()
other = talk.join().open()
talk.close()
other.wait(4)
other.nop_in()
""",
}
"Conversations that nearly break the rule, and break none."


@pytest.mark.parametrize("name", names(logout_late))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name, ALSO)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


def test_a_session_that_was_closed_is_closed_for_both_sides() -> None:
    """An initiator that pings on another connection is told, too."""
    talk = Talk(max_connections=2).open()
    other = talk.join().open()
    talk.close()
    other.wait(10)
    other.ping()
    assert findings_of(talk).count("session-closed-traffic") == 2


def test_closing_one_connection_leaves_the_others_alone() -> None:
    talk = Talk(max_connections=2).open()
    other = talk.join().open()
    talk.logout(1)
    talk.fin()
    other.wait(10)
    other.ping()
    other.close()
    assert findings_of(talk) == []
