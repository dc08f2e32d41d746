"""What commands ask for, read for all tasks at once, is what the decoder says of each alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from dissectors.iscsi.ahs import EXTENDED_CDB, build_ahs, full_cdb
from dissectors.scsi.cdb import Cdb, commands, parse_cdb
from dissectors.scsi.commands import VARIABLE
from iscsi_analyzer.model.task import KIND_SCSI
from iscsi_analyzer.store.device_types import device_types
from iscsi_analyzer.store.store import Store
from iscsi_analyzer.store.task_commands import task_commands
from iscsi_analyzer.store.tasks import TaskRow, task_columns, task_rows
from tests.iscsi_analyzer.stores import INQUIRY, TAPE, Feeding, busy, cut_short, sliced, store_of, varied
from tests.support.talk import Talk


def every_command() -> Talk:
    """One of every command that block devices and tapes know, with numbers in all of its bytes."""
    talk = Talk().open()
    task = talk.command(INQUIRY, lun=5, flags=0xC1, expected_data_transfer_length=96)
    talk.data_in(task, TAPE, status=0)
    for lun, device_type in ((0, None), (5, 1)):
        for command in commands(device_type):
            for fill in (b"\0", b"\x5a", b"\xff"):
                cdb = bytearray(bytes((command.opcode,)) + fill * 31)
                action = command.service_action
                if command.opcode == VARIABLE:
                    cdb[7] = 24
                    cdb[8:10] = (action or 0).to_bytes(2, "big")
                    talk.test_unit_ready(cdb=bytes(cdb[:16]), lun=lun, ahs=build_ahs(EXTENDED_CDB, bytes(cdb[16:])))
                    continue
                if action is not None:
                    cdb[1] = cdb[1] & 0xE0 | action
                talk.test_unit_ready(cdb=bytes(cdb[:16]), lun=lun)
    return talk


@cache
def whole() -> Store:
    return store_of(every_command().frames)


@cache
def cut(header: int) -> Store:
    return store_of(sliced(every_command().frames, 14 + 20 + 32 + header))


def alone(store: Store, row: TaskRow) -> Cdb | None:
    """The CDB of one task."""
    if row.kind != KIND_SCSI or not row.request:
        return None
    request = store.row(row.request)
    cdb = full_cdb(request.header[: request.header_captured], store.ahs(row.request))
    return parse_cdb(cdb, device_types(store).of(row.connection, row.lun, row.request)) if cdb else None


@pytest.mark.parametrize(
    "make", [varied, cut_short, busy, whole, *(lambda size=size: cut(size) for size in (47, 42, 37, 34, 33, 30))]
)
def test_all_at_once_is_as_one_by_one(make: Callable[[], Store]) -> None:
    store = make()
    asked = task_commands(store)
    operation, lba, blocks = asked.operation(), asked.lba(), asked.blocks()
    for index, row in enumerate(task_rows(store)):
        cdb = alone(store, row)
        assert asked.names[operation[index]] == ("" if cdb is None else cdb.name)
        first = None if cdb is None else cdb.lba
        count = None if cdb is None else cdb.blocks
        assert (int(lba.values[index]) if lba.known[index] else None) == first, cdb
        assert (int(blocks.values[index]) if blocks.known[index] else None) == count, cdb


def test_the_commands_of_a_growing_store_are_read_once_each() -> None:
    feeding = Feeding()
    talk = Talk().open()
    for number in range(30):
        talk.read(512, lba=number)
    for start in range(0, len(talk.frames), 9):
        feeding.feed(talk.frames[start : start + 9])
        asked = task_commands(feeding.store)
        assert len(asked.operation()) == task_columns(feeding.store).count
    assert asked.lba().values[asked.lba().known].tolist() == list(range(30))
    assert asked.names == ["", "READ(10)"]
    assert task_commands(feeding.store) is asked
