"""What a target does about a SNACK."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import recovery_answer
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, check_near, findings_of, names, near_miss
from tests.support.talk import Talk

ALSO = {"snack-bad-range-not-rejected": ("snack-unsent-range",)}

TELLING = {"snack-reject-no-check": ("sense-iscsi-condition",)}
"Notes about what happens, in what nearly breaks a rule."

READ = """
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(read=8192)
        talk.data_in(task, 4096)
        """
LATER = """
        talk.ping()
        talk.wait(20)
        talk.ping()
        """

NEAR = {
    "snack-unanswered": f"""{READ}
        talk.data_in(task, 4096)
        talk.snack(0, task=task, begin=0, run=1)
        talk.data_in(task, 4096, offset=0, data_sn=0)
        {LATER}
        """,
    "snack-bad-range-not-rejected": f"""{READ}
        talk.data_in(task, 4096)
        talk.snack(0, task=task, begin=1, run=1)
        talk.data_in(task, 4096, offset=4096, data_sn=1)
        {LATER}
        """,
    "snack-reject-no-check": f"""{READ}
        talk.reject(talk.snack(0, task=task, begin=0, run=1), reason=3)
        talk.data_in(task, 4096)
        talk.response(task, 2, sense=bytes((0x70, 0, 0x0B, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x11, 0x13, 0, 0, 0, 0)))
        """,
    "rdata-tag-missing": f"""{READ}
        talk.data_in(task, 4096)
        with talk.deaf("T2I"):
            talk.snack(3, task=task, target_transfer_tag=5)
            talk.response(task)
        """,
    "rdata-datasn-start": """
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(read=16384)
        talk.data_in(task, 4096)
        talk.data_in(task, 4096, flags=0x40, target_transfer_tag=7)
        talk.data_in(task, 4096)
        talk.snack(2, target_transfer_tag=7, begin=2)
        talk.snack(3, task=task, target_transfer_tag=5)
        talk.data_in(task, 4096, offset=8192, data_sn=2)
        talk.data_in(task, 4096)
        talk.response(task, snack_tag=5)
        """,
}
"What nearly breaks each rule."


@pytest.mark.parametrize("name", names(recovery_answer))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name, ALSO)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name, TELLING)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


@pytest.mark.parametrize("answer", ["status", "reject", "abort", "none"])
def test_a_status_is_sent_again_or_refused(answer: str) -> None:
    talk = Talk(error_recovery_level=1).open()
    talk.ping()
    with talk.deaf("I2T"):
        task = talk.test_unit_ready()
        snack = talk.snack(1, begin=talk.stat_sn - 1, run=1)
        if answer == "status":
            talk.response(task, stat_sn=talk.stat_sn - 1)
        elif answer == "reject":
            talk.reject(snack, reason=3)
    if answer == "abort":
        talk.rst()
    else:
        talk.ping()
        talk.wait(20)
        talk.ping()
    assert findings_of(talk) == (["snack-unanswered"] if answer == "none" else [])


@near_miss("snack-unanswered")
def test_a_command_that_fails_or_is_aborted_needs_no_data_any_more() -> None:
    for ending in ("failed", "aborted"):
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(read=8192)
        talk.data_in(task, 4096)
        talk.data_in(task, 4096)
        talk.snack(0, task=task, begin=0, run=1)
        if ending == "failed":
            talk.response(task, 8)
        else:
            talk.tmf(1, task)
        talk.ping()
        talk.wait(20)
        talk.ping()
        assert findings_of(talk) == [], ending
