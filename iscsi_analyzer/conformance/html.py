"""A conformance record as one HTML page, on the building blocks of the report's page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from iscsi_analyzer.conformance.record import (
    BROKEN,
    HELD,
    NOT_EXERCISED,
    STATES,
    UNDECIDABLE,
    ConformanceRecord,
    Counts,
    RuleOfParty,
    RuleStanding,
    State,
)
from iscsi_analyzer.conformance.text import WORDS, place_of, who, why
from iscsi_analyzer.conformance.text_changes import WORDS as CHANGES
from iscsi_analyzer.conformance.text_changes import said
from iscsi_analyzer.conformance.text_requirements import fared
from iscsi_analyzer.export.html.findings import badge
from iscsi_analyzer.export.html.markup import tag
from iscsi_analyzer.export.html.page import document
from iscsi_analyzer.export.html.subject import Section
from iscsi_analyzer.export.html.table import Cell, Column, Row, count, table
from iscsi_analyzer.export.tables import plural
from iscsi_analyzer.rules.rule import SEVERITIES

REMARK: Final = (
    "This tells what was seen, and no more: of what was not exercised, and of the ways that could not be judged, "
    "nothing is known."
)
_SHADES: Final[dict[State, str]] = {BROKEN: "badge error", UNDECIDABLE: "badge warning"}
_NUMBERS: Final = tuple(Column(name, numeric=True) for name in ("no breach in", "broken", "not decidable"))
_FARED: Final = tuple(Column(WORDS[state], numeric=True) for state in (HELD, BROKEN, UNDECIDABLE, NOT_EXERCISED))


def page(record: ConformanceRecord) -> Iterator[bytes]:
    """The page, section by section."""
    captures = record.captures
    name = captures[0].files[0] if len(captures) == 1 else plural(len(captures), "capture")
    found = [_overview(record), _parties(record)]
    if record.changes is not None:
        found.append(_changes(record))
    found += [_broken(record), _chapters(record), _rules(record), _requirements(record)]
    yield from document(
        "conformance record", name if record.party is None else f"{record.party}, {name}", found, REMARK
    )


def _overview(record: ConformanceRecord) -> Section:
    captures = record.captures
    told = (
        plural(len(captures), "capture"),
        plural(sum(each.sessions for each in captures), "session"),
        plural(sum(each.pdus for each in captures), "PDU"),
    )
    rules = Counter(rule.state for rule in record.rules)
    asked = Counter(each.state for each in record.requirements if each.rules)
    rows: list[Row] = [(_state(state), count(rules[state]), count(asked[state])) for state in STATES]
    unwatched = sum(not each.rules for each in record.requirements)
    rows.append(("nobody can tell by watching", "", count(unwatched)))
    columns = (Column(""), Column("rules", numeric=True), Column("requirements of RFC 7143", numeric=True))
    body = tag(
        "div",
        tag("p", f"What was seen in {', '.join(told)}. {REMARK}", class_="lead"),
        table("Rules and requirements by what was seen of them", columns, rows, quiet=True),
    )
    return Section("overview", "In all", body)


def _parties(record: ConformanceRecord) -> Section:
    columns = (
        Column("role"), Column("name"), Column("seen at"), Column("connections", numeric=True),
        Column("PDUs", numeric=True), *_FARED[:3],
    )  # fmt: skip
    rows: list[Row] = [
        (each.party.role, each.party.name, ", ".join(each.addresses), count(each.connections), count(each.pdus),
         count(each.held), count(each.broken), count(each.undecidable))
        for each in record.parties
    ]  # fmt: skip
    return Section("parties", "Parties", table("Parties, and how many rules they kept", columns, rows, quiet=True))


def _changes(record: ConformanceRecord) -> Section:
    columns = (Column("change"), Column("rule"), Column("severity"), Column("before"), Column("now"))
    changes = record.changes or []
    rows: list[Row] = [
        (CHANGES[each.change], each.rule, _severity(each.severity), said(each.before), said(each.now))
        for each in changes
    ]
    body = table("Rules that fare otherwise", columns, rows, quiet=True) if rows else tag("p", "Nothing changed.")
    return Section("changes", "Against the run before", body)


def _broken(record: ConformanceRecord) -> Section:
    columns = (
        Column("severity"), Column("rule"), Column("by"), Column("times", numeric=True),
        Column("of occasions", numeric=True), Column("what was found", wide=True), Column("first place"),
        Column("reference"),
    )  # fmt: skip
    worst = sorted(record.rules, key=lambda rule: -SEVERITIES.index(rule.severity))
    rows = [_breach(rule, each) for rule in worst for each in rule.parties if each.state == BROKEN]
    held = sum(rule.held for rule in record.rules)
    none = tag("p", f"No breach was seen in {plural(held, 'occasion')}.")
    return Section("broken", "Broken", table("What was broken", columns, rows, quiet=True) if rows else none)


def _breach(rule: RuleStanding, each: RuleOfParty) -> Row:
    place = each.places[0] if each.places else None
    return (
        _severity(rule.severity), rule.rule, who(each.party), count(each.broken), count(each.broken + each.held),
        place.message if place else "", " ".join(place_of(place)) if place else "", rule.reference,
    )  # fmt: skip


def _chapters(record: ConformanceRecord) -> Section:
    columns = (Column("standard"), Column("chapter"), Column("about"), *_FARED)
    rows: list[Row] = [
        (each.standard, each.section, each.about, *map(_some, (each.held, each.broken)),
         *map(_some, (each.undecidable, each.not_exercised)))
        for each in record.sections
    ]  # fmt: skip
    body = tag(
        "div",
        tag("p", "Rules by what was seen of them; a rule counts in every chapter that it refers to.", class_="lead"),
        table("Rules by chapter", columns, rows, quiet=True),
    )
    return Section("chapters", "By chapter", body)


def _rules(record: ConformanceRecord) -> Section:
    columns = (
        Column("rule"), Column("severity"), Column("seen"), *_NUMBERS, Column("why not decidable"),
        Column("what it is", wide=True), Column("occasion"), Column("reference"),
    )  # fmt: skip
    rows: list[Row] = [
        (rule.rule, _severity(rule.severity), _state(rule.state), *_numbers(rule), why(rule, 2), rule.summary,
         tag("code", rule.occasion), rule.reference)
        for rule in record.rules
    ]  # fmt: skip
    return Section("rules", "Every rule", table("Every rule", columns, rows, quiet=True))


def _requirements(record: ConformanceRecord) -> Section:
    columns = (
        Column("section"), Column("word"), Column("what is so when it is kept", wide=True), Column("seen", wide=True),
        Column("rules"),
    )  # fmt: skip
    rows: list[Row] = [
        (each.section, each.kind, each.asks, fared(each)[1:-1], ", ".join(each.rules)) for each in record.requirements
    ]
    body = table("Every requirement of RFC 7143", columns, rows, quiet=True)
    return Section("requirements", "Every requirement of RFC 7143", body)


def _numbers(counts: Counts) -> tuple[Cell | str, ...]:
    return _some(counts.held), _some(counts.broken), _some(counts.undecidable)


def _some(value: int) -> Cell | str:
    """A number, unless it is 0."""
    return count(value) if value else ""


def _severity(severity: str) -> Cell:
    return Cell(SEVERITIES.index(severity), badge(severity))


def _state(state: State) -> Cell:
    return Cell(STATES.index(state), tag("span", WORDS[state], class_=_SHADES.get(state)))
