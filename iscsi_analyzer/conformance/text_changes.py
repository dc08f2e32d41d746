"""What changed between two conformance records, as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from iscsi_analyzer.conformance.record import BROKEN, CHANGES, HELD, UNDECIDABLE, Change, Counts, RuleChange
from iscsi_analyzer.export.tables import BOLD, GREEN, RED, YELLOW, Style, columns, number

WORDS: Final[dict[Change, str]] = {
    "newly-broken": "newly broken",
    "mended": "mended",
    "still-broken": "still broken",
    "no-longer-exercised": "no longer exercised",
    "newly-exercised": "newly exercised",
}
_COLOURS: Final = {"newly-broken": RED, "mended": GREEN, "still-broken": YELLOW}


def change_lines(changes: Sequence[RuleChange], style: Style) -> Iterator[str]:
    """The rules that changed, by what came of them."""
    yield style("against the run before", BOLD)
    if not changes:
        yield "  nothing changed"
    for change in CHANGES:
        found = [each for each in changes if each.change == change]
        if found:
            yield f"  {style(WORDS[change], _COLOURS.get(change, BOLD))}: {number(len(found))}"
            rows = [(each.rule, each.severity, f"{said(each.before)} -> {said(each.now)}") for each in found]
            yield from columns(rows, "llf", indent=4, width=100)


def said(counts: Counts) -> str:
    """How a rule fared, in few words."""
    if counts.state == BROKEN:
        return f"broken {number(counts.broken)}x"
    if counts.state == HELD:
        return f"no breach in {number(counts.held)}"
    return "not decidable" if counts.state == UNDECIDABLE else "not exercised"
