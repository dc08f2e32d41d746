"""Times and durations as text. Times are integer nanoseconds; no clock is read here."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BILLION = 1_000_000_000


def decimal(ns: int, digits: int = 9) -> str:
    """Nanoseconds as seconds with `digits` decimals, cut off, not rounded: `1795172722.246769000`."""
    sign = "-" if ns < 0 else ""
    seconds, rest = divmod(abs(ns), _BILLION)
    return f"{sign}{seconds}.{rest:09d}"[: len(sign) + len(str(seconds)) + 1 + digits]


def utc(ns: int, digits: int = 6) -> str:
    """A point in time: `2026-11-20 11:05:22.246769`, in UTC. Far outside of the calendar, the seconds alone."""
    seconds, rest = divmod(ns, _BILLION)
    try:
        moment = _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return decimal(ns, digits)
    fraction = f".{rest:09d}"[: digits + 1] if digits else ""
    return f"{moment:%Y-%m-%d %H:%M:%S}{fraction}"


def span(ns: int) -> str:
    """A duration for people: `340 us`, `12.5 ms`, `3.20 s`, `2 min 5 s`, `3 h 7 min`."""
    if ns < 0:
        return "-" + span(-ns)
    if ns < 1_000:
        return f"{ns} ns"
    if ns < 1_000_000:
        return f"{_three(ns / 1_000)} us"
    if ns < _BILLION:
        return f"{_three(ns / 1_000_000)} ms"
    seconds = ns / _BILLION
    if seconds < 100:
        return f"{_three(seconds)} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h"


def _three(value: float) -> str:
    """About three digits, no zeros at the end of the decimals."""
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
