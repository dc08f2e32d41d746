"""What was sent: PDUs by kind and direction, statuses, digests, what became no PDU, the counters of the initiator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from iscsi_analyzer.analysis.counters import PDUS, Counters
from iscsi_analyzer.export.html.markup import Child, Markup, tag
from iscsi_analyzer.export.html.subject import Section, Subject
from iscsi_analyzer.export.html.table import Cell, Column, Row, count, facts, more, table
from iscsi_analyzer.export.report_record import DigestCounts, LossRecord, PduCount
from iscsi_analyzer.export.tables import number, plural, size

MOST: Final = 100
_PDUS: Final = (
    Column("PDU"), Column("to target", numeric=True), Column("data", numeric=True),
    Column("to initiator", numeric=True), Column("data", numeric=True),
)  # fmt: skip
_STATUSES: Final = (Column("SCSI status"), Column("commands", numeric=True))
_LOSSES: Final = (
    Column("connection", numeric=True), Column("sent by"), Column("what"), Column("bytes", numeric=True),
    Column("at, s", numeric=True), Column("frame", numeric=True),
)  # fmt: skip
_ALWAYS: Final = ("txdata_octets", "rxdata_octets")


def traffic(subject: Subject) -> Section | None:
    """The section; None without PDUs."""
    report = subject.report
    if not report.pdus:
        return None
    losses = [_loss(subject, each) for each in report.losses[:MOST]]
    statuses = [(each.scsi_status_name, count(each.count)) for each in report.scsi_statuses]
    body = tag(
        "div",
        facts(_odd(subject)),
        table("PDUs by kind and direction", _PDUS, _kinds(report.pdu_counts)),
        table("SCSI statuses", _STATUSES, statuses) if statuses else None,
        table("Bytes that became no part of a PDU", _LOSSES, losses) if losses else None,
        more(len(report.losses) - MOST + report.losses_not_listed, "of them", "report --all FILE"),
        _counters(report.counters),
    )
    return Section("traffic", "What was sent", body)


def _odd(subject: Subject) -> Iterator[tuple[str, Child]]:
    """What the numbers of the tables do not tell."""
    report = subject.report
    for words, counts in (("header digests", report.header_digests), ("data digests", report.data_digests)):
        if counts.ok or counts.bad:
            yield words, _digests(counts)
    for value, words in (
        (report.cut_pdus, "with bytes missing from the capture"),
        (report.unfinished_pdus, "not finished when the capture or their connection ended"),
        (report.odd_pdus, "with a header that their sender may not send"),
    ):
        if value:
            yield "PDUs", f"{number(value)} {words}"
    for each in report.others_on_iscsi_ports[:MOST]:
        yield "on iSCSI ports", f"{plural(each.count, 'connection')} that {_carries(each.carries)}"
    for reason in report.not_decoded[:MOST]:
        yield "not looked into", f"{plural(reason.frames, 'frame')}: {reason.reason}"


def _carries(words: str) -> str:
    return f"did not carry iSCSI: {words}"


def _digests(counts: DigestCounts) -> str:
    words = f"{number(counts.ok)} ok"
    if counts.bad:
        words += f", {number(counts.bad)} bad (first: PDU {number(counts.first_bad_pdu or 0)})"
    return words + (f", {number(counts.unknown)} cannot be told" if counts.unknown else "")


def _kinds(counts: list[PduCount]) -> list[Row]:
    """A row for each opcode, requests first."""
    rows: dict[int, list[Child | Cell]] = {}
    for each in sorted(counts, key=lambda one: (one.direction != "I2T", one.opcode)):
        cells = rows.setdefault(each.opcode, [each.opcode_name, None, None, None, None])
        place = 1 if each.direction == "I2T" else 3
        cells[place] = count(each.count)
        cells[place + 1] = Cell(each.data_bytes, size(each.data_bytes) if each.data_bytes else "–")
    return list(rows.values())


def _loss(subject: Subject, loss: LossRecord) -> Row:
    seconds, _, rest = loss.time.partition(".")
    what = "missing from the capture" if loss.kind == "gap" else "captured, but no PDU could be found in it"
    return (
        count(loss.connection),
        "initiator" if loss.direction == "I2T" else "target",
        what,
        Cell(loss.bytes, size(loss.bytes)),
        Cell(loss.frame, subject.clock(int(seconds + rest))),
        count(loss.frame),
    )


def _counters(found: list[Counters]) -> Markup | None:
    """The counters that `iscsiadm -m session -s` prints, so that both can be laid side by side; zeros left out."""
    sessions = found[:MOST]
    if not sessions:
        return None
    names = [*_ALWAYS, *(name for name, _ in PDUS), "digest_err", "timeout_err"]
    used = [name for name in names if name in _ALWAYS or any(getattr(each, name) for each in sessions)]
    columns = [Column("session", numeric=True), Column("in full"), *(Column(name, numeric=True) for name in used)]
    rows = [
        [count(each.session), "yes" if each.whole else "no", *(count(getattr(each, name)) for name in used)]
        for each in sessions
    ]
    return tag(
        "details",
        tag("summary", "The counters of iscsiadm -m session -s, from the capture"),
        table("Counters by session", columns, rows, quiet=True),
        more(len(found) - MOST, "sessions", "report -T json FILE"),
    )
