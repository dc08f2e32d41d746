"""The LUN as the number that people use, of every PDU of a SCSI task."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dissectors.scsi.lun import parse_lun
from iscsi_analyzer.query.lun_field import lun_numbers
from tests.iscsi_analyzer.stores import cut_short, found, varied

FORMS = st.one_of(
    st.integers(0, (1 << 64) - 1),
    st.integers(0, 0x3FFF).map(lambda number: (0x4000 | number) << 48),
    st.integers(0, 255).map(lambda number: number << 48),
    st.integers(0, 0xFFFFFF).map(lambda number: (0xD2000000 | number) << 32),
    st.just(0xC101 << 48),
)


@given(st.lists(FORMS, max_size=20))
def test_numbers_are_those_of_the_dissector(luns: list[int]) -> None:
    expected = [parse_lun(lun.to_bytes(8, "big")).number for lun in luns]
    assert lun_numbers(np.array(luns, dtype=np.uint64)).tolist() == expected


def test_data_and_responses_have_the_lun_of_their_command() -> None:
    for store in (varied(), cut_short()):
        for number, row in enumerate(store.rows(), 1):
            if row.opcode in (0x05, 0x21, 0x25):
                assert store.row(row.request).opcode == 1
                lun = parse_lun(store.row(row.request).header[8:16]).number
                assert number in found(f"scsi.lun == {lun}", store)
                assert number not in found(f"scsi.lun != {lun}", store)


def test_a_lun_that_means_nothing_is_not_there() -> None:
    assert found("iscsi.opcode == 0x00 && iscsi.targettransfertag == 0xffffffff && scsi.lun", varied()) == []
    assert found("iscsi.opcode == login && scsi.lun", varied()) == []
    assert found("iscsi.taskmanfun.function == 5 && scsi.lun == 2", varied()) != []


def test_flat_addresses_are_plain_numbers() -> None:
    assert found("scsi.lun == 256", varied()) != []
