"""What tasks are, how they ended and how long they took; and the frames that tie their PDUs together."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from iscsi_analyzer.model.task import KINDS, OUTCOMES
from iscsi_analyzer.query.task_fields import related_fields, task_fields
from iscsi_analyzer.store.store import Store
from iscsi_analyzer.store.tasks import TaskRow, task_rows
from tests.iscsi_analyzer.query.slow import Slow
from tests.iscsi_analyzer.stores import busy, cut_short, found, found_tasks, varied

STORES = [varied, cut_short, busy]
SCSI: dict[str, Callable[[TaskRow], int]] = {
    "data_in": lambda task: task.data_in,
    "data_out": lambda task: task.data_out,
    "r2ts": lambda task: task.r2ts,
}
ANY: dict[str, Callable[[TaskRow], int]] = {
    "kind": lambda task: task.kind,
    "outcome": lambda task: task.outcome,
    "pdus": lambda task: task.pdus,
}


@pytest.mark.parametrize("make", STORES)
@pytest.mark.parametrize("name", [*SCSI, *ANY])
def test_numbers_of_task_rows(make: Callable[[], Store], name: str) -> None:
    store = make()
    tasks = list(task_rows(store))
    get = {**SCSI, **ANY}[name]
    concerned = {n: get(task) for n, task in enumerate(tasks, 1) if name in ANY or task.kind == 1}
    assert found_tasks(f"iscsi.task.{name}", store) == list(concerned)
    for value in set(concerned.values()):
        expected = [number for number, other in concerned.items() if other == value]
        assert found_tasks(f"iscsi.task.{name} == {value}", store) == expected


@pytest.mark.parametrize("make", STORES)
def test_kinds_and_outcomes_have_words(make: Callable[[], Store]) -> None:
    store = make()
    tasks = list(task_rows(store))
    for word in KINDS[1:]:
        assert found_tasks(f'iscsi.task.kind == "{word}"', store) == [
            number for number, task in enumerate(tasks, 1) if task.kind_name == word
        ]
    for word in OUTCOMES[1:]:
        assert found_tasks(f'iscsi.task.outcome == "{word}"', store) == [
            number for number, task in enumerate(tasks, 1) if task.outcome_name == word
        ]


@pytest.mark.parametrize("make", STORES)
@pytest.mark.parametrize("name", ["lba", "blocks", "status", "latency", "request", "answer"])
def test_values_of_tasks_are_those_of_their_pdus(make: Callable[[], Store], name: str) -> None:
    slow = Slow(make())
    values = [slow.of_task(index, name) for index in range(len(slow.tasks))]
    assert found_tasks(f"iscsi.task.{name}", slow.store) == [n for n, value in enumerate(values, 1) if value]
    unit = "ns" if name == "latency" else ""
    for value in {value for some in values for value in some}:
        expected = [n for n, some in enumerate(values, 1) if value in some]
        assert found_tasks(f"iscsi.task.{name} == {value}{unit}", slow.store) == expected


@pytest.mark.parametrize("make", STORES)
def test_operations_have_the_names_of_their_commands(make: Callable[[], Store]) -> None:
    slow = Slow(make())
    names = [slow.of_task(index, "operation") for index in range(len(slow.tasks))]
    for name in {name for some in names for name in some}:
        expected = [n for n, some in enumerate(names, 1) if name in some]
        assert found_tasks(f'iscsi.task.operation == "{name}"', slow.store) == expected
    assert found_tasks("iscsi.task.operation", slow.store) == [n for n, some in enumerate(names, 1) if some]


def test_a_command_that_reads_or_writes() -> None:
    assert found_tasks("iscsi.task.read", varied()) == found_tasks("iscsi.scsicommand.R == 1", varied())
    assert found_tasks("iscsi.task.write == True", varied()) == found_tasks("iscsi.scsicommand.W == 1", varied())
    assert found_tasks("iscsi.task.read == 0", varied()) == found_tasks("iscsi.scsicommand.R == 0", varied())
    assert found_tasks('iscsi.task.opcode == "READ(16)"', varied()) == found_tasks(
        'iscsi.task.operation == "READ(16)"', varied()
    )


def test_the_fields_of_a_task_and_those_of_its_command_agree() -> None:
    for of_task, of_pdu in (
        ("iscsi.task.lun == 1", "iscsi.opcode == 1 && scsi.lun == 1"),
        ("iscsi.task.edtl == 8192", "iscsi.scsicommand.expecteddatatransferlength == 8192"),
        ("iscsi.task.lba == 2048", "scsi_sbc.rdwr10.lba == 2048"),
        ("iscsi.task.residual == 512", "iscsi.scsiresponse.residualcount == 512"),
        ("iscsi.task.initiator_task_tag == 0", "iscsi.initiatortasktag == 0"),
        ("iscsi.task.status == busy", "iscsi.scsiresponse.status == busy"),
        ("iscsi.task.response == 1", "iscsi.scsiresponse.response == 1"),
    ):
        numbers = found(of_pdu, varied())
        assert numbers and set(numbers) <= set(found(of_task, varied())), of_task


def test_pdus_know_the_frames_of_their_request_and_answer() -> None:
    store = busy()
    slow = Slow(store)
    for number, row in enumerate(store.rows(), 1):
        index = slow.task_of.get(number)
        if index is None:
            continue
        task = slow.tasks[index]
        for name, pdu, but in (
            ("iscsi.response_frame", task.answer, number == task.answer),
            ("iscsi.data_in_frame", task.last_data_in, row.opcode == 0x25),
            ("iscsi.data_out_frame", task.last_data_out, row.opcode == 0x05),
            ("iscsi.r2t_frame", task.last_r2t, row.opcode == 0x31),
        ):
            if pdu and not but:
                assert number in found(f"{name} == {store.row(pdu).frame_last}", store)
            else:
                assert number not in found(name, store)
        if number == task.answer:
            spent = row.time_last - store.row(task.request).time_last
            assert number in found(f"iscsi.time == {spent}ns", store)
        else:
            assert number not in found("iscsi.time", store)
        if row.opcode == 0x31:
            spent = row.time_last - store.row(task.request).time_last
            assert number in found(f"iscsi.r2t_time == {spent}ns", store)
        if number > 60:
            break


def test_names_are_told_once() -> None:
    names = [field.name for field in (*task_fields(), *related_fields())]
    assert len(names) == len(set(names))
    assert all(
        field.looks_ahead or field.name in ("iscsi.request_frame", "iscsi.r2t_time")
        for field in (*task_fields(), *related_fields())
    )
