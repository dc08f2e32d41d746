"""Every request is followed to its answer, whatever tags are used for, comes late, or was not captured."""

from __future__ import annotations

from collections import Counter

import pytest

from iscsi_analyzer.model import task as model
from iscsi_analyzer.store.store import Store
from iscsi_analyzer.store.tasks import TaskRow, task_rows
from tests.iscsi_analyzer.stores import sliced, store_of
from tests.support.talk import I2T, T2I, Talk
from tests.support.talk_pdu import DATA_OUT, NOP_OUT


def tasks(talk: Talk) -> list[TaskRow]:
    """The tasks behind the login, in the order of their requests."""
    found = [row for row in task_rows(store_of(talk.frames)) if row.kind != model.KIND_LOGIN]
    return sorted(found, key=lambda row: row.request)


def told(talk: Talk) -> list[tuple[str, str]]:
    return [(row.kind_name, row.outcome_name) for row in tasks(talk)]


def requests(store: Store) -> list[int]:
    """For each PDU the one that asked for it."""
    return [row.request for row in store.rows()]


def test_a_tag_that_is_used_again_makes_a_new_task() -> None:
    talk = Talk().open()
    tag = talk.test_unit_ready().tag
    task = talk.command(read=512, tag=tag)
    talk.data_in(task, 512, status=0)
    assert told(talk) == [("scsi", "answered")] * 2
    assert [row.answer - row.request for row in tasks(talk)] == [1, 1]


def test_a_tag_that_is_used_again_too_early_ends_the_first_task() -> None:
    talk = Talk().open()
    tag = talk.command(read=512).tag
    talk.response(talk.command(tag=tag))
    first, second = tasks(talk)
    assert (first.outcome_name, first.by, second.outcome_name) == ("tag used again", second.request, "answered")


def test_a_command_that_is_sent_again_goes_on_with_its_task() -> None:
    """A retry has the tag and the CmdSN of the first time (RFC 7143 section 7.2.1): one task, as long as it took."""
    talk = Talk().open()
    task = talk.command(read=512, lba=8)
    talk.wait(3)
    talk.command(read=512, lba=8, tag=task.tag, cmd_sn=task.cmd_sn)
    talk.data_in(task, 512, status=0)
    (row,) = tasks(talk)
    assert (row.outcome_name, row.pdus, row.answer - row.request) == ("answered", 3, 2)
    assert requests(store_of(talk.frames))[-2:] == [row.request, row.request]


def test_a_reject_of_a_retry_leaves_the_task_in_progress() -> None:
    """Reason 7: task in progress (RFC 7143 section 11.17.1)."""
    talk = Talk().open()
    task = talk.command(read=512)
    talk.command(read=512, tag=task.tag, cmd_sn=task.cmd_sn)
    talk.reject(talk.pdus[-1], 7)
    talk.data_in(task, 512, status=0)
    assert told(talk) == [("scsi", "answered")]


@pytest.mark.parametrize(
    ("reason", "ends"), [(2, False), (3, False), (4, True), (5, True), (6, True), (8, False), (9, True)]
)
def test_a_reject_ends_the_task_unless_it_can_go_on(reason: int, ends: bool) -> None:
    talk = Talk().open()
    talk.command(read=512)
    talk.reject(talk.pdus[-1], reason)
    (row,) = tasks(talk)
    assert (row.outcome_name == "rejected") == ends
    assert row.pdus == 2 and (row.answer > 0) == ends


@pytest.mark.parametrize("quoted", [b"", b"\x01\x81" + bytes(20), b"\x31\x80" + bytes(46), b"\x05\x80" + bytes(46)])
def test_a_reject_of_nothing_that_asks_ends_nothing(quoted: bytes) -> None:
    """Too short, an answer, data; a tag that nobody has."""
    talk = Talk().open()
    request = talk.command(read=512, tag=0)
    talk.reject(talk.pdus[-1], 9, data=quoted)
    talk.data_in(request, 512, status=0)
    assert told(talk) == [("scsi", "answered")]


def test_data_that_was_under_way_when_its_task_ended_is_no_task() -> None:
    talk = Talk(initial_r2t=False, immediate_data=False).open()
    task = talk.command(write=8192, final=False)
    with talk.deaf(I2T):
        talk.response(task, 2)
        talk.data_out(task, 4096)
        talk.data_out(task, 4096)
    store = store_of(talk.frames)
    assert told(talk) == [("scsi", "answered")]
    late = [row.request for row in store.rows() if row.opcode == DATA_OUT]
    assert late == [tasks(talk)[0].request] * 2
    assert store.sessions[0].late == 2


@pytest.mark.parametrize("end", ["abort", "reject"])
def test_what_comes_after_an_abort_or_reject_belongs_to_the_task_that_is_over(end: str) -> None:
    """From either side; and a new task with the tag is a new task."""
    talk = Talk().open()
    task = talk.command(write=8192)
    command = talk.pdus[-1]
    burst = talk.r2t(task)
    with talk.deaf(I2T):
        if end == "abort":
            talk.tmf(1, task)
        else:
            talk.reject(command, 9)
        talk.data_out(task, 8192, burst=burst)
    talk.response(task)
    before = len(talk.pdus)
    talk.test_unit_ready(tag=task.tag)
    rows = [row for row in tasks(talk) if row.kind == model.KIND_SCSI]
    assert [row.outcome_name for row in rows] == ["aborted" if end == "abort" else "rejected", "answered"]
    assert requests(store_of(talk.frames))[before - 2 : before] == [rows[0].request] * 2


def test_answers_to_nobody_are_tasks_without_request() -> None:
    talk = Talk().open()
    ghost = talk.command(read=512)
    frames = talk.frames[:-1]
    for number in range(2):
        talk.data_in(ghost, 256, status=0 if number else None)
    store = store_of([*frames, *talk.frames[len(frames) + 1 :]])
    rows = [row for row in task_rows(store) if row.kind == model.KIND_SCSI]
    assert [(row.outcome_name, row.request, row.data_in, row.pdus) for row in rows] == [
        ("answer without request", 0, 512, 2)
    ]


def test_pings_of_the_target_are_tasks_by_their_transfer_tag() -> None:
    talk = Talk().open()
    with talk.deaf(I2T):
        talk.nop_in(target_tag=5)
        talk.nop_in(target_tag=6)
    talk.nop_out(target_tag=6)
    talk.nop_out(target_tag=5)
    rows = tasks(talk)
    assert [(row.kind_name, row.outcome_name, row.tag) for row in rows] == [
        ("target-ping", "answered", 5),
        ("target-ping", "answered", 6),
    ]


def test_a_ping_with_the_transfer_tag_of_an_open_one_hides_neither() -> None:
    talk = Talk().open()
    talk.nop_in(target_tag=5)
    talk.nop_in(target_tag=5)
    talk.nop_out(target_tag=5)
    assert told(talk) == [("target-ping", "tag used again"), ("target-ping", "answered")]


def test_an_answer_that_wants_none_and_an_answer_to_no_ping_open_nothing() -> None:
    talk = Talk().open()
    talk.nop_in(target_tag=0xFFFFFFFF)
    talk.nop_out(target_tag=77)
    talk.send(I2T, NOP_OUT, initiator_task_tag=0xFFFFFFFF, target_transfer_tag=0xFFFFFFFF, immediate=True)
    assert told(talk) == []


def test_a_text_negotiation_over_several_pdus_is_one_task() -> None:
    talk = Talk().open()
    request = talk.text_request({"X-a": "1"}, more=True)
    answer = talk.text_response(more=True, tag=request.word(16))
    talk.text_request({"X-b": "2"}, tag=request.word(16), target_transfer_tag=answer.word(20))
    talk.text_response({"X-a": "NotUnderstood"}, tag=request.word(16))
    (row,) = tasks(talk)
    assert (row.kind_name, row.outcome_name, row.pdus) == ("text", "answered", 4)


@pytest.mark.parametrize(
    ("function", "open_after"),
    [(1, {2, 3, 4}), (2, {4}), (4, {4}), (5, {4}), (6, set()), (7, set()), (8, {1, 2, 3, 4}), (11, set())],
)
def test_task_management_ends_what_it_names_and_what_was_sent_before(function: int, open_after: set[int]) -> None:
    """Tags 1 to 3 are for LUN 0, tag 4 for LUN 1."""
    talk = Talk().open()
    named = talk.command(read=512, tag=1)
    for tag, lun in ((2, 0), (3, 0), (4, 1)):
        talk.command(read=512, tag=tag, lun=lun)
    request = talk.tmf_request(function, named if function in (1, 8) else None, tag=50)
    talk.command(read=512, tag=5)
    talk.tmf_response(0, tag=request.word(16))
    rows = [row for row in tasks(talk) if row.kind == model.KIND_SCSI]
    assert {row.tag for row in rows if row.outcome != model.ABORTED} == open_after | {5}
    answer = next(row.answer for row in tasks(talk) if row.kind == model.KIND_TMF)
    assert {row.by for row in rows if row.outcome == model.ABORTED} <= {answer}


@pytest.mark.parametrize("response", [1, 2, 3, 4, 5, 6, 255])
def test_task_management_that_was_refused_ends_nothing(response: int) -> None:
    talk = Talk().open()
    talk.tmf(1, talk.command(read=512), response=response)
    assert ("scsi", "unanswered at end of capture") in told(talk)


def test_a_task_of_one_connection_may_be_answered_on_another() -> None:
    """Not allowed for commands, but it is the session's task all the same."""
    talk = Talk(max_connections=2).open()
    other = talk.join().open()
    task = talk.command(read=512)
    other.data_in(task, 512, status=0)
    (row,) = tasks(talk)
    assert (row.outcome_name, row.connection) == ("answered", 1)


@pytest.mark.parametrize("kept", [24, 26, 27, 28, 31, 32, 47])
def test_of_a_cut_header_only_what_is_there_counts(kept: int) -> None:
    """Zeros that stand for bytes which were not captured are no numbers."""
    talk = Talk(timestamps=False).open()
    talk.session.cmd_sn = 0x01020304
    for number in range(3):
        talk.test_unit_ready(lun=number)
    store = store_of(sliced(talk.frames, 54 + kept))
    session = store.sessions[0]
    assert session.cmd_sn == (0x01020307 if kept >= 28 else -1)
    assert Counter(row.outcome_name for row in task_rows(store) if row.kind == model.KIND_SCSI) == {"answered": 3}


def test_a_header_that_ends_before_its_tags_belongs_to_nothing() -> None:
    talk = Talk(timestamps=False).open()
    talk.test_unit_ready()
    talk.test_unit_ready()
    frames = list(talk.frames)
    frames[-1] = frames[-1]._replace(data=frames[-1].data[: 54 + 20])
    store = store_of(frames)
    assert len(store) == len(talk.pdus) and store.row(len(store)).header_captured == 20
    outcomes = [row.outcome_name for row in task_rows(store) if row.kind == model.KIND_SCSI]
    assert outcomes == ["answered", "unanswered at end of capture"]


@pytest.mark.parametrize("direction", [I2T, T2I])
def test_an_opcode_of_the_other_side_moves_nothing(direction: str) -> None:
    talk = Talk().open()
    task = talk.command(read=512)
    opcode = 0x21 if direction == I2T else 0x01
    talk.send(direction, opcode, initiator_task_tag=task.tag)
    talk.data_in(task, 512, status=0)
    assert told(talk) == [("scsi", "answered")]


def test_every_loss_is_counted_so_that_older_tasks_may_lack_pdus() -> None:
    """And with it goes what the other side had said last."""
    talk = Talk().open()
    for number in range(4):
        talk.read(512, lba=number)
    whole = store_of(talk.frames).followers[0]
    assert (whole.losses, whole.stat_sn, whole.exp_stat_sn) == (0, talk.stat_sn - 1, talk.exp_stat_sn - 1)
    frames = [frame for number, frame in enumerate(talk.frames) if number != len(talk.frames) - 3]
    holed = store_of(frames).followers[0]
    assert holed.losses == 1 and holed.exp_stat_sn == talk.exp_stat_sn - 1
