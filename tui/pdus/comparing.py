"""Two PDUs side by side, field by field. Plain lists of text; no widget."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

from tui.pdus.detail import Detail, Line


@dataclass(frozen=True, slots=True)
class Pair:
    """One field of both; a side that lacks it is None."""

    depth: int
    label: str
    left: str | None
    right: str | None

    @property
    def differs(self) -> bool:
        return self.left != self.right


def compare(left: Detail, right: Detail) -> list[Pair]:
    """The fields of both in the order in which they stand, those with the same name beside each other."""
    ours, theirs = _fields(left), _fields(right)
    matcher = SequenceMatcher(None, [line.path for line in ours], [line.path for line in theirs], autojunk=False)
    found: list[Pair] = []
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        if kind == "equal":
            for mine, other in zip(ours[start:end], theirs[other_start:other_end], strict=True):
                found.append(Pair(mine.depth, mine.label, mine.text, other.text))
        else:
            found += [Pair(line.depth, line.label, line.text, None) for line in ours[start:end]]
            found += [Pair(line.depth, line.label, None, line.text) for line in theirs[other_start:other_end]]
    return found


def _fields(detail: Detail) -> list[Line]:
    return [line for line in detail.lines if not line.remark]
