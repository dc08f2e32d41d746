"""What PDUs of a kind say alike is what the record of each of them says."""

from __future__ import annotations

import numpy as np

from dissectors.iscsi import layout as at
from iscsi_analyzer.export import quick_plans
from iscsi_analyzer.export.pdu_kind import Kind, Rows, looked_at, read, said
from iscsi_analyzer.export.quick_lines import NUMBER, Step
from iscsi_analyzer.store import rows
from iscsi_analyzer.store.columns import pdu_columns
from tests.support.command import analysed
from tests.support.talk import Talk


def table(talk: Talk) -> Rows:
    store = analysed(talk).store
    return Rows(pdu_columns(store).gather_bytes(0, rows.ROW_SIZE, np.arange(len(store))))


def test_rows_are_read_by_field() -> None:
    talk = Talk(data_digest=True).open()
    talk.read(4096)
    found = table(talk)
    store = analysed(talk).store
    assert [found.opcode.tolist(), found.flags.tolist(), found.length.tolist()] == [
        [row.opcode for row in store.rows()],
        [row.flags for row in store.rows()],
        [row.length for row in store.rows()],
    ]


def test_a_number_is_read_from_any_place_and_without_a_sign() -> None:
    data = np.full((2, rows.ROW_SIZE), 0xFF, dtype=np.uint8)
    whole = Step(NUMBER, b',"lba":', 2, 0, -1)
    byte = Step(NUMBER, b',"x":', 2, 56, 0xFF)
    places = np.arange(2)
    assert read(whole, data, places, at.AT_CDB).tolist() == [2**64 - 1] * 2
    assert read(byte, data, places).tolist() == [255, 255]


def test_a_kind_says_what_its_pdus_say_alike_and_reads_their_numbers() -> None:
    talk = Talk().open()
    talk.command(read=8192, lun=3)
    found = table(talk)
    place = len(found.data) - 1
    program = quick_plans.programs()[at.OP_SCSI_COMMAND]
    assert program is not None
    kind = Kind(program, quick_plans.commands()[found.header[place, at.AT_CDB]], found.data[place].tobytes())
    assert kind.same["opcode_name"] == "SCSI Command"
    assert kind.same["direction"] == "I2T"
    assert (kind.same["read"], kind.same["write"], kind.same["cut"]) == (True, False, False)
    assert not kind.asked
    places = np.array([place])
    assert kind.numbers(found.data, places)["expected_data_transfer_length"].tolist() == [8192]
    texts = kind.texts(found.data, places)
    assert texts["lun"] == [3]
    assert texts["cdb"] == [found.header[place, at.AT_CDB :].tobytes().hex()]


def test_what_makes_kinds_different_is_a_byte_each() -> None:
    talk = Talk().open()
    talk.read(4096)
    found = table(talk)
    for opcode, program in enumerate(quick_plans.programs()):
        places = np.flatnonzero(found.opcode == opcode)
        if program is not None and len(places):
            assert all(value.min() >= 0 and value.max() < 256 for value in looked_at(program, found.data, places))


def test_a_fragment_of_json_is_a_dictionary() -> None:
    assert said(b"") == {}
    assert said(b',"a":1,"b":"x"') == {"a": 1, "b": "x"}
