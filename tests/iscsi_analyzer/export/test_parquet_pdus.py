"""PDUs that become columns group by group are the same as record by record."""

from __future__ import annotations

import pytest

pa = pytest.importorskip("pyarrow")

from iscsi_analyzer.export.parquet import record_batches  # noqa: E402
from iscsi_analyzer.export.parquet_pdus import pdu_batches  # noqa: E402
from iscsi_analyzer.export.parquet_types import WORD, schema_of  # noqa: E402
from iscsi_analyzer.export.pdu_record import PduRecord  # noqa: E402
from iscsi_analyzer.export.record_tables import TABLES  # noqa: E402
from iscsi_analyzer.store.store import Store  # noqa: E402
from tests.iscsi_analyzer.export.test_quick_lines import TO_INITIATOR, TO_TARGET  # noqa: E402
from tests.support.command import analysed  # noqa: E402
from tests.support.samples import sample  # noqa: E402
from tests.support.talk import I2T, T2I, Talk  # noqa: E402
from tests.support.talk_load import mixture  # noqa: E402

SCHEMA = schema_of(PduRecord)
SOME = (
    "b01_badpdu_tgtd",
    "f41_drop_2pct",
    "k20_mcs_two_connections",
    "k24_kernel_abort_lunreset_recovery",
    "k28_sense_medium_error_invalid_cdb_lba",
    "k84_erl2_snack_and_digest_recovery",
    "m24_bad_header_digest",
    "m41_device_types",
    "v05_write_small_bursts_many_r2t",
)


def assert_the_same(store: Store) -> None:
    quick = pa.Table.from_batches(pdu_batches(store, rare=1), SCHEMA).unify_dictionaries()
    full = pa.Table.from_batches(record_batches(PduRecord, TABLES["pdus"].records(store, None)), SCHEMA)
    quick.validate(full=True)
    for field in SCHEMA:
        one, other = quick[field.name], full.unify_dictionaries()[field.name]
        if field.type == WORD:
            one, other = one.cast(pa.string()), other.cast(pa.string())
        assert one.equals(other), field.name


@pytest.mark.parametrize("name", SOME)
def test_both_ways_give_the_same_for_a_sample(name: str) -> None:
    assert_the_same(analysed(sample(name)).store)


def test_the_largest_numbers_that_headers_hold_fit_into_their_columns() -> None:
    """Every bit is set, and every bit but one: among them LUNs and LBAs of 64 bits."""
    talk = Talk().open()
    for opcode in (*TO_TARGET, *TO_INITIATOR):
        for byte in (0xFF, 0x7F):
            patch = {1: bytes((byte,)) * 3, 8: bytes((byte,)) * 8, 20: bytes((byte,)) * 28}
            talk.send(I2T if opcode in TO_TARGET else T2I, opcode, byte, initiator_task_tag=byte, patch=patch)
    for lun in (b"\xc1\x01" + bytes(6), b"\xff" * 8, b"\x7f" * 8):
        cdb = b"\x88\x00" + b"\xff" * 13 + b"\x00"
        for tag in (1, 2, 3):
            patch = {8: lun, 32: cdb}
            talk.send(I2T, 0x01, 0xC1, initiator_task_tag=tag, patch=patch)
    assert_the_same(analysed(talk).store)


def test_both_ways_give_the_same_for_more_than_a_portion() -> None:
    assert_the_same(analysed(mixture(pdus=4500, data_digest=True)).store)
