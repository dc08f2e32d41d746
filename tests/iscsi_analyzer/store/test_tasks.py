"""Rows and columns of tasks say the same, and their times are those of their PDUs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from iscsi_analyzer.model import task as model
from iscsi_analyzer.store.store import Store
from iscsi_analyzer.store.tasks import (
    FIELDS,
    NO_TIME,
    Phases,
    TaskRow,
    task_columns,
    task_count,
    task_row,
    task_rows,
)
from tests.iscsi_analyzer.stores import Feeding, busy, cut_short, every_kind, store_of, varied
from tests.support.talk import Talk
from tests.support.talk_load import mixture

STORES = [varied, cut_short, busy]


@pytest.mark.parametrize("make", STORES)
def test_rows_and_columns_say_the_same(make: Callable[[], Store]) -> None:
    store = make()
    rows = list(task_rows(store))
    columns = task_columns(store)
    assert len(rows) == task_count(store) == columns.count > 0
    for name in TaskRow._fields:
        assert columns.field(name).tolist() == [getattr(row, name) for row in rows], name
    assert [task_row(store, number) for number in range(1, len(rows) + 1)] == rows
    assert list(task_rows(store, 5)) == rows[4:]
    assert columns is task_columns(store)


def test_there_is_no_task_beyond_the_last() -> None:
    store = varied()
    for number in (0, -1, task_count(store) + 1):
        with pytest.raises(IndexError):
            task_row(store, number)


def test_fields_lie_where_the_model_writes_them() -> None:
    task = model.Task(model.KIND_SCSI, 0x11111111, 2, 3)
    (task.first_r2t, task.last_r2t, task.first_data_out, task.last_data_out) = (4, 5, 6, 7)
    (task.first_data_in, task.last_data_in, task.length, task.lun) = (8, 9, 0xFFFFFFFF, 0x0102030405060708)
    (task.data_in, task.data_out, task.residual, task.pdus) = (10, 11, 12, 13)
    (task.status, task.response, task.operation, task.flags, task.residual_flags, task.r2ts) = (
        2,
        1,
        0x28,
        0xC1,
        2,
        300,
    )
    writer = model.TaskWriter()
    writer.add(task, 14, model.ANSWERED, 15, 16)
    row = writer.tail()
    values = {name: int(np.frombuffer(row, kind, 1, offset)[0]) for name, (offset, kind) in FIELDS.items()}
    assert values == {
        "request": 2,
        "answer": 14,
        "first_r2t": 4,
        "last_r2t": 5,
        "first_data_out": 6,
        "last_data_out": 7,
        "first_data_in": 8,
        "last_data_in": 9,
        "connection": 3,
        "session": 16,
        "tag": 0x11111111,
        "length": 0xFFFFFFFF,
        "lun": 0x0102030405060708,
        "data_in": 10,
        "data_out": 11,
        "residual": 12,
        "pdus": 13,
        "kind": model.KIND_SCSI,
        "outcome": model.ANSWERED,
        "status": 2,
        "response": 1,
        "operation": 0x28,
        "flags": 0xC1,
        "residual_flags": 2,
        "r2ts": 255,
        "by": 15,
        "unused": 0,
    }
    assert sum(np.dtype(kind).itemsize for _, kind in FIELDS.values()) == model.TASK_SIZE


def test_words_of_a_row() -> None:
    words = [(row.kind_name, row.outcome_name) for row in task_rows(varied())]
    assert ("scsi", "aborted") in words and ("login", "answered") in words
    assert ("scsi", "unanswered at close") in words


@pytest.mark.parametrize("make", STORES)
def test_times_and_frames_are_those_of_the_pdus(make: Callable[[], Store]) -> None:
    store = make()
    columns = task_columns(store)
    rows = list(task_rows(store))
    for name in ("request", "answer", "first_r2t", "last_data_in"):
        pdus = [store.row(getattr(row, name)) if getattr(row, name) else None for row in rows]
        first = [NO_TIME if pdu is None else pdu.time_first for pdu in pdus]
        last = [NO_TIME if pdu is None else pdu.time_last for pdu in pdus]
        assert columns.time(name, last=False).tolist() == first
        assert columns.time(name, last=True).tolist() == last
        assert columns.frame(name).tolist() == [0 if pdu is None else pdu.frame_last for pdu in pdus]


@pytest.mark.parametrize("make", STORES)
def test_cdbs_are_those_of_the_commands(make: Callable[[], Store]) -> None:
    store = make()
    columns = task_columns(store)
    cdbs, captured = columns.cdb(), columns.cdb_captured()
    for index, row in enumerate(task_rows(store)):
        request = store.row(row.request) if row.request else None
        if request is not None and request.opcode == 1:
            assert cdbs[index].tobytes() == request.header[32:48]
            assert captured[index] == min(max(request.header_captured - 32, 0), 16)
        else:
            assert not cdbs[index].any()
    assert columns.cdb(3, 5).tolist() == cdbs[3:5].tolist()


def phases_of(store: Store, row: TaskRow) -> Phases:
    """The phases of one task, slowly."""

    def first(pdu: int) -> int | None:
        return store.row(pdu).time_first if pdu else None

    def last(pdu: int) -> int | None:
        return store.row(pdu).time_last if pdu else None

    def between(start: int | None, end: int | None) -> int:
        return NO_TIME if start is None or end is None else end - start

    ends = [time for time in map(last, (row.last_data_in, row.last_data_out, row.last_r2t)) if time is not None]
    before = max(ends) if ends else last(row.request)
    reads = bool(row.first_data_in)
    return Phases(
        to_r2t=between(first(row.request), last(row.first_r2t)),
        r2t_to_data_out=between(last(row.first_r2t), last(row.last_data_out)),
        to_data_in=between(first(row.request), first(row.first_data_in)),
        data=between(
            first(row.first_data_in if reads else row.first_data_out),
            last(row.last_data_in if reads else row.last_data_out),
        ),
        to_answer=between(before, last(row.answer)) if row.request else NO_TIME,
        latency=between(first(row.request), last(row.answer)),
    )


@pytest.mark.parametrize("make", STORES)
def test_phases_are_the_times_between_the_pdus(make: Callable[[], Store]) -> None:
    store = make()
    columns = task_columns(store)
    expected = [phases_of(store, row) for row in task_rows(store)]
    found = columns.phases()
    for name in Phases._fields:
        assert getattr(found, name).tolist() == [getattr(one, name) for one in expected], name
        assert columns.phase(name).tolist() == getattr(found, name).tolist()
    assert columns.latency().tolist() == found.latency.tolist()


def test_phases_of_an_answered_task_add_up_to_its_latency() -> None:
    store = busy()
    found = task_columns(store).phases()
    reads = writes = 0
    for index, row in enumerate(task_rows(store)):
        one = Phases(*(int(column[index]) for column in found))  # type: ignore[arg-type]
        if row.kind != model.KIND_SCSI or row.outcome != model.ANSWERED:
            continue
        if row.first_data_in:
            reads += 1
            assert one.to_data_in + one.data + one.to_answer == one.latency
        elif row.first_r2t:
            writes += 1
            assert one.to_r2t + one.r2t_to_data_out + one.to_answer == one.latency
        assert one.latency >= 0
    assert reads and writes


def test_tasks_without_request_or_answer_have_no_latency() -> None:
    talk = Talk().open()
    talk.command(read=512)
    store = store_of(talk.frames)
    assert task_columns(store).latency().tolist()[-1] == NO_TIME
    assert task_columns(store).phase("to_answer").tolist()[-1] == NO_TIME


def test_columns_grow_with_the_store_and_never_name_a_pdu_that_is_not_there() -> None:
    feeding = Feeding()
    frames = mixture(seed=9, pdus=200).frames
    for start in range(0, len(frames), 13):
        feeding.feed(frames[start : start + 13])
        columns = task_columns(feeding.store)
        assert columns.count == task_count(feeding.store)
        expected = [phases_of(feeding.store, row).latency for row in task_rows(feeding.store)]
        assert columns.latency().tolist() == expected


def test_a_task_whose_answer_is_not_written_yet_waits() -> None:
    feeding = Feeding()
    feeding.feed(every_kind().frames[:60])
    columns = task_columns(feeding.store)
    before = columns.count
    task = model.Task(model.KIND_SCSI, 1, 1, 1)
    feeding.engine.listener.sessions.tasks.add(task, len(feeding.store) + 1, model.ANSWERED, 0, 1)
    assert columns.refresh() == before
    assert len(columns.latency()) == before
    assert task_count(feeding.store) == before + 1
