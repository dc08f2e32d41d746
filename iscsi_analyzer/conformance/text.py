"""A conformance record as text for a terminal of 80 columns: in short what was broken and how the chapters fared, or
everything."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from iscsi_analyzer.conformance.evidence import REASONS
from iscsi_analyzer.conformance.record import (
    BROKEN,
    HELD,
    NOT_EXERCISED,
    STATES,
    UNDECIDABLE,
    ConformanceRecord,
    PartyName,
    Place,
    RuleOfParty,
    RuleStanding,
)
from iscsi_analyzer.conformance.sections import RFC_7143
from iscsi_analyzer.conformance.text_requirements import requirement_lines
from iscsi_analyzer.export.findings_text import COLOURS
from iscsi_analyzer.export.tables import (
    BOLD,
    DIM,
    GREEN,
    RED,
    YELLOW,
    Style,
    columns,
    number,
    plural,
    visible,
    wrapped,
)
from iscsi_analyzer.rules.rule import SEVERITIES

MAX_PARTIES: Final = 12
"Parties that the short text lists."
MAX_RULES: Final = 20
"Rules that could not be judged which the short text names."
WORDS: Final = {
    HELD: "no breach seen",
    BROKEN: "broken",
    UNDECIDABLE: "not decidable",
    NOT_EXERCISED: "not exercised",
}
_ENDING: Final = re.compile(r"\.(pcap|pcapng|cap|dmp)(\.\w+)?$")
_COLOURS: Final = {HELD: GREEN, BROKEN: RED, UNDECIDABLE: YELLOW, NOT_EXERCISED: DIM}


def text(record: ConformanceRecord, style: Style, *, everything: bool = False) -> Iterator[str]:
    """The lines of a record."""
    yield from _head(record, style)
    yield ""
    yield from _parties(record, style, everything)
    yield ""
    yield from _summary(record, style)
    if record.changes is not None:
        from iscsi_analyzer.conformance.text_changes import change_lines

        yield ""
        yield from change_lines(record.changes, style)
    yield ""
    yield from _broken(record, style, everything)
    yield from _undecidable(record, style, everything)
    yield ""
    yield from _sections(record, style)
    if everything:
        yield ""
        yield from _rules(record, style)
        yield ""
        yield from requirement_lines(record.requirements, style)
    yield ""
    yield from _foot(everything)


def _head(record: ConformanceRecord, style: Style) -> Iterator[str]:
    captures = record.captures
    told = (
        plural(len(captures), "capture"),
        plural(sum(each.sessions for each in captures), "session"),
        plural(sum(each.connections for each in captures), "connection"),
        plural(sum(each.pdus for each in captures), "PDU"),
    )
    yield f"{style('conformance', BOLD)}: what was seen in {', '.join(told)}"
    if record.party is not None:
        yield f"of the parties called {visible(record.party)} only"


def _parties(record: ConformanceRecord, style: Style, everything: bool) -> Iterator[str]:
    most = sorted(record.parties, key=lambda each: (each.party.role, -each.pdus))
    shown = record.parties if everything else sorted(most, key=lambda each: -each.pdus)[:MAX_PARTIES]
    shown = [each for each in most if each in shown]
    yield style("parties", BOLD)
    rows = [("", "", "connections", "PDUs", "no breach", "broken")]
    rows += [
        (
            each.party.role,
            visible(each.party.name),
            number(each.connections),
            number(each.pdus),
            number(each.held),
            number(each.broken),
        )
        for each in shown
    ]
    yield from columns(rows, "lfrrrr")
    if len(shown) < len(record.parties):
        yield f"  and {plural(len(record.parties) - len(shown), 'more party', 'more parties')}"


def _summary(record: ConformanceRecord, style: Style) -> Iterator[str]:
    fared = Counter(rule.state for rule in record.rules)
    watched = [each for each in record.requirements if each.rules]
    asked = Counter(each.state for each in watched)
    yield style("in all", BOLD)
    rows = [("", "rules", "requirements of RFC 7143")]
    rows += [(WORDS[state], number(fared[state]), number(asked[state])) for state in STATES]
    rows.append(("nobody can tell by watching", "", number(len(record.requirements) - len(watched))))
    rows.append(("", number(len(record.rules)), number(len(record.requirements))))
    yield from columns(rows, "lrr")


def _broken(record: ConformanceRecord, style: Style, everything: bool) -> Iterator[str]:
    guilty: dict[PartyName, list[tuple[RuleStanding, RuleOfParty]]] = {}
    for rule in sorted(record.rules, key=lambda rule: -SEVERITIES.index(rule.severity)):
        for each in rule.parties:
            if each.state == BROKEN:
                guilty.setdefault(each.party, []).append((rule, each))
    if not guilty:
        held = sum(rule.held for rule in record.rules)
        yield f"{style('broken', BOLD)}: no breach was seen in {plural(held, 'occasion')}"
        return
    yield f"{style('broken', BOLD)} (times, of so many occasions, and the first place)"
    for party in sorted(guilty, key=lambda party: (-_weight(guilty[party]), party.role, party.name)):
        yield f"  {style(who(party), BOLD)}"
        yield from _guilt(guilty[party], style, everything)


def _weight(broken: Iterable[tuple[RuleStanding, RuleOfParty]]) -> int:
    """Errors count most."""
    return sum(1000 ** SEVERITIES.index(rule.severity) for rule, _ in broken)


def _guilt(broken: Sequence[tuple[RuleStanding, RuleOfParty]], style: Style, everything: bool) -> Iterator[str]:
    rows = [
        (
            rule.severity,
            rule.rule,
            f"{number(each.broken)} of {number(each.broken + each.held)}",
            *(("", "") if everything else place_of(each.places[0])),
        )
        for rule, each in broken
    ]
    for line, (rule, each) in zip(columns(rows, "llrfl", indent=4), broken, strict=True):
        yield line.replace(rule.severity, style(rule.severity, COLOURS[rule.severity]), 1)
        if everything:
            yield from wrapped(f"{rule.summary} {rule.reference}", "      ", "      ")
            for place in each.places:
                yield from wrapped(visible(f"{' '.join(place_of(place))}: {place.message}"), "        ", "          ")


def who(party: PartyName) -> str:
    """The party as people call it."""
    return visible(party.name if party.role == "nobody" else f"{party.role} {party.name}")


def place_of(place: Place) -> tuple[str, str]:
    """Where a rule was broken: the capture, and the PDU or connection in it."""
    more = "" if len(place.files) == 1 else " and more"
    name = _ENDING.sub("", os.path.basename(place.files[0]))
    at = f"connection {place.connection}" if place.pdu is None else f"PDU {place.pdu}"
    return visible(name + more), at


def _undecidable(record: ConformanceRecord, style: Style, everything: bool) -> Iterator[str]:
    found = [rule for rule in record.rules if rule.state == UNDECIDABLE]
    if not found:
        return
    yield ""
    yield f"{style('not decidable', BOLD)}: {plural(len(found), 'rule')}, for what the captures lack"
    rows = [(rule.rule, plural(rule.undecidable, "occasion"), why(rule)) for rule in found]
    yield from columns(rows if everything else rows[:MAX_RULES], "lrf")
    if len(rows) > MAX_RULES and not everything:
        yield f"  and {number(len(rows) - MAX_RULES)} more"


def why(rule: RuleStanding, most: int = 1) -> str:
    """Why occasions could not be judged: the reasons of most of them."""
    reasons: Counter[str] = Counter()
    for each in rule.parties:
        reasons.update(each.reasons)
    return "; ".join(REASONS.get(reason, reason) for reason, _ in reasons.most_common(most))


def _sections(record: ConformanceRecord, style: Style) -> Iterator[str]:
    yield style("rules by chapter (a rule counts in every one that it refers to)", BOLD)
    rows: list[Sequence[str]] = [("", "", "no breach", "broken", "undecided", "untried")]
    standard = RFC_7143
    for each in record.sections:
        if each.standard != standard:
            standard = each.standard
            rows.append(("", standard, "", "", "", ""))
        numbers = (each.held, each.broken, each.undecidable, each.not_exercised)
        section = each.section.replace("appendix", "app.")
        rows.append((section, each.about, *(number(value) if value else "" for value in numbers)))
    yield from columns(rows, "lfrrrr")


def _rules(record: ConformanceRecord, style: Style) -> Iterator[str]:
    yield style("rules", BOLD)
    rows: list[Sequence[str]] = [("", "no breach in", "broken", "undecidable", "")]
    for rule in record.rules:
        numbers = (rule.held, rule.broken, rule.undecidable)
        rows.append((rule.rule, *(number(value) if value else "" for value in numbers), WORDS[rule.state]))
    head, *lines = columns(rows, "lrrrl", width=100)
    yield head
    for line, rule in zip(lines, record.rules, strict=True):
        state = WORDS[rule.state]
        yield line[: len(line) - len(state)] + style(state, _COLOURS[rule.state])


def _foot(everything: bool) -> Iterator[str]:
    yield from wrapped(
        "This tells what was seen, and no more: of what was not exercised, and of the ways that could not be judged, "
        "nothing is known. " + ("" if everything else "--all lists every rule and requirement."),
        "",
        "",
    )
