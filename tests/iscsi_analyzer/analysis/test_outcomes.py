"""Equal cases are one entry with a count, and nothing is counted as a fault that the capture may lack."""

from __future__ import annotations

from random import Random

import pytest

from iscsi_analyzer.model import task as model
from tests.iscsi_analyzer.analysis.studies import sample, study
from tests.iscsi_analyzer.stores import SENSE, every_kind
from tests.support import mangle_loss
from tests.support.talk import T2I, Talk
from tests.support.talk_load import mixture


def test_thousands_of_equal_statuses_are_one_group() -> None:
    first, second = sample("u32").outcomes.statuses
    assert (first.count, first.words, first.sense) == (
        2558,
        "CHECK CONDITION",
        "ILLEGAL REQUEST: LOGICAL BLOCK ADDRESS OUT OF RANGE (5/21/00)",
    )
    assert {(each.what, each.count) for each in first.operations} == {("READ(16)", 1535), ("READ(10)", 1023)}
    assert (second.count, second.sense_key) == (4, 6)
    assert len(first.tasks) == len(first.pdus) == 10


def test_sense_data_that_differ_only_in_their_information_are_one_group() -> None:
    talk = Talk().open()
    for lba in range(5):
        information = b"\xf0\0\x05" + lba.to_bytes(4, "big") + SENSE[7:]
        talk.response(talk.command(read=512, lba=lba), 2, sense=information)
    (group,) = study(talk).outcomes.statuses
    assert (group.count, group.asc, group.ascq) == (5, 0x21, 0)


def test_fixed_and_descriptor_format_descriptions_read_alike() -> None:
    talk = Talk().open()
    talk.response(talk.command(), 2, sense=bytes((0x72, 3, 0x11, 0, 0, 0, 0, 0)))
    talk.response(talk.command(), 2, sense=bytes((0x70, 0, 3, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x11, 0, 0, 0, 0, 0)))
    groups = study(talk).outcomes.statuses
    assert {group.sense for group in groups} == {"MEDIUM ERROR: UNRECOVERED READ ERROR (3/11/00)"}


def test_statuses_of_every_kind_are_named() -> None:
    found = study(every_kind()).outcomes
    assert {group.words for group in found.statuses} == {
        "CHECK CONDITION",
        "BUSY",
        "Target failure (response 0x01)",
    }
    assert found.good == sum(task.count for task in found.endings if task.what == "scsi: answered") - 3


def test_sense_data_that_was_cut_off_is_not_missing() -> None:
    words = {group.words for group in sample("f02").outcomes.statuses}
    assert words == {"CHECK CONDITION (sense data not captured)"}
    talk = Talk().open()
    talk.response(talk.command(), 2)
    assert study(talk).outcomes.statuses[0].words == "CHECK CONDITION without sense data"


def test_residuals_are_told_by_kind_and_operation() -> None:
    groups = {(group.kind, group.operation): group for group in sample("m54").outcomes.residuals}
    assert groups["overflow", "READ(10)"].count == 6
    assert groups["underflow", "READ(10)"].bytes == 18976


def test_requests_without_an_answer_say_how_long_they_waited() -> None:
    talk = Talk().open()
    talk.command(read=4096, lun=2)
    talk.nop_out(b"x")
    talk.wait(3)
    talk.fin(T2I)
    found = study(talk).outcomes.unanswered
    assert [(task.kind, task.what, task.outcome) for task in found] == [
        ("scsi", "READ(10)", "unanswered at close"),
        ("nop", "NOP-Out ping", "unanswered at close"),
    ]
    assert all(3e9 < task.waited_ns < 3.1e9 and not task.may_be_lost for task in found)


def test_an_answer_that_the_capture_may_lack_is_not_held_against_the_target() -> None:
    talk = mixture(3, pdus=300)
    for frames in (
        mangle_loss.drop(talk.frames, Random(1), share=0.1),
        mangle_loss.one_direction(talk.frames, "I2T"),
        mangle_loss.cut_middle(talk.frames, Random(2), count=60),
    ):
        found = study(frames).outcomes
        assert found.unanswered
        assert all(task.may_be_lost or task.outcome == "unanswered at end of capture" for task in found.unanswered)


@pytest.mark.parametrize("seed", range(4))
def test_a_healthy_conversation_has_nothing_unanswered(seed: int) -> None:
    found = study(mixture(seed, pdus=300, connections=1 + seed % 2)).outcomes
    assert found.unanswered == []
    assert {each.what.partition(": ")[2] for each in found.endings} == {model.OUTCOMES[model.ANSWERED]}


def test_rejects_tell_what_was_rejected_and_why() -> None:
    (group,) = sample("k84").outcomes.rejected
    assert (group.words, group.what, group.rejected_pdus) == ("Data (payload) digest error", "SCSI Data-Out", [48])
    talk = Talk().open()
    for number in range(3):
        talk.reject(talk.nop_out(b"x", target_tag=number + 3, tag=number + 9), 4)
    (group,) = study(talk).outcomes.rejected
    assert (group.count, group.reason, group.what, len(group.pdus)) == (3, 4, "NOP-Out", 3)


def test_a_reject_without_a_header_is_still_told() -> None:
    talk = Talk().open()
    talk.reject(talk.nop_out(b"x"), 9, data=b"")
    (group,) = study(talk).outcomes.rejected
    assert (group.opcode, group.what, group.words) == (-1, "", "Invalid PDU field")
