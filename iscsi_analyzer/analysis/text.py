"""The diagnosis as lines of plain text, for terminals of 80 columns and for tickets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap
from typing import Final

from iscsi_analyzer.analysis.answers.line import Line
from iscsi_analyzer.analysis.diagnosis import Section

COLUMNS: Final = 80
MARKS: Final = {"ok": " ", "info": " ", "look": "?", "bad": "!"}
"In front of a line: nothing depends on colour."
MOST_NUMBERS: Final = 4
_UNIT: Final = re.compile(r"(\d) (ns|us|ms|s|min|h|d|KiB|MiB|GiB|bytes?|PDUs?|tasks?)\b")
"A number stays with its unit."


def section_lines(sections: Iterable[Section], columns: int = COLUMNS) -> Iterator[str]:
    """All sections, with an empty line between them. At least 40 columns are used."""
    columns = max(columns, 40)
    first = True
    for section in sections:
        if not first:
            yield ""
        first = False
        number = f"{section.question}. " if section.question else ""
        yield from wrap(f"{number}{section.title}", columns, subsequent_indent="   ")
        for line in section.lines:
            yield from line_lines(line, columns)


def line_lines(line: Line, columns: int) -> list[str]:
    """One statement, wrapped, with its evidence in brackets."""
    head = "     - " if line.detail else f" {MARKS.get(line.severity, ' ')} "
    proof = evidence(line)
    words = f"{line.text} [{proof}]" if proof else line.text
    rest = "       " if line.detail else "   "
    return statement(words, head, rest, columns)


def statement(words: str, head: str, rest: str, columns: int = COLUMNS) -> list[str]:
    """A sentence in lines: the first begins with `head`, the others with `rest`; numbers stay with their units."""
    wrapped = wrap(kept_together(words), columns, initial_indent=head, subsequent_indent=rest, break_on_hyphens=False)
    return [each.replace("\N{NO-BREAK SPACE}", " ") for each in wrapped] or [head.rstrip()]


def kept_together(words: str) -> str:
    """The words, with spaces that do not break between numbers and their units."""
    return _UNIT.sub("\\1\N{NO-BREAK SPACE}\\2", words)


def evidence(line: Line) -> str:
    """What proves a line: `PDU 12, 14; task 3`."""
    parts = [
        _numbers("PDU", line.pdus),
        _numbers("frame", line.frames),
        _numbers("task", line.tasks),
    ]
    return "; ".join(part for part in parts if part)


def _numbers(what: str, numbers: Sequence[int]) -> str:
    if not numbers:
        return ""
    more = ", ..." if len(numbers) > MOST_NUMBERS else ""
    return f"{what} {', '.join(str(number) for number in numbers[:MOST_NUMBERS])}{more}"
