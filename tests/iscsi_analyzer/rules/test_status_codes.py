"""What a status means, and the sense data with it."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import status_codes
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, check_near, finding_of, findings_of, names
from tests.support.talk import Talk

NEAR = {
    "rsp-status-obsolete": """
        talk.open()
        for status in (0x04, 0x08, 0x28, 0x30, 0x40):
            talk.test_unit_ready(status)
        """,
    "rsp-sense-with-non-cc": """
        talk.open(offer={"iSCSIProtocolLevel": "2"}, answer={"iSCSIProtocolLevel": "2"})
        talk.response(talk.command(), sense=bytes((0x70, 0, 5, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x24, 0, 0, 0, 0, 0)))
        """,
    "sense-key-reserved": """
        talk.open()
        for flags in (0x80, 0x40, 0x20):
            talk.response(talk.command(), 2, sense=bytes((0x70, 0, flags, 0, 0, 0, 0, 10)) + bytes(10))
        talk.response(talk.command(), 2, sense=bytes((0x70, 0, 0, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0, 0x1D, 0, 0, 0, 0)))
        talk.response(talk.command(), 2, sense=bytes((0x72, 0, 0, 0, 0, 0, 0, 4, 5, 2, 0, 0x20)))
        talk.response(talk.command(), 2, sense=bytes((0x7F,)) + bytes(17))
        """,
    "sense-iscsi-condition": """
        talk.open()
        talk.response(talk.command(), 2, sense=bytes((0x70, 0, 5, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x24, 0, 0, 0, 0, 0)))
        talk.response(talk.command(), 2, sense=bytes((0x70, 0, 0x0B, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x47, 0, 0, 0, 0, 0)))
        """,
    "status-busy-while-window-open": """
        talk.open()
        for number in range(30):
            talk.test_unit_ready(8 if number % 2 else 0x28)
            talk.wait(2)
        """,
    "reservation-conflict-info": """
        talk.open()
        talk.test_unit_ready(0x08)
        """,
}
"What nearly breaks each rule."


@pytest.mark.parametrize("name", names(status_codes))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


@pytest.mark.parametrize(
    "sense",
    [
        bytes((0x70, 0, 0, 0, 0, 0, 0, 10)) + bytes(10),
        bytes((0x72, 0, 0, 0, 0, 0, 0, 0)),
        bytes((0x71, 0, 0, 0, 0, 0, 0, 10)) + bytes(10),
    ],
)
def test_no_sense_in_any_format_is_no_reason(sense: bytes) -> None:
    talk = Talk().open()
    talk.response(talk.command(), 2, sense=sense)
    assert findings_of(talk) == ["sense-key-reserved"]


@pytest.mark.parametrize("code", [(0x0B, 0x0C, 0x0C), (0x0B, 0x47, 0x05), (0x0B, 0x11, 0x13), (0x06, 0x47, 0x7F)])
def test_each_condition_of_iscsi_is_told_in_words(code: tuple[int, int, int]) -> None:
    talk = Talk().open()
    key, asc, ascq = code
    talk.response(talk.command(), 2, sense=bytes((0x72, key, asc, ascq, 0, 0, 0, 0)))
    facts = finding_of(talk, "sense-iscsi-condition").facts
    assert (facts["key"], facts["asc"], facts["ascq"]) == code
    assert facts["what"]


@pytest.mark.parametrize("status", [0x10, 0x14])
def test_an_obsolete_status_in_a_data_in_is_one(status: int) -> None:
    talk = Talk().open()
    talk.data_in(talk.command(read=512), 512, status=status)
    assert findings_of(talk) == ["rsp-status-obsolete"]


def test_a_closed_window_is_what_a_busy_target_should_have() -> None:
    talk = Talk().open()
    for _ in range(20):
        task = talk.command()
        talk.response(task, 0x28, max_cmd_sn=talk.session.exp_cmd_sn - 1)
        talk.target_ping()
    assert "status-busy-while-window-open" not in findings_of(talk)
