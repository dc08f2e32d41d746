"""The bars of the design (DESIGN, "Quality in numbers") as data, and the verdict on a measurement."""

from __future__ import annotations

from dataclasses import dataclass

MEMORY = 250 * 10**6
"Peak memory for a capture of 1 GB, in bytes."
HELP = 0.150
"Seconds until `--help` is done."
JSON_LINES = 50.0
"Times faster than tshark: every PDU as JSON Lines against `-Y iscsi -T ek`."
INTERPRETED = 1.0
"Times faster than tshark without a compiler."

_TIMES = {"first pass": (10.0, 6.0), "report": (8.0, 4.0)}
"Times faster than `tshark -q -z scsi,srt,0`: on large reads and writes, on 4 KiB reads."


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar and what was measured."""

    text: str
    met: bool

    @property
    def verdict(self) -> str:
        """In words."""
        return "met" if self.met else "NOT MET"


def speed(task: str, scenario: str, ratio: float, *, compiled: bool) -> Bar | None:
    """The bar for the speed of a task beside tshark; None if the design has none."""
    if task == "pdus":
        return Bar(f">= {JSON_LINES:g}x", ratio >= JSON_LINES) if compiled else None
    if task not in _TIMES:
        return None
    # Only the plain load has bars: on others tshark does not do the same work (it loses PDUs with digests on).
    if scenario not in ("reads4k", "reads256k", "writes256k"):
        return None
    least = _TIMES[task][scenario == "reads4k"] if compiled else INTERPRETED
    return Bar(f">= {least:g}x", ratio >= least)


def memory(size: int, peak: int) -> Bar | None:
    """The bar for memory, for captures of up to 1 GB and some; None for small ones, where it says nothing."""
    if not 5 * 10**8 <= size <= 12 * 10**8:
        return None
    return Bar(f"< {MEMORY // 10**6} MB", peak < MEMORY)


def start(seconds: float) -> Bar:
    """The bar for the start of the program."""
    return Bar(f"< {HELP * 1000:.0f} ms", seconds < HELP)
