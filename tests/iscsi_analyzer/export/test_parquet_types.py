"""Every field of a record has a column with a type that holds all its values."""

from __future__ import annotations

import re

import msgspec
import pytest

pa = pytest.importorskip("pyarrow")

from dissectors.fields import BYTES  # noqa: E402
from dissectors.pdu import PDU_TYPES  # noqa: E402
from dissectors.scsi.cdb import commands  # noqa: E402
from iscsi_analyzer.export import parquet_types as types  # noqa: E402
from iscsi_analyzer.export.record_tables import TABLES  # noqa: E402
from tests.iscsi_analyzer.export.faulty import faulty  # noqa: E402


@pytest.mark.parametrize("name", TABLES)
def test_columns_are_the_fields_of_the_record_in_order(name: str) -> None:
    kind = TABLES[name].kind
    assert tuple(types.schema_of(kind).names) == tuple(kind.__struct_fields__)


@pytest.mark.parametrize("name", TABLES)
def test_texts_that_are_numbers_of_seconds_are_typed(name: str) -> None:
    """A field whose JSON is seconds with nine decimals is a time or a duration."""
    kind, records = TABLES[name]
    schema = types.schema_of(kind)
    for record in records(faulty().store, None):
        for field, value in msgspec.structs.asdict(record).items():
            if isinstance(value, str) and re.fullmatch(r"-?\d+\.\d{9}", value):
                assert schema.field(field).type in (types.TIME, types.DECIMAL), field


def test_numbers_that_need_64_bits_have_them() -> None:
    wide = {row.name for kind in PDU_TYPES for row in kind.fields if row.width >= 8 and row.kind != BYTES}
    counts = {"lba" for command in commands() for row in command.fields if row.name == "lba"}
    assert wide & set(TABLES["pdus"].kind.__struct_fields__) <= types.WIDE | {"specific_8"}
    assert counts <= types.WIDE
    assert all(row.width < 8 for command in commands() for row in command.fields if row.name == command.count != "lba")


def test_times_and_durations_keep_their_nanoseconds() -> None:
    found = types.array(["1795174333.886282001", None, "-0.000000001"], types.TIME)
    assert found.cast(pa.int64()).to_pylist() == [1795174333886282001, None, -1]
    found = types.array(["12.000000001", None, "-0.500000000"], types.DECIMAL)
    assert [None if each is None else str(each) for each in found.to_pylist()] == ["12.000000001", None, "-0.500000000"]


def test_the_largest_number_fits() -> None:
    assert types.array([2**64 - 1], pa.uint64()).to_pylist() == [2**64 - 1]
