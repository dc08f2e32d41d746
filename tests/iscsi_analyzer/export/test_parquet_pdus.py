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
from tests.support.command import analysed  # noqa: E402
from tests.support.samples import sample  # noqa: E402
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


def test_both_ways_give_the_same_for_more_than_a_portion() -> None:
    assert_the_same(analysed(mixture(pdus=4500, data_digest=True)).store)
