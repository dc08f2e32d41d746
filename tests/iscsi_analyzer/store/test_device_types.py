"""The type of a logical unit is known from its INQUIRY on, for the connection that asked."""

from __future__ import annotations

from iscsi_analyzer.store.device_types import Unit, device_types
from tests.iscsi_analyzer.stores import DISK, INQUIRY, TAPE, Feeding, store_of, varied
from tests.support.talk import Talk

LUN = 5 << 48


def asking(lun: int, data: bytes, cdb: bytes = INQUIRY) -> Talk:
    talk = Talk().open()
    task = talk.command(cdb, lun=lun, flags=0xC1, expected_data_transfer_length=96)
    talk.data_in(task, data, status=0)
    return talk


def test_an_inquiry_tells_the_type() -> None:
    store = store_of(asking(5, TAPE).frames)
    types = device_types(store)
    number = len(store)
    assert types.units() == types.others() == [Unit(1, LUN, number, 1)]
    assert types.of(1, LUN, number + 1) == 1
    assert types.of(1, LUN, number) is None, "not yet known to the command itself"
    assert types.of(2, LUN, number + 1) is None
    assert types.of(1, 0, number + 1) is None
    assert device_types(store) is types


def test_disks_read_as_everybody_does() -> None:
    types = device_types(store_of(asking(1, DISK).frames))
    assert [unit.device_type for unit in types.units()] == [0]
    assert types.others() == []


def test_what_is_no_standard_inquiry_of_a_device_tells_nothing() -> None:
    vital = INQUIRY[:1] + b"\x01\x83" + INQUIRY[3:]
    for cdb, data in ((vital, TAPE), (INQUIRY, b"\x7f" + TAPE[1:]), (bytes.fromhex("1a0000000400"), TAPE)):
        assert device_types(store_of(asking(5, data, cdb).frames)).units() == []


def test_the_first_answer_decides() -> None:
    talk = asking(5, TAPE)
    task = talk.command(INQUIRY, lun=5, flags=0xC1, expected_data_transfer_length=96)
    talk.data_in(task, DISK, status=0)
    assert [unit.device_type for unit in device_types(store_of(talk.frames)).units()] == [1]


def test_types_become_known_as_a_store_grows() -> None:
    feeding = Feeding()
    types = device_types(feeding.store)
    assert types.units() == []
    feeding.feed(asking(5, TAPE).frames)
    assert [unit.device_type for unit in types.units()] == [1]
    assert {unit.device_type for unit in device_types(varied()).units()} == {0, 1}
