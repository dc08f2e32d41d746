"""Tasks as rows, and what ends or repeats a task. (`store/test_tasks.py` reads every field of a row.)"""

from __future__ import annotations

import pytest

from iscsi_analyzer.model import task as model
from iscsi_analyzer.model.task import ALL_TASKS, NO_TASKS, TASK_SIZE, TASKS_OF_LUN, Task, TaskWriter, kind_of, scope_of
from tests.support.talk_pdu import COMMAND, LOGIN_REQUEST, LOGOUT_REQUEST, NOP_OUT, TEXT_REQUEST, TMF_REQUEST, header


@pytest.mark.parametrize(
    ("function", "scope"),
    [
        (1, NO_TASKS),  # ABORT TASK ends the one that it names
        (2, TASKS_OF_LUN),
        (3, NO_TASKS),  # CLEAR ACA
        (4, TASKS_OF_LUN),
        (5, TASKS_OF_LUN),
        (6, ALL_TASKS),
        (7, ALL_TASKS),
        (8, NO_TASKS),  # TASK REASSIGN
        (9, NO_TASKS),  # QUERY TASK
        (10, NO_TASKS),  # QUERY TASK SET
        (11, ALL_TASKS),
        (12, NO_TASKS),  # QUERY ASYNCHRONOUS EVENT
        (0, NO_TASKS),
        (127, NO_TASKS),
    ],
)
def test_functions_end_what_they_are_for(function: int, scope: int) -> None:
    """RFC 7143 section 11.5.1 and RFC 7144 section 6.3; what nobody knows ends nothing."""
    assert scope_of(function) == scope


def test_kinds_and_outcomes_have_words() -> None:
    kinds = [value for name, value in vars(model).items() if name.startswith("KIND_")]
    assert sorted(kinds) == list(range(1, len(model.KINDS))) and all(model.KINDS[1:])
    assert len(set(model.OUTCOMES)) == len(model.OUTCOMES) == model.NOT_FOLLOWED + 1


def test_requests_are_of_the_kind_that_their_opcode_says() -> None:
    opcodes = (NOP_OUT, TMF_REQUEST, LOGIN_REQUEST, TEXT_REQUEST, LOGOUT_REQUEST)
    assert [model.KINDS[kind_of(opcode)] for opcode in opcodes] == ["nop", "task-management", "login", "text", "logout"]


@pytest.mark.parametrize("large", [0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])
def test_large_numbers_are_written_as_they_are(large: int) -> None:
    """In both builds: the upper half of a pair must not spill."""
    task = Task(model.KIND_SCSI, large, 1, 1)
    task.length = task.data_in = task.data_out = task.residual = large
    task.lun = -1
    task.status = task.response = task.operation = task.flags = task.residual_flags = 255
    task.r2ts = 1 << 40
    writer = TaskWriter()
    writer.add(task, 2, model.NOT_FOLLOWED, 3, 4)
    row = writer.tail()
    assert len(row) == TASK_SIZE
    assert {int.from_bytes(row[at : at + 4], "little") for at in (40, 44, 56, 60, 64)} == {large}
    assert row[48:56] == b"\xff" * 8 and row[74:80] == b"\xff" * 6
    assert (row[72], row[73], row[80]) == (model.KIND_SCSI, model.NOT_FOLLOWED, 3)


def test_blocks_fill_up_and_stay() -> None:
    writer = TaskWriter()
    for number in range(1, model.TASKS_PER_BLOCK + 3):
        writer.add(Task(model.KIND_NOP, number, number, 1), 0, model.OPEN_AT_END, 0, 1)
    assert [len(block) // TASK_SIZE for block in writer.blocks] == [model.TASKS_PER_BLOCK]
    assert len(writer.tail()) == 2 * TASK_SIZE and writer.count == model.TASKS_PER_BLOCK + 2


FIELDS = {"initiator_task_tag": 9, "cmd_sn": 0xFFFFFFFF, "expected_data_transfer_length": 4096, "lun": 1 << 48}


def command(flags: int = 0xC1, **fields: int) -> bytes:
    return header(COMMAND, flags, cdb=b"\x28" + bytes(9), **{**FIELDS, **fields})


def asked(immediate: bool = False) -> Task:
    task = Task(model.KIND_SCSI, 9, 5, 1)
    task.cmd_sn, task.length, task.lun, task.flags, task.immediate = 0xFFFFFFFF, 4096, 1 << 48, 0xC1, immediate
    return task


def test_the_same_command_once_more_goes_on_with_its_task() -> None:
    assert asked().repeated_by(command(), 0xFFFFFFFF, 1)


@pytest.mark.parametrize(
    ("again", "cmd_sn", "connection"),
    [
        (command(), 0, 1),  # another CmdSN: a new command with an old tag
        (command(), -1, 1),  # not captured, so nobody knows
        (command(), 0xFFFFFFFF, 2),
        (command(0xA1), 0xFFFFFFFF, 1),
        (command(lun=2 << 48), 0xFFFFFFFF, 1),
        (command(expected_data_transfer_length=512), 0xFFFFFFFF, 1),
        (header(COMMAND, 0xC1, immediate=True, cdb=bytes(10), **FIELDS), 0xFFFFFFFF, 1),
    ],
)
def test_any_other_command_with_the_tag_is_a_new_task(again: bytes, cmd_sn: int, connection: int) -> None:
    assert not asked().repeated_by(again, cmd_sn, connection)


def test_immediate_commands_and_tasks_that_nobody_asked_for_are_not_repeated() -> None:
    """Immediate commands share their CmdSN with others."""
    assert not asked(immediate=True).repeated_by(command(), 0xFFFFFFFF, 1)
    unknown = asked()
    unknown.request = 0
    assert not unknown.repeated_by(command(), 0xFFFFFFFF, 1)
