"""The time column of PDUs, in the ways of tshark's -t. Local time needs the time zone of the machine; nothing else
does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from iscsi_analyzer.export.time_text import decimal, utc
from iscsi_analyzer.store.store import Store

KINDS = {
    "r": "since the first frame",
    "d": "since the PDU before",
    "dd": "the same",
    "e": "since 1970",
    "a": "time of day",
    "ad": "date and time of day",
    "u": "time of day, UTC",
    "ud": "date and time of day, UTC",
}


def clock(kind: str, store: Store) -> Callable[[int], str]:
    """A function that makes the column from nanoseconds since 1970. `kind` is one of KINDS."""
    if kind == "r":
        return lambda ts: decimal(ts - store.first_ts, 6).rjust(12)
    if kind in ("d", "dd"):
        return Delta()
    if kind == "e":
        return lambda ts: decimal(ts, 6)
    if kind == "u":
        return lambda ts: utc(ts)[11:]
    if kind == "ud":
        return utc
    if kind == "a":
        return lambda ts: local(ts)[11:]
    return local


class Delta:
    """The time since the call before."""

    def __init__(self) -> None:
        self._before: int | None = None

    def __call__(self, ts: int) -> str:
        """Seconds since the time that was given before; 0 the first time."""
        before = ts if self._before is None else self._before
        self._before = ts
        return decimal(ts - before, 6).rjust(12)


def local(ts: int) -> str:
    """Date and time of day of the machine's time zone, with microseconds."""
    try:
        moment = datetime.fromtimestamp(ts // 1_000_000_000)
    except (OverflowError, OSError, ValueError):
        return utc(ts)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{ts % 1_000_000_000 // 1000:06d}"
