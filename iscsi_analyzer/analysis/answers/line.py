"""One line of an answer, with what proves it; and the words that all answers share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from iscsi_analyzer.analysis.facts import Facts
from iscsi_analyzer.analysis.sessions import SessionSummary

OK: Final = "ok"
INFO: Final = "info"
LOOK: Final = "look"
BAD: Final = "bad"
SEVERITIES: Final = (OK, INFO, LOOK, BAD)
"""In ascending order: nothing is wrong; worth knowing; worth a look; it hurts."""

LONG_RUN: Final = 4
"Neighbouring numbers that are told as a run."


class Line(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One statement."""

    text: str
    "The statement, for people."
    severity: str = INFO
    "One of SEVERITIES."
    detail: bool = False
    "Belongs to the line above it."
    pdus: list[int] = []
    "PDUs that prove it."
    frames: list[int] = []
    "Frames that prove it."
    tasks: list[int] = []
    "Tasks that it is about."
    session: int = 0
    "Session that it is about; left out if it is about no single one."
    connection: int = 0
    "Connection that it is about, likewise."


def detail(text: str, *, pdus: Sequence[int] = (), frames: Sequence[int] = (), tasks: Sequence[int] = ()) -> Line:
    """A line that belongs to the one above."""
    return Line(text=text, detail=True, pdus=list(pdus), frames=list(frames), tasks=list(tasks))


def worst(lines: Iterable[Line]) -> str:
    """The highest severity of several lines."""
    return max((line.severity for line in lines), key=SEVERITIES.index, default=OK)


def at(facts: Facts, ns: int) -> str:
    """A point in time as people look for it in a capture: `at 26.394 s`, counted from its first frame."""
    since = max(0, ns - facts.start)
    digits = 6 if facts.duration < 1_000_000_000 else 3
    return f"at {since / 1e9:.{digits}f} s"


def count(number: int, what: str, plural: str = "") -> str:
    """`1 task`, `2,562 tasks`."""
    return f"{number:,} {what if number == 1 else plural or what + 's'}"


def listed(items: Sequence[object], most: int = 6) -> str:
    """`1, 2 and 3`; of many the first ones."""
    words = [str(item) for item in items]
    if len(words) > most:
        return f"{', '.join(words[:most])} and {len(words) - most} more"
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def sessions_named(numbers: Sequence[int]) -> str:
    """`session 1`, `sessions 1 and 2`, `sessions 1 to 10 and 12`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    words: list[object] = []
    for run in runs:
        words += run if len(run) < LONG_RUN else [f"{run[0]} to {run[-1]}"]
    return f"session{'s' if len(numbers) > 1 else ''} {listed(words)}"


def short(name: str) -> str:
    """The end of an iSCSI name, which tells it from others: what follows the last colon."""
    return name.rpartition(":")[2] or name


def who(session: SessionSummary) -> str:
    """`session 1 (kernel -> disk1)`."""
    if session.initiator_name and session.target_name:
        return f"session {session.session} ({short(session.initiator_name)} -> {short(session.target_name)})"
    if session.initiator_name:
        return f"session {session.session} ({session.type} by {short(session.initiator_name)})"
    ends = f"{session.connections[0].initiator} -> {session.portals[0]}"
    return f"session {session.session} ({ends})"


def size(number: int) -> str:
    """`64 KiB`, `512 bytes`."""
    for unit, words in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if number >= unit and number % unit == 0:
            return f"{number // unit:,} {words}"
    return f"{number:,} bytes"
