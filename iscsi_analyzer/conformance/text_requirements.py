"""The requirements of a conformance record as text: each with what the rules that watch it saw."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from iscsi_analyzer.conformance.record import BROKEN, HELD, UNDECIDABLE, RequirementStanding
from iscsi_analyzer.export.tables import BOLD, RED, Style, number, plural, wrapped


def requirement_lines(requirements: Iterable[RequirementStanding], style: Style) -> Iterator[str]:
    """Below each section its requirements, and how each fared."""
    yield style("requirements of RFC 7143, as they are when kept (with the word of the standard)", BOLD)
    section = ""
    for each in requirements:
        if each.section != section:
            section = each.section
            yield f"  {section}"
        times = "" if each.times == 1 else f", {each.times} times"
        lines = wrapped(f"{each.asks} ({each.kind}{times}) {fared(each)}", "    ", "      ")
        yield from (style(line, RED) if each.state == BROKEN else line for line in lines)


def fared(each: RequirementStanding) -> str:
    """What was seen of a requirement, in words."""
    if not each.rules:
        return f"[{each.why}]"
    partly = ", as far as can be seen" if each.partly else ""
    if each.state == BROKEN:
        return f"[broken {'once' if each.broken == 1 else f'{number(each.broken)} times'}: {', '.join(each.rules)}]"
    if each.state == HELD:
        return f"[no breach in {plural(each.held, 'occasion')}{partly}]"
    if each.state == UNDECIDABLE:
        return f"[not decidable in {plural(each.undecidable, 'occasion')}]"
    return "[not exercised]"
