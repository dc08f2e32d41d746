"""Where the time of a task went, as a bar: who had the next move, phase by phase."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from iscsi_analyzer.analysis.facts import INITIATOR, TARGET
from iscsi_analyzer.analysis.phases import PHASES, WAITS_FOR, WORDS
from iscsi_analyzer.export.time_text import span

GLYPHS: Final = {INITIATOR: "▓", TARGET: "░"}
ASCII_GLYPHS: Final = {INITIATOR: "#", TARGET: "."}
TRANSFER: Final = "█"
ASCII_TRANSFER: Final = "="


def phase_bar(times: Sequence[int], width: int, *, ascii_only: bool = False) -> str:
    """A bar of `width` columns for nanoseconds in the order of PHASES. Phases too short for a column are left out, and
    so is everything if no time passed."""
    total = sum(times)
    if total <= 0:
        return ""
    drawn, done, so_far = "", 0, 0
    for phase, time in enumerate(times):
        so_far += time
        until = round(so_far * width / total)
        drawn += glyph(phase, ascii_only) * (until - done)
        done = until
    return drawn


def glyph(phase: int, ascii_only: bool = False) -> str:
    """The character of a phase: by who has the next move in it."""
    glyphs = ASCII_GLYPHS if ascii_only else GLYPHS
    return glyphs.get(WAITS_FOR[phase], ASCII_TRANSFER if ascii_only else TRANSFER)


def legend(ascii_only: bool = False) -> str:
    """What the characters mean."""
    initiator, target = (ASCII_GLYPHS if ascii_only else GLYPHS).values()
    transfer = ASCII_TRANSFER if ascii_only else TRANSFER
    return f"{initiator} the initiator sends  {target} waiting for the target  {transfer} data coming in"


def phase_words(times: Sequence[int]) -> list[str]:
    """Each phase that took any time, in order: `1.2 ms  70%  waiting for the first data`."""
    total = sum(times)
    return [
        f"{span(time):>10} {time * 100 / total:>4.0f}%  {words}"
        for time, words in zip(times, WORDS, strict=True)
        if time > 0
    ]


def longest(times: Sequence[int]) -> int:
    """The phase that took most of the time."""
    return max(range(len(PHASES)), key=lambda phase: times[phase])
