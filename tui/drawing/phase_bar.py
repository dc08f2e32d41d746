"""Where the time of a task went, as a bar: who had the next move, phase by phase."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from iscsi_analyzer.analysis.facts import INITIATOR, TARGET
from iscsi_analyzer.analysis.phases import PHASES, WAITS_FOR

GLYPHS: Final = {INITIATOR: "▓", TARGET: "░"}
TRANSFER: Final = "█"


def phase_bar(times: Sequence[int], width: int) -> str:
    """A bar of `width` columns for nanoseconds in the order of PHASES. Phases too short for a column are left out, and
    so is everything if no time passed."""
    total = sum(times)
    if total <= 0:
        return ""
    drawn, done, so_far = "", 0, 0
    for phase, time in enumerate(times):
        so_far += time
        until = round(so_far * width / total)
        drawn += glyph(phase) * (until - done)
        done = until
    return drawn


def glyph(phase: int) -> str:
    """The character of a phase: by who has the next move in it."""
    return GLYPHS.get(WAITS_FOR[phase], TRANSFER)


def legend() -> str:
    """What the characters mean."""
    return (
        f"{GLYPHS[INITIATOR]} the initiator sends  {GLYPHS[TARGET]} waiting for the target  {TRANSFER} data coming in"
    )


def longest(times: Sequence[int]) -> int:
    """The phase that took most of the time."""
    return max(range(len(PHASES)), key=lambda phase: times[phase])
