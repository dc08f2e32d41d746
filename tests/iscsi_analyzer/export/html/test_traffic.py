"""What was sent is counted as the report counts it."""

from __future__ import annotations

from iscsi_analyzer.export.html.traffic import traffic
from tests.iscsi_analyzer.export.html.pages import heads, read, rows, subject
from tests.support.talk import Talk


def test_pdus_are_counted_by_kind_and_direction() -> None:
    found = subject("b01")
    told = {row[0]: row for row in rows(read(traffic(found)), "PDUs by kind and direction")}
    for each in found.report.pdu_counts:
        assert told[each.opcode_name][1 if each.direction == "I2T" else 3] == f"{each.count:,}"


def test_what_became_no_pdu_is_listed() -> None:
    body = read(traffic(subject("b01")))
    assert [row[0] for row in rows(body, "Bytes that became no part of a PDU")] == ["36"]
    assert "1 connection that did not carry iSCSI: HTTP" in body.text


def test_bad_digests_are_counted() -> None:
    assert "1 bad (first: PDU" in read(traffic(subject("k76"))).text


def test_the_counters_of_the_initiator_are_there_without_those_that_stayed_zero() -> None:
    found = subject("k24")
    body = read(traffic(found))
    names, told = heads(body, "Counters by session"), rows(body, "Counters by session")
    for row, each in zip(told, found.report.counters, strict=True):
        assert int(row[names.index("scsicmd_pdus")].replace(",", "")) == each.scsicmd_pdus
    assert "snack_pdus" not in names


def test_without_pdus_there_is_no_section() -> None:
    talk = Talk()
    talk.handshake()
    assert traffic(subject(talk)) is None
