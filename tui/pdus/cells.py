"""The columns of the list of PDUs: what each says of a PDU, or of a piece that was lost, and what it sorts by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from dissectors.iscsi import layout as at
from dissectors.iscsi.words import OPCODES
from iscsi_analyzer.analysis.operations import lun_text
from iscsi_analyzer.export.pdu_text import marks
from iscsi_analyzer.export.pdu_view import PduView, Views
from iscsi_analyzer.export.tables import number
from iscsi_analyzer.export.time_text import decimal, span, utc
from iscsi_analyzer.rules.rule import ERROR, NOTE, WARNING
from iscsi_analyzer.store.columns import Columns
from iscsi_analyzer.store.rows import HEADER_AT
from iscsi_analyzer.store.store import Row, Store
from tui.pdus.items import Keys, loss_of
from tui.widgets.columns import LEFT, RIGHT, Column

ARROWS: Final = ("→", "←")
TIMES: Final = ("start", "delta", "mark", "day", "utc")
"What the time column can show."
TIME_WORDS: Final = {
    "start": "since the first frame",
    "delta": "since the PDU before",
    "mark": "since the marked PDU",
    "day": "time of day, UTC",
    "utc": "date and time, UTC",
}
SEVERITY_LETTERS: Final = {ERROR: "E", WARNING: "W", NOTE: "n"}
_RANK: Final = (ERROR, WARNING, NOTE)
_NO_TAG: Final = 0xFFFFFFFF
_WITH_LUN: Final = (at.OP_SCSI_COMMAND, 0x02, at.OP_DATA_OUT, at.OP_REJECT)


@dataclass(frozen=True, slots=True)
class Choice:
    """A column that can be chosen."""

    key: str
    title: str
    width: int
    text: Callable[[Row, int], str]
    "Of a row and its PDU's number."
    align: str = LEFT
    keys: Keys | None = None
    about: str = ""


class PduCells:
    """Texts and styles of the items of one store. For the thread that paints: looks at one PDU at a time."""

    def __init__(self, store: Store, *, arrows: tuple[str, str] = ARROWS) -> None:
        self._store = store
        self._views = Views(store)
        self._arrows = arrows
        self.time = TIMES[0]
        "What the time column shows, one of TIMES."
        self.since = 0
        "The time that `mark` counts from: ns since 1970."
        self.colors: tuple[NDArray[np.uint8], list[str]] = (np.zeros(0, dtype=np.uint8), [""])
        "What the user's colour rules say: for each PDU an index into the styles (see `tui.pdus.colors`)."
        self.row = lru_cache(256)(store.row)
        self._all = {choice.key: choice for choice in self._choices()}

    @property
    def choices(self) -> list[Choice]:
        """Every column there is."""
        return list(self._all.values())

    def columns(self, keys: tuple[str, ...]) -> list[Column]:
        """The columns of these keys, in this order."""
        return [self._column(self._all[key]) for key in keys if key in self._all]

    def sort_keys(self, key: str) -> Keys | None:
        """What a column sorts by; None for the order of the capture."""
        choice = self._all.get(key)
        return None if choice is None else choice.keys

    def _column(self, choice: Choice) -> Column:
        def text(item: int) -> str:
            lost = loss_of(item)
            if lost is not None:
                return self._of_loss(lost, choice.key)
            return choice.text(self.row(item + 1), item + 1)

        width = {"day": 15, "utc": 26}.get(self.time, choice.width) if choice.key == "time" else choice.width
        return Column(
            choice.key, choice.title, width, text, choice.align, about=choice.about, sortable=choice.keys is not None
        )

    # --- styles ---

    def style(self, item: int) -> str:
        """The style of an item's row."""
        if item < 0:
            return "gap"
        places, styles = self.colors
        chosen = styles[places[item]] if item < len(places) else ""
        if chosen:
            return chosen
        row = self.row(item + 1)
        severity = self._severity(item + 1)
        if severity in (ERROR, WARNING):
            return severity
        if row.opcode in (at.OP_REJECT, at.OP_ASYNC):
            return "strong"
        if row.opcode in (at.OP_SCSI_RESPONSE, at.OP_DATA_IN) and _status(row) not in ("", "GOOD"):
            return "warning"
        return "initiator" if row.to_target else "target"

    def _severity(self, pdu: int) -> str:
        found = {verdict.severity for verdict in self._store.verdicts.of_pdu(pdu)}
        return next((severity for severity in _RANK if severity in found), "")

    # --- cells ---

    def view(self, pdu: int) -> PduView:
        """The PDU, to be taken apart without its payload."""
        return PduView(self._views, pdu, self.row(pdu))

    def summary(self, pdu: int) -> str:
        """The line that tells what a PDU is, with what must not be missed."""
        view = self.view(pdu)
        tail = "".join(f" [{mark}]" for mark, _ in marks(view))
        rules = self._store.verdicts.names(pdu)
        if rules:
            tail += f" [{', '.join(rules)}]"
        return view.pdu.summary() + tail

    def time_text(self, row: Row, pdu: int) -> str:
        """The cell of the time column."""
        if self.time == "delta":
            return decimal(row.time_last - (self.row(pdu - 1).time_last if pdu > 1 else row.time_last), 6)
        if self.time == "mark":
            return decimal(row.time_last - (self.since or self._store.first_ts), 6)
        if self.time == "day":
            return utc(row.time_last)[11:]
        if self.time == "utc":
            return utc(row.time_last)
        return decimal(row.time_last - self._store.first_ts, 6)

    def _of_loss(self, index: int, key: str) -> str:
        loss = self._store.losses[index]
        if key == "summary":
            if loss.kind == "gap":
                return f"--- gap: the capture lacks {number(int(loss.length))} bytes ---"
            return f"--- {number(int(loss.length))} bytes in which no PDU could be found ---"
        if key == "connection":
            return str(loss.connection)
        if key == "direction":
            return self._arrows[0] if loss.to_target else self._arrows[1]
        if key == "frame":
            return str(loss.frame)
        if key == "time" and self.time == "start":
            return decimal(int(loss.ts) - self._store.first_ts, 6)
        return "---" if key == "number" else ""

    def _choices(self) -> list[Choice]:
        store = self._store
        return [
            Choice("severity", " ", 1, lambda row, pdu: SEVERITY_LETTERS.get(self._severity(pdu), ""),
                   about="the worst finding that the PDU shows: E error, W warning, n note"),
            Choice("number", "PDU", 7, lambda row, pdu: str(pdu), RIGHT, _numbers, "number of the PDU"),
            Choice("time", "time", 12, self.time_text, RIGHT, _of(8, "<i8"), "when its last byte came (t changes it)"),
            Choice("frame", "frame", 7, lambda row, pdu: str(row.frame_last), RIGHT, _of(20, "<u4"),
                   "the frame that completed it"),
            Choice("connection", "cn", 2, lambda row, pdu: str(row.connection), RIGHT, _of(24, "<u4"),
                   "number of the connection"),
            Choice("session", "se", 2, lambda row, pdu: str(store.followers[row.connection - 1].session.number), RIGHT,
                   about="number of the session"),
            Choice("direction", "", 1, lambda row, pdu: self._arrows[0 if row.to_target else 1],
                   about="→ to the target, ← to the initiator"),
            Choice("opcode", "opcode", 20, lambda row, pdu: OPCODES(row.opcode), LEFT, _opcodes, "name of the PDU"),
            Choice("tag", "ITT", 10, lambda row, pdu: _hex(row, 16), LEFT, _of(HEADER_AT + 16, ">u4"),
                   "Initiator Task Tag"),
            Choice("lun", "LUN", 4, _lun, LEFT, _of(HEADER_AT + 8, ">u8"), "LUN of requests"),
            Choice("cmd_sn", "CmdSN", 10, lambda row, pdu: _word(row, 24) if row.to_target else "", RIGHT,
                   _of(HEADER_AT + 24, ">u4"), "CmdSN of requests"),
            Choice("stat_sn", "StatSN", 10, lambda row, pdu: "" if row.to_target else _word(row, 24), RIGHT,
                   _of(HEADER_AT + 24, ">u4"), "StatSN of answers"),
            Choice("exp_stat_sn", "ExpStatSN", 10, lambda row, pdu: _word(row, 28) if row.to_target else "", RIGHT,
                   _of(HEADER_AT + 28, ">u4"), "ExpStatSN of requests"),
            Choice("exp_cmd_sn", "ExpCmdSN", 10, lambda row, pdu: "" if row.to_target else _word(row, 28), RIGHT,
                   _of(HEADER_AT + 28, ">u4"), "ExpCmdSN of answers"),
            Choice("max_cmd_sn", "MaxCmdSN", 10, lambda row, pdu: "" if row.to_target else _word(row, 32), RIGHT,
                   _of(HEADER_AT + 32, ">u4"), "MaxCmdSN of answers"),
            Choice("length", "data", 8, lambda row, pdu: str(row.data_segment_length or ""), RIGHT, _lengths,
                   "DataSegmentLength"),
            Choice("request", "asked by", 8, lambda row, pdu: str(row.request or ""), RIGHT, _of(40, "<u4"),
                   "the PDU that it answers or belongs to"),
            Choice("after", "after", 8, self._after, RIGHT, about="time since the PDU that it answers or belongs to"),
            Choice("summary", "what", 0, lambda row, pdu: self.summary(pdu), about="what it is, in the RFC's words"),
        ]  # fmt: skip

    def _after(self, row: Row, pdu: int) -> str:
        return span(row.time_last - self.row(row.request).time_first) if row.request else ""


COLUMN_KEYS: Final = (
    "severity", "number", "time", "frame", "connection", "session", "direction", "opcode", "tag", "lun", "cmd_sn",
    "stat_sn", "exp_stat_sn", "exp_cmd_sn", "max_cmd_sn", "length", "request", "after", "summary",
)  # fmt: skip
"Every column."
DEFAULT_COLUMNS: Final = ("severity", "number", "time", "connection", "direction", "summary")
WIDE_COLUMNS: Final = ("severity", "number", "time", "frame", "connection", "direction", "tag", "after", "summary")
"Where there is room."


def _hex(row: Row, offset: int) -> str:
    value = int.from_bytes(row.header[offset : offset + 4], "big")
    return "" if value == _NO_TAG else f"0x{value:08x}"


def _word(row: Row, offset: int) -> str:
    return str(int.from_bytes(row.header[offset : offset + 4], "big"))


def _lun(row: Row, pdu: int) -> str:
    return lun_text(int.from_bytes(row.header[8:16], "big")) if row.opcode in _WITH_LUN else ""


def _status(row: Row) -> str:
    """The SCSI status of a PDU that carries one; empty for others."""
    from dissectors.scsi.status import status_name

    if row.opcode == at.OP_SCSI_RESPONSE:
        return status_name(row.header[3]) if row.header[2] == 0 else "failed"
    return status_name(row.header[3]) if row.header[1] & 1 else ""


def _of(offset: int, kind: str) -> Keys:
    def keys(columns: Columns) -> NDArray[Any]:
        return columns.field(offset, kind)

    return keys


def _numbers(columns: Columns) -> NDArray[Any]:
    return np.arange(columns.count)


def _opcodes(columns: Columns) -> NDArray[Any]:
    return columns.field(HEADER_AT, "u1") & 0x3F


def _lengths(columns: Columns) -> NDArray[Any]:
    return columns.field(HEADER_AT + 4, ">u4") & 0xFFFFFF
