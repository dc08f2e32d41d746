"""What was negotiated as rows of a list: offered, answered, in force, and what is to be said of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from iscsi_analyzer.analysis.keys import ConnectionKeys
from iscsi_analyzer.analysis.remarks import Remark
from iscsi_analyzer.export.session_record import KeyRecord, key_records
from iscsi_analyzer.model.negotiation import DECLARED, DEFAULT, UNKNOWN
from tui.screens.jumps import ToPdu
from tui.widgets.row_list import Row, Title


def titles(width: int) -> list[Title]:
    """The columns of the list, for a screen of that width."""
    value = 11 if width < 110 else 20 if width < 160 else 30
    return [
        Title("key", "key", 25),
        Title("offered", "offered", value + 3),
        Title("answered", "answered", value),
        Title("result", "in force", value),
        Title("remark", "remark", 0),
    ]


def rows_of(found: Sequence[ConnectionKeys], remarks: Sequence[Remark], *, defaults: bool) -> Iterator[Row]:
    """A row for each connection, and below it one for each key; `defaults` also has those that nobody mentioned."""
    for connection in found:
        if not connection.login_pdus:
            state = ", its login is not in the capture"
        else:
            state = "" if connection.negotiation.complete else ", the login was not completed in the capture"
            state += "" if connection.negotiation.whole else ", some of the login is not in the capture"
        title = f"connection {connection.connection}, session {connection.session}{state}"
        yield Row((title,), "strong", connection.connection)
        mine = [
            remark
            for remark in remarks
            if remark.session == connection.session and remark.connection in (0, connection.connection)
        ]
        for key in key_records(connection):
            if defaults or key.source != DEFAULT:
                yield _row(key, [remark for remark in mine if _about(remark, key)])


def _about(remark: Remark, key: KeyRecord) -> bool:
    """Whether a remark is about a key; a declaration is one side's own."""
    return remark.key == key.key and (key.source != DECLARED or not remark.by or remark.by == key.offered_by)


def _row(key: KeyRecord, remarks: Sequence[Remark]) -> Row:
    offered = f"{key.offered_by[0].upper()}: {key.offered}" if key.offered_by and key.offered else key.offered or ""
    words = [key.remark or "", *(remark.words for remark in remarks)]
    if key.irrelevant:
        words.append("irrelevant")
    words.append(key.source)
    result = "unknown" if key.source == UNKNOWN else key.result or ""
    cells = (f" {key.key}", offered, key.answered or "", result, "; ".join(word for word in words if word))
    style = "warning" if key.remark or remarks else "dim" if key.source == DEFAULT else ""
    pdu = key.offered_pdu or key.answered_pdu or key.in_force_after_pdu
    return Row(cells, style, ToPdu(pdu) if pdu else None, ("", "", "", "strong"))
