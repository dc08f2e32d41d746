"""Commands that are sent again."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import recovery_retry
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, check_near, names

NEAR = {
    "retry-attributes-changed": """
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(read=4096, lba=8)
        talk.command(read=4096, lba=8, tag=task.tag, cmd_sn=task.cmd_sn)
        talk.serve(task)
        """,
    "retry-after-ack": """
        talk = Talk(error_recovery_level=1).open()
        task = talk.command()
        with talk.deaf("I2T"):
            talk.response(task)
            talk.command(tag=task.tag, cmd_sn=task.cmd_sn)
        """,
}
"What nearly breaks each rule."


@pytest.mark.parametrize("name", names(recovery_retry))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)
