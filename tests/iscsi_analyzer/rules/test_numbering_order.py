"""The order of CmdSN on one of several connections."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import numbering_order
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, check_near, findings_of, names
from tests.support.talk import Talk

NEAR = {
    "cmdsn-order-on-connection": """
        talk = Talk(max_connections=2, error_recovery_level=1).open()
        other = talk.join().open()
        third, first, second = other.command(cmd_sn=3), talk.command(cmd_sn=1), talk.command(cmd_sn=2)
        talk.command(tag=first.tag, cmd_sn=1)
        talk.response(second)
        talk.response(first)
        other.response(third)
        other.response(other.command(cmd_sn=4))
        """,
}
"What nearly breaks each rule."


@pytest.mark.parametrize("name", names(numbering_order))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


@pytest.mark.parametrize("level", [0, 1, 2])
def test_commands_that_may_have_moved_from_another_connection_are_left_alone(level: int) -> None:
    talk = Talk(max_connections=2, error_recovery_level=level).open()
    talk.join().open()
    first, second = talk.command(cmd_sn=2), talk.command(cmd_sn=1)
    talk.response(second)
    talk.response(first)
    assert findings_of(talk) == ["cmdsn-order-on-connection"] * (level < 2)


def test_numbers_that_wrap_go_on() -> None:
    talk = Talk(max_connections=2)
    talk.session.cmd_sn = talk.session.exp_cmd_sn = 0xFFFFFFFE
    talk.open()
    talk.join().open()
    for _ in range(4):
        talk.test_unit_ready()
    assert findings_of(talk) == []
