"""Every field of a record is a column, also those of the records in it."""

from __future__ import annotations

import csv
import io

import pytest

from iscsi_analyzer.export.connection_record import ConnectionRecord
from iscsi_analyzer.export.connections import connection_records
from iscsi_analyzer.export.record_columns import names_known, table, value
from iscsi_analyzer.export.record_tables import TABLES
from iscsi_analyzer.export.tables import visible
from iscsi_analyzer.export.tabular import Layout
from tests.iscsi_analyzer.export.faulty import faulty
from tests.support.command import analysed
from tests.support.samples import SAMPLES

NAMES = names_known(ConnectionRecord)
RECORDS = list(connection_records(analysed(SAMPLES / "u14_login_redirect_temporary.pcap.zst").store))


def test_nested_records_have_dotted_names() -> None:
    names = NAMES
    assert len(names) == len(set(names))
    assert {"number", "initiator.port", "login.outcome", "in_force.max_burst_length"} <= set(names)
    assert "target_to_initiator.gap_bytes" in names


def test_values_are_texts_and_nothing_is_empty() -> None:
    first, second = RECORDS
    assert [value(first, "number"), value(first, "login.complete"), value(second, "login.complete")] == ["1", "0", "1"]
    assert value(first, "login.redirected_to") == "127.0.0.2:3260"
    assert value(first, "vlan") == ""
    assert value(first, "tsih") == ""


@pytest.mark.parametrize("name", TABLES)
def test_records_in_records_hold_no_further_ones(name: str) -> None:
    """Rows of CSV rely on it."""
    assert all(column.count(".") <= 1 for column in names_known(TABLES[name].kind) if name != "pdus")


@pytest.mark.parametrize("name", [name for name in TABLES if name != "pdus"])
def test_a_row_has_the_text_of_each_column(name: str) -> None:
    kind, records = TABLES[name]
    found = list(records(faulty().store, None))
    rows = list(csv.reader(io.StringIO("".join(table(found, names_known(kind), None)), newline="")))
    assert rows[1:] == [[visible(value(record, column)) for column in names_known(kind)] for record in found]


def test_csv_has_a_header_and_reads_back() -> None:
    rows = list(csv.reader(io.StringIO("".join(table(RECORDS, NAMES, None)), newline="")))
    assert rows[0] == list(NAMES)
    assert [len(row) for row in rows] == [len(NAMES)] * 3
    assert rows[1][rows[0].index("login.outcome")] == "redirected: Target moved temporarily (0x0101)"


def test_fields_are_printed_as_tshark_would() -> None:
    layout = Layout(header=True, separator="|", quote='"')
    lines = list(table(RECORDS, ["number", "vlan"], layout))
    assert lines == ['"number"|"vlan"\n', '"1"|\n', '"2"|\n']
    assert list(table(RECORDS, ["number"], Layout())) == ["1\n", "2\n"]
