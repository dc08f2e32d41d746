"""PDUs that a target sends again, and data that it should ask for again."""

from __future__ import annotations

from typing import Any

import pytest

from iscsi_analyzer.rules import retransmission
from tests.iscsi_analyzer.rules.judging import (
    check_example,
    check_losses,
    check_near,
    finding_of,
    findings_of,
    names,
    near_miss,
)
from tests.support.talk import Talk

ALSO = {
    "retransmit-at-erl0": ("datain-datasn-gap", "datain-pdu-order"),
    "seq-recovery-data-after-reject": ("dataout-datasn-gap",),
}
TELLING = {
    "r2t-recovery-sn": ("snack-r2t-timeout",),
    "retransmit-at-erl0": ("datain-datasn-gap",),
    "seq-recovery-data-after-reject": ("dataout-datasn-gap",),
}
"What else is found in what nearly breaks a rule."

NEAR = {
    "retransmit-not-replica": """
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(read=8192)
        talk.data_in(task, 4096)
        talk.test_unit_ready()
        talk.snack(0, task=task, begin=0, run=1)
        talk.data_in(task, 4096, offset=0, data_sn=0)
        talk.data_in(task, 4096, status=0)
        """,
    "retransmit-stale-counters": """
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(read=8192)
        talk.data_in(task, 4096)
        talk.test_unit_ready()
        talk.snack(0, task=task, begin=0, run=1)
        talk.data_in(task, 4096, offset=0, data_sn=0)
        """,
    "retransmit-statsn-changed": """
        talk = Talk(error_recovery_level=1).open()
        talk.ping()
        task = talk.test_unit_ready()
        talk.snack(1, begin=talk.stat_sn - 1, run=1, exp_stat_sn=talk.stat_sn - 1)
        talk.response(task, stat_sn=talk.stat_sn - 1)
        """,
    "retransmit-at-erl0": """
        talk.open()
        task = talk.command(read=8192)
        talk.data_in(task, 4096)
        talk.data_in(task, 4096, data_sn=0)
        """,
    "r2t-recovery-sn": """
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(write=8192)
        burst = talk.r2t(task, 4096)
        talk.snack(0, task=task, begin=0, run=0)
        talk.r2t(task, 4096, offset=0, r2t_sn=0, target_transfer_tag=burst.tag)
        """,
    "seq-recovery-data-after-reject": """
        talk.open()
        task = talk.command(write=8192)
        burst = talk.r2t(task)
        talk.data_out(task, 4096, burst=burst)
        talk.data_out(task, 4096, burst=burst, data_sn=2)
        talk.response(task, 8)
        """,
}
"What nearly breaks each rule."


@pytest.mark.parametrize("name", names(retransmission))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name, ALSO)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name, TELLING)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


@pytest.mark.parametrize(
    ("changed", "what"),
    [({"offset": 512}, "buffer offset"), ({"flags": 0x80}, "status or flags")],
)
def test_data_that_is_sent_again_stays_what_it_was(changed: dict[str, Any], what: str) -> None:
    talk = Talk(error_recovery_level=1).open()
    task = talk.command(read=8192)
    talk.data_in(task, 4096)
    talk.snack(0, task=task, begin=0, run=1)
    talk.data_in(task, 4096, **{"offset": 0, **changed}, data_sn=0)
    assert finding_of(talk, "retransmit-not-replica").facts["what"] == what


def test_a_status_that_is_sent_again_stays_what_it_was() -> None:
    talk = Talk(error_recovery_level=1).open()
    talk.ping()
    task = talk.test_unit_ready()
    talk.snack(1, begin=talk.stat_sn - 1, run=1, exp_stat_sn=talk.stat_sn - 1)
    talk.response(task, 8, stat_sn=talk.stat_sn - 1)
    assert finding_of(talk, "retransmit-not-replica").facts["what"] == "status or flags"


@near_miss("retransmit-not-replica")
def test_data_that_is_cut_anew_differs() -> None:
    talk = Talk(error_recovery_level=1).open()
    task = talk.command(read=8192)
    talk.data_in(task, 8192)
    talk.snack(3, task=task, target_transfer_tag=5)
    for place in (0, 4096):
        talk.data_in(task, 4096, offset=place, data_sn=place // 4096)
    talk.response(task, snack_tag=5, exp_data_sn=2)
    assert findings_of(talk) == []


@near_miss("seq-recovery-data-after-reject")
def test_data_may_be_asked_for_again() -> None:
    talk = Talk(error_recovery_level=1).open()
    task = talk.command(write=8192)
    burst = talk.r2t(task)
    talk.data_out(task, 4096, burst=burst)
    talk.data_out(task, 4096, burst=burst, data_sn=2)
    talk.data_out(task, 4096, burst=talk.r2t(task, 4096, offset=4096))
    talk.response(task, exp_data_sn=0)
    assert findings_of(talk) == ["dataout-datasn-gap"]
