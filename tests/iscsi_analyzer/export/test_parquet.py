"""Parquet tables hold what the JSON records say, and answer questions as the report does."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

pa = pytest.importorskip("pyarrow")

from iscsi_analyzer.export import parquet  # noqa: E402
from iscsi_analyzer.export.formats import TABLES as NAMES  # noqa: E402
from iscsi_analyzer.export.formats import Part  # noqa: E402
from iscsi_analyzer.export.parquet_types import schema_of  # noqa: E402
from iscsi_analyzer.export.record_tables import TABLES  # noqa: E402
from iscsi_analyzer.export.report import report  # noqa: E402
from tests.iscsi_analyzer.export.faulty import faulty  # noqa: E402
from tests.support.command import analysed, command  # noqa: E402
from tests.support.samples import sample  # noqa: E402

PAGE = (Path(parquet.__file__).parent / "tables.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)


def read(data: bytes) -> pa.Table:
    return pa.parquet.read_table(io.BytesIO(data))


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_read_back_with_its_types(name: str) -> None:
    kind, records = TABLES[name]
    found = read(b"".join(parquet.pieces(faulty(), Part(table=name))))
    assert found.schema.equals(schema_of(kind))
    assert len(found) == len(list(records(faulty().store, None)))


def test_a_table_without_rows_has_its_columns() -> None:
    found = read(b"".join(parquet.pieces(analysed([]), Part(table="tasks"))))
    assert len(found) == 0
    assert "latency_ns" in found.column_names


def test_large_tables_come_in_row_groups_piece_by_piece() -> None:
    schema = pa.schema([("n", pa.int64())])

    def batches() -> Iterator[pa.RecordBatch]:
        for start in range(0, 2 * parquet.ROW_GROUP + 2000, 1000):
            yield pa.RecordBatch.from_pydict({"n": list(range(start, start + 1000))}, schema=schema)

    pieces = list(parquet.written(schema, batches()))
    file = pa.parquet.ParquetFile(io.BytesIO(b"".join(pieces)))
    groups, numbers = file.metadata.num_row_groups, file.read()["n"].to_pylist()
    assert (len(pieces), groups) == (3, 3)
    assert numbers == list(range(len(numbers)))


def test_a_full_disk_is_said_in_words() -> None:
    done = command("export", sample("u21_read_small"), "--format", "parquet", "--table", "pdus", "-o", "/dev/full")
    assert done.code == 1
    assert "no space left" in done.err


@pytest.mark.parametrize("ending", ["parquet", "csv"])
@pytest.mark.parametrize("name", ["k20_mcs_two_connections", "k24_kernel_abort_lunreset_recovery", "m41_device_types"])
def test_duckdb_answers_p99_by_lun_as_the_report_does(
    name: str, ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The query is the one on the page, and the tables are what the command writes. The report says `flat 300` of LUN
    300."""
    duckdb = pytest.importorskip("duckdb")
    analysis = analysed(sample(name))
    command("export", sample(name), "--format", ending, "--table", "tasks", "-o", tmp_path / f"tasks.{ending}")
    monkeypatch.chdir(tmp_path)
    rows = duckdb.sql(QUERIES[0].replace("tasks.parquet", f"tasks.{ending}")).fetchall()
    ours = {(unit.session, unit.lun.rpartition(" ")[2]): unit.latency for unit in report(analysis).latency.units}
    assert {(session, str(lun)): (count, p99) for session, lun, count, p99 in rows} == {
        unit: (latency.count, latency.p99 / 1e6) for unit, latency in ours.items()
    }
    assert ours


def test_every_query_of_the_page_has_an_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    duckdb = pytest.importorskip("duckdb")
    for name in NAMES:
        tmp_path.joinpath(f"{name}.parquet").write_bytes(b"".join(parquet.pieces(faulty(), Part(table=name))))
    monkeypatch.chdir(tmp_path)
    assert len(QUERIES) == 3
    assert all(duckdb.sql(query).fetchall() for query in QUERIES[:2])
    duckdb.sql(QUERIES[2]).fetchall()
