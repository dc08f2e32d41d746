"""Numbers that stand still, or are acknowledged too soon."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import numbering_pace
from iscsi_analyzer.rules.catalogue import sections
from tests.iscsi_analyzer.rules.judging import (
    check_example,
    check_losses,
    check_near,
    example,
    findings_of,
    names,
    without,
)
from tests.support.mangle_loss import cut_start, one_direction
from tests.support.talk_pdu import I2T, T2I

NEAR = {
    "expstatsn-lag": """
        talk.session.queue_depth = 64
        talk.open()
        exp_stat_sn = talk.exp_stat_sn
        for _ in range(200):
            talk.test_unit_ready(exp_stat_sn=exp_stat_sn)
        """,
    "cmd-window-closed-long": """
        talk.open()
        slow = talk.command()
        quick = talk.command()
        talk.response(quick, max_cmd_sn=talk.session.exp_cmd_sn - 1)
        talk.wait(60)
        talk.response(slow)
        talk.wait(60)
        talk.nop_in(target_tag=0xffffffff)
        """,
    "expstatsn-past-hole": """
        talk = Talk(error_recovery_level=1).open()
        exp_stat_sn = talk.exp_stat_sn
        read = talk.read(4096)
        talk.snack(0, task=read, run=1, exp_stat_sn=exp_stat_sn)
        """,
}
"What nearly breaks each rule."


@pytest.mark.parametrize("name", names(numbering_pace))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        if name != "expstatsn-lag":
            check_losses(name)


@pytest.mark.parametrize("lost", [5, 60, 200])
def test_acknowledgements_that_the_capture_may_lack_are_not_missed(lost: int) -> None:
    """The example of the rule has too many frames to leave out each of them."""
    talk = example(sections("expstatsn-lag")["Example"])
    assert findings_of(without(talk, lost)) == []
    assert findings_of(cut_start(talk.frames, 20)) == []
    assert findings_of(one_direction(talk.frames, I2T)) == findings_of(one_direction(talk.frames, T2I)) == []
