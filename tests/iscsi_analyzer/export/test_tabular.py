"""Rows of columns: as tshark prints them, and as RFC 4180 wants them."""

from __future__ import annotations

import csv
import io

from iscsi_analyzer.export.pdu_view import Views
from iscsi_analyzer.export.tables import visible
from iscsi_analyzer.export.tabular import CSV_COLUMNS, CsvLines, FieldLines, Layout, Rows, columns_of
from tests.support.command import analysed
from tests.support.samples import SAMPLES
from tests.support.talk import Talk


def login(*pairs: tuple[str, str]) -> Views:
    talk = Talk()
    talk.handshake()
    talk.login_request(list(pairs))
    return Views(analysed(talk).store)


def text(views: Views, names: list[str], layout: Layout | None) -> str:
    columns = columns_of(names)
    rows = Rows(views, CsvLines(columns) if layout is None else FieldLines(columns, layout))
    return (rows.more() + rows.more() + rows.end()).decode()


NAMES = ["iscsi.opcode", "iscsi.keyvalue", "iscsi.statsn"]
PAIRS = (("A", "1,2"), ("B", "3"))


def test_fields_are_separated_by_tabs_and_occurrences_by_commas() -> None:
    assert text(login(*PAIRS), NAMES, Layout()) == "0x03\tA=1,2,B=3\t\n"


def test_every_option_of_the_layout_does_what_it_does_in_tshark() -> None:
    layout = Layout(header=True, separator="|", occurrence="f", aggregator=";", quote='"')
    assert text(login(*PAIRS), NAMES, layout).splitlines() == [
        '"iscsi.opcode"|"iscsi.keyvalue"|"iscsi.statsn"',
        '"0x03"|"A=1,2"|',
    ]
    assert text(login(*PAIRS), NAMES, Layout(occurrence="l")) == "0x03\tB=3\t\n"
    assert text(login(*PAIRS), NAMES, Layout(bom=True)).startswith("\ufeff0x03")
    assert text(login(*PAIRS), NAMES, Layout(aggregator=" ")) == "0x03\tA=1,2 B=3\t\n"


def test_csv_has_a_header_ends_lines_with_crlf_and_quotes_where_needed() -> None:
    assert text(login(*PAIRS), NAMES, None) == 'iscsi.opcode,iscsi.keyvalue,iscsi.statsn\r\n0x03,"A=1,2; B=3",\r\n'


def test_csv_of_everything_has_the_same_columns_for_every_pdu() -> None:
    talk = Talk().open()
    talk.read(4096)
    talk.close()
    rows = list(csv.reader(io.StringIO(text(Views(analysed(talk).store), list(CSV_COLUMNS), None), newline="")))
    assert {len(row) for row in rows} == {len(CSV_COLUMNS)}
    assert len(rows) == 1 + len(talk.pdus)
    assert {"number", "time", "ip.src", "lba", "scsi_status_name"} <= set(rows[0])


def test_without_pdus_there_is_still_a_header() -> None:
    talk = Talk()
    talk.handshake()
    assert text(Views(analysed(talk).store), ["number"], None) == "number\r\n"


def test_control_characters_cannot_reach_a_terminal() -> None:
    assert text(login(("X", "evil\x1b[2J\nline")), ["keys"], Layout()) == "X=evil\\x1b[2J\\nline\n"


def test_many_fields_of_the_record_are_printed_as_one_by_one() -> None:
    columns = columns_of(CSV_COLUMNS)
    lines = CsvLines(columns)
    for name in ("k28_sense_medium_error_invalid_cdb_lba.pcap.zst", "u05_chap_ok.pcap.zst", "b01_badpdu_tgtd.pcap.zst"):
        for view in Views(analysed(SAMPLES / name).store).more():
            cells = next(csv.reader(io.StringIO(lines.line(view))))
            assert cells == ["; ".join(map(visible, each.get(view))) for each in columns]
