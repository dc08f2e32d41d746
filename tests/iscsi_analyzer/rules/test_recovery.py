"""Fields of SNACKs."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import recovery
from iscsi_analyzer.rules.catalogue import sections
from tests.iscsi_analyzer.rules.judging import accused, check_example, check_losses, check_near, example, names
from tests.support.mangle_loss import cut_start

ALSO = {"snack-in-login": ("ffp-pdu-before-login-response",)}
"What cannot be kept by whoever breaks the rule."

NEAR = {
    "snack-type-reserved": """
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(read=8192)
        talk.data_in(task, 4096)
        talk.snack(3, task=task, target_transfer_tag=1)
        """,
    "snack-at-erl0": """
        talk = Talk(error_recovery_level=2).open()
        task = talk.command(read=8192)
        talk.data_in(task, 4096)
        talk.snack(0, task=task, begin=0, run=1)
        """,
    "dataack-at-erl0": """
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(read=8192)
        talk.data_in(task, 4096, flags=0x40, target_transfer_tag=5)
        talk.snack(2, target_transfer_tag=5, begin=1)
        talk.data_in(task, 4096, status=0)
        """,
    "snack-in-login": """
        talk = Talk(error_recovery_level=1).open()
        talk.test_unit_ready()
        talk.snack(1, begin=0)
        """,
    "snack-itt": """
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(read=8192)
        talk.data_in(task, 4096)
        talk.snack(0, task=task)
        """,
    "snack-ttt": """
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(read=8192)
        talk.data_in(task, 4096)
        talk.snack(3, task=task, target_transfer_tag=0xFFFFFFFE)
        """,
    "snack-begrun-rdata": """
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(read=12288)
        talk.data_in(task, 4096)
        talk.data_in(task, 4096)
        talk.snack(0, task=task, begin=1, run=1)
        """,
    "snack-runlength": """
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(read=12288)
        talk.data_in(task, 4096)
        talk.data_in(task, 4096)
        talk.snack(0, task=task, begin=0, run=2)
        """,
}
"What nearly breaks each rule."


@pytest.mark.parametrize("name", names(recovery))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name, ALSO)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


def test_the_level_of_recovery_that_the_capture_lacks_binds_nobody() -> None:
    talk = example(sections("snack-at-erl0")["Example"])
    for count in range(7, len(talk.frames)):
        assert accused(cut_start(talk.frames, count)) == []
