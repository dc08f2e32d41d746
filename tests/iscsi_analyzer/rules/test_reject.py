"""Rejects: reasons, headers, and what follows."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import reject
from tests.iscsi_analyzer.rules.judging import (
    accused,
    check_example,
    check_losses,
    check_near,
    finding_of,
    findings_of,
    names,
    without,
)
from tests.support.mangle_loss import snap
from tests.support.talk import Talk

NEAR = {
    "reject-reason-unassigned": """
        talk.open()
        talk.reject(talk.nop_out(), reason=0x0C)
        talk.command(immediate=True)
        talk.reject(talk.command(immediate=True) and talk.pdus[-1], reason=6)
        """,
    "reject-reason-0b": """
        talk.open()
        talk.reject(talk.text_request({"X-com.example.a": "1"}), reason=0x0A)
        """,
    "reject-itt": """
        talk.open()
        talk.reject(talk.nop_out())
        """,
    "reject-header-missing": """
        talk.open()
        talk.command(flags=0xE1, read=512, write=512, ahs=bytes((0, 5, 2, 0, 0, 0, 2, 0)))
        pdu = talk.pdus[-1]
        talk.reject(pdu, reason=9, data=pdu.header + pdu.ahs)
        """,
    "reject-header-unknown": """
        talk.open()
        early = talk.nop_out(immediate=True)
        for _ in range(40):
            talk.test_unit_ready()
        talk.reject(early)
        """,
    "reject-reason-inappropriate": """
        talk.open()
        talk.nop_out(immediate=True)
        talk.reject(talk.nop_out(immediate=True), reason=6)
        """,
    "reject-datasn-reserved": """
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(read=8192)
        talk.data_in(task, 4096)
        talk.reject(talk.snack(0, task=task, begin=0, run=1), reason=4, data_sn=1)
        """,
    "reject-then-response": """
        talk.open()
        task = talk.command()
        talk.reject(talk.pdus[-1], reason=5)
        talk.response(talk.command(tag=task.tag))
        """,
}
"What nearly breaks each rule."


@pytest.mark.parametrize("name", names(reject))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


def test_a_reject_whose_pdu_the_capture_lacks_is_nobodys_fault() -> None:
    talk = Talk().open()
    talk.test_unit_ready()
    talk.reject(talk.nop_out())
    frame = next(pdu.spans[0][0] for pdu in talk.pdus if pdu.opcode == 0x00)
    assert findings_of(without(talk, frame)) == []


def test_a_header_that_was_cut_by_the_snap_length_is_not_compared() -> None:
    talk = Talk().open()
    talk.reject(talk.nop_out())
    for length in range(54, 170, 4):
        assert accused(snap(talk.frames, length)) == []


def test_many_rejects_are_searched_for_a_bounded_number_of_times() -> None:
    """Each search looks back over hundreds of PDUs; a storm of Rejects must not cost a search each."""
    talk = Talk().open()
    for _ in range(100):
        talk.reject(talk.nop_out(), data=bytes(48))
    finding = finding_of(talk, "reject-header-unknown")
    assert finding.count == 64
