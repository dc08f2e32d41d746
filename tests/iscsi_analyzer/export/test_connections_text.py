"""Connections read well: a block tells everything, a table has a line for each."""

from __future__ import annotations

from iscsi_analyzer.export.connection_record import Endpoint
from iscsi_analyzer.export.connections import connection_records, other_connection
from iscsi_analyzer.export.connections_text import (
    connection_block,
    connection_table,
    end_text,
    other_table,
    stream_bytes,
    summed_up,
)
from iscsi_analyzer.export.tables import Style
from tests.support.command import analysed
from tests.support.samples import SAMPLES
from tests.support.talk import Talk

PLAIN = Style(False)


def test_a_block_says_who_how_and_what() -> None:
    talk = Talk(header_digest=True).open()
    talk.read(4096)
    talk.close()
    (record,) = connection_records(analysed(talk).store)
    text = "\n".join(connection_block(record, PLAIN))
    for words in (
        "connection 1, session 1:",
        talk.initiator_name,
        talk.target_name,
        "reached the full feature phase",
        "header CRC32C, data None (negotiated)",
        "closed by the initiator (FIN",
    ):
        assert words in text
    assert all(len(line) <= 80 for line in text.splitlines())


def test_a_block_of_a_connection_without_login_says_so() -> None:
    (record,) = connection_records(analysed(SAMPLES / "f10_mid_session_no_login.pcap.zst").store)
    text = "\n".join(connection_block(record, PLAIN))
    assert "not in the capture" in text
    assert "already open when the capture begins, still open at its end" in text


def test_a_refused_login_stands_out_and_has_no_digests() -> None:
    (record,) = connection_records(analysed(SAMPLES / "u08_chap_wrong_password.pcap").store)
    text = "\n".join(connection_block(record, Style(True)))
    assert "\x1b[31mrefused: Authentication failure (0x0201)\x1b[0m" in text
    assert "digests" not in text


def test_a_redirection_shows_where_to() -> None:
    first, _ = connection_records(analysed(SAMPLES / "u14_login_redirect_temporary.pcap.zst").store)
    assert "to 127.0.0.2:3260" in "\n".join(connection_block(first, PLAIN))


def test_a_table_has_a_line_for_each_and_fits() -> None:
    records = list(connection_records(analysed(SAMPLES / "b01_badpdu_tgtd.pcap.zst").store))
    lines = list(connection_table(records, PLAIN))
    assert len(lines) == len(records) + 1
    assert all(len(line) <= 80 for line in lines)
    assert "0205" in lines[1]
    assert any(line.split()[4] == "ok" for line in lines[2:])


def test_what_is_not_iscsi_has_a_table_of_its_own() -> None:
    others = [other_connection(each) for each in analysed(SAMPLES / "b01_badpdu_tgtd.pcap.zst").engine.others]
    lines = list(other_table(others, PLAIN))
    assert any("HTTP" in line for line in lines)
    assert all(len(line) <= 80 for line in lines)


def test_pairs_of_names_are_counted() -> None:
    records = list(connection_records(analysed(SAMPLES / "u31_logout_reconnect_10x.pcap.zst").store))
    text = "\n".join(summed_up(records))
    assert "10 connections: " in text
    assert list(summed_up([])) == []


def test_missing_bytes_count_as_sent() -> None:
    (record,) = connection_records(analysed(SAMPLES / "f02_snaplen96.pcap.zst").store)
    side = record.initiator_to_target
    assert stream_bytes(side) == side.data_bytes + side.snaplen_bytes > side.data_bytes


def test_ends_are_written_with_brackets_where_needed() -> None:
    assert end_text(Endpoint("192.0.2.1", 1)) == "192.0.2.1:1"
    assert end_text(Endpoint("2001:db8::1", 3260)) == "[2001:db8::1]:3260"


def test_a_connection_whose_ports_were_used_again_is_not_open_at_the_end() -> None:
    talk = Talk().open()
    talk.beside(initiator_port=talk.initiator.port, initiator_seq=9_000_000, target_seq=8_000_000).open()
    first, second = connection_records(analysed(talk).store)
    assert (first.ended, first.ended_by, second.ended) == ("replaced", None, "open")
    words = [" ".join("\n".join(connection_block(each, PLAIN)).split()) for each in (first, second)]
    assert "ended unseen: its ports were used again" in words[0]
    assert "still open at its end" in words[1]
