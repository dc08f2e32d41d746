"""Tasks that never end, and who does not go on."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import unfinished
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, check_near, finding_of, findings_of, names
from tests.support.talk import Talk

NEAR = {
    "rsp-missing": """
        talk.open()
        read = talk.command(read=4096)
        talk.tmf(1, read)
        talk.wait(60)
        talk.ping()
        talk.ack("I2T")

        late = talk.command(read=4096)
        talk.wait(10)
        talk.ping()
        talk.ack("I2T")
        """,
    "unsolicited-missing": """
        talk = Talk(initial_r2t=False, immediate_data=False).open()
        write = talk.command(write=4096, final=False)
        talk.data_out(write, 4096)
        talk.response(write)
        talk.wait(60)
        talk.ping()
        talk.ack("I2T")
        """,
    "r2t-not-honoured": """
        talk.open()
        write = talk.command(write=4096)
        talk.data_out(write, 4096, burst=talk.r2t(write))
        talk.response(write)
        talk.wait(60)
        talk.ping()
        talk.ack("I2T")
        """,
    "dataack-missing": """
        talk = Talk(error_recovery_level=1).open()
        read = talk.command(read=8192)
        talk.data_in(read, 4096, flags=0x40, target_transfer_tag=1, lun=0)
        talk.snack(2, begin=1, target_transfer_tag=1)
        talk.data_in(read, 4096, flags=0x80)
        talk.response(read)
        talk.wait(60)
        talk.ping()
        talk.ack("I2T")
        """,
}
"What nearly breaks each rule."


@pytest.mark.parametrize("name", names(unfinished))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


def test_a_side_that_has_all_that_it_waits_for_is_the_one_that_does_not_go_on() -> None:
    talk = Talk().open()
    write = talk.command(write=4096)
    talk.data_out(write, 4096, burst=talk.r2t(write))
    talk.wait(60)
    talk.ping()
    talk.ack("I2T")
    assert finding_of(talk, "rsp-missing").facts == {"seconds": "60"}


def test_part_of_the_data_is_told_with_the_r2t() -> None:
    talk = Talk().open()
    write = talk.command(write=4096)
    talk.data_out(write, 1024, burst=talk.r2t(write))
    talk.wait(60)
    talk.ping()
    talk.ack("I2T")
    finding = finding_of(talk, "r2t-not-honoured")
    assert (finding.facts["sent"], finding.facts["length"]) == (1024, 4096)


def test_what_the_other_side_has_not_got_is_not_held_against_it() -> None:
    talk = Talk().open()
    talk.test_unit_ready()
    with talk.deaf("T2I"):
        talk.command(read=4096)
    talk.wait(60)
    assert findings_of(talk) == []
