"""Connections as text: a block for each of a few, a table for many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from iscsi_analyzer.export.connection_record import ConnectionRecord, DirectionRecord, Endpoint
from iscsi_analyzer.export.tables import BOLD, RED, Style, columns, number, plural, size, visible, wrapped
from iscsi_analyzer.export.time_text import span


def connection_block(record: ConnectionRecord, style: Style) -> Iterator[str]:
    """A connection in some lines."""
    name = f"connection {record.number}, session {record.session}"
    yield style(f"{name}: {end_text(record.initiator)} -> {end_text(record.target)}", BOLD)
    facts = [("initiator", visible(record.initiator_name or "")), ("target", visible(record.target_name or ""))]
    facts.append(("session", _session(record)))
    if record.login is not None:
        refused = bool(record.login.status_class)
        facts.append(("login", style(record.login.outcome, RED) if refused else record.login.outcome))
        if record.login.redirected_to:
            facts.append(("", "to " + visible(", ".join(record.login.redirected_to))))
    else:
        facts.append(("login", "not in the capture"))
    facts.append(("digests", _digests(record)))
    facts.append(("sent", _sent(record)))
    facts.append(("course", _course(record)))
    if record.vlan is not None or record.tunnel:
        wraps = [f"VLAN {record.vlan}" if record.vlan is not None else "", record.tunnel or ""]
        facts.append(("inside", ", ".join(word for word in wraps if word)))
    for label, words in facts:
        if words:
            yield from wrapped(words, f"  {label:<11}", " " * 13)


def _session(record: ConnectionRecord) -> str:
    if record.session_type is None:
        return ""
    facts = [record.session_type.lower()]
    if record.isid:
        facts.append(f"ISID {record.isid}")
    if record.tsih:
        facts.append(f"TSIH {record.tsih}")
    if record.cid is not None:
        facts.append(f"CID {record.cid}")
    return ", ".join(facts)


def _digests(record: ConnectionRecord) -> str:
    how = {"negotiation": "negotiated", "inference": "inferred from the bytes", "user": "as you say"}
    if record.digests_known_by is None:
        return "" if record.login is not None and not record.login.complete else "not known"
    return f"header {record.header_digest}, data {record.data_digest} ({how[record.digests_known_by]})"


def _sent(record: ConnectionRecord) -> str:
    sides = (("initiator", record.initiator_to_target), ("target", record.target_to_initiator))
    return ", ".join(f"{name} {plural(side.pdus, 'PDU')} in {size(stream_bytes(side))}" for name, side in sides)


def stream_bytes(side: DirectionRecord) -> int:
    """Bytes of the stream that one side sent, whether they were captured or not."""
    return side.data_bytes + side.gap_bytes + side.snaplen_bytes


def _course(record: ConnectionRecord) -> str:
    for side, name in ((record.initiator_to_target, "target"), (record.target_to_initiator, "initiator")):
        if not side.frames:
            return f"{span(record.duration_ns)}, only what the {name} sent was captured, {_ended(record)}"
    began = "opened in the capture" if record.began == "handshake" else "already open when the capture begins"
    return f"{span(record.duration_ns)}, {began}, {_ended(record)}"


def _ended(record: ConnectionRecord) -> str:
    if record.ended == "open":
        return "still open at its end"
    if record.ended == "replaced":
        return "ended unseen: its ports were used again"
    verb = "closed" if record.ended == "FIN" else "reset"
    return f"{verb} by the {record.ended_by} ({record.ended}, frame {record.ended_frame})"


def connection_table(records: Sequence[ConnectionRecord], style: Style) -> Iterator[str]:
    """A line for each connection that carries iSCSI."""
    rows = [("", "initiator -> target", "login", "PDUs", "bytes", "time", "end")]
    for record in records:
        sides = (record.initiator_to_target, record.target_to_initiator)
        rows.append(
            (
                str(record.number),
                f"{end_text(record.initiator)} -> {end_text(record.target)}",
                _login_word(record),
                number(sum(side.pdus for side in sides)),
                size(sum(stream_bytes(side) for side in sides)),
                span(record.duration_ns),
                record.ended + {"initiator": " i", "target": " t", None: ""}[record.ended_by],
            )
        )
    lines = columns(rows, "rflrrrl")
    yield lines[0]
    for line, record in zip(lines[1:], records, strict=True):
        yield style(line, RED) if record.login is not None and record.login.status_class else line


def _login_word(record: ConnectionRecord) -> str:
    """The outcome of the login in a few letters."""
    login = record.login
    if login is None:
        return "-"
    if login.complete:
        return "ok"
    if login.status_class:
        return f"{login.status_class:02x}{login.status_detail or 0:02x}"
    return "..."


def other_table(records: Sequence[ConnectionRecord], style: Style) -> Iterator[str]:
    """A line for each connection that carries something else."""
    rows = [("who opened it -> whom", "carries", "bytes", "time", "end")]
    for record in records:
        sent = stream_bytes(record.initiator_to_target) + stream_bytes(record.target_to_initiator)
        ends = f"{end_text(record.initiator)} -> {end_text(record.target)}"
        rows.append((ends, record.carries, size(sent), span(record.duration_ns), record.ended))
    yield style("not iSCSI", BOLD)
    yield from columns(rows, "lfrrl")


def summed_up(records: Sequence[ConnectionRecord]) -> Iterator[str]:
    """Who talks to whom, if the logins told it: names and how many connections each pair has."""
    pairs = Counter(
        (record.initiator_name or "?", record.target_name or "(discovery)") for record in records if _named(record)
    )
    if not pairs:
        return
    yield ""
    shown = pairs.most_common(10)
    for (initiator, target), count in shown:
        yield from wrapped(f"{plural(count, 'connection')}: {visible(initiator)} -> {visible(target)}", "  ", "    ")
    if len(pairs) > len(shown):
        yield f"  ... and {plural(len(pairs) - len(shown), 'more pair')} of initiator and target"


def _named(record: ConnectionRecord) -> bool:
    return bool(record.initiator_name or record.target_name)


def end_text(end: Endpoint) -> str:
    """`192.0.2.1:3260`, `[2001:db8::1]:3260`"""
    return f"[{end.address}]:{end.port}" if ":" in end.address else f"{end.address}:{end.port}"
