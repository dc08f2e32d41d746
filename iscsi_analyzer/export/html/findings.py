"""Which rules were broken: a table of them, and for each what it means, why it matters, where it shows, and a ladder of
the PDUs that prove it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from iscsi_analyzer.export.findings import FindingRecord
from iscsi_analyzer.export.findings_text import summary, worst_first
from iscsi_analyzer.export.html import rungs
from iscsi_analyzer.export.html.markup import Child, Markup, tag
from iscsi_analyzer.export.html.subject import MOST_PROOFS, Section, Subject
from iscsi_analyzer.export.html.table import Cell, Column, Row, count, facts, more, table
from iscsi_analyzer.export.ladder import ladder_of_pdus
from iscsi_analyzer.export.tables import clip, number, plural
from iscsi_analyzer.rules.catalogue import divided, explanation
from iscsi_analyzer.rules.rule import SEVERITIES

MOST_RULES: Final = 100
MOST_PLACES: Final = 12
"Connections that are told for one rule."
LONGEST: Final = 600
_RULES: Final = (
    Column("severity"), Column("rule"), Column("broken by"), Column("times", numeric=True),
    Column("connections", numeric=True), Column("first PDU", numeric=True), Column("first frame", numeric=True),
    Column("reference"),
)  # fmt: skip
_PLACES: Final = (
    Column("finding", numeric=True), Column("session", numeric=True), Column("connection", numeric=True),
    Column("by"), Column("what was found", wide=True), Column("times", numeric=True), Column("evidence", wide=True),
)  # fmt: skip
Broken = tuple[str, list[FindingRecord]]


def findings(subject: Subject) -> Section:
    """The section."""
    found = subject.report.findings
    rules: dict[str, list[FindingRecord]] = {}
    for record in worst_first(found):
        rules.setdefault(record.rule, []).append(record)
    shown = list(rules.items())[:MOST_RULES]
    said = summary(found, subject.report.findings_not_kept)
    body = tag(
        "div",
        tag("p", f"{said[:1].upper()}{said[1:]}.", class_="lead"),
        table("Rules that were broken", _RULES, [_row(*each) for each in shown], quiet=True)
        if len(shown) > 1
        else None,
        [_rule(subject, *each) for each in shown],
        more(len(rules) - MOST_RULES, "rules", "findings FILE"),
    )
    return Section("findings", "Findings", body)


def _row(rule: str, records: list[FindingRecord]) -> Row:
    first = records[0]
    severity = Cell(SEVERITIES.index(first.severity), badge(first.severity))
    return (
        severity,
        tag("a", rule, href=f"#rule-{rule}"),
        ", ".join(dict.fromkeys(record.party for record in records)),
        count(sum(record.count for record in records)),
        count(len({record.connection for record in records})),
        count(first.pdu) if first.pdu else None,
        count(first.frame) if first.frame else None,
        first.reference,
    )


def badge(severity: str) -> Markup:
    """A severity, as a word in its colour."""
    return tag("span", severity, class_=f"badge {severity}")


def _rule(subject: Subject, rule: str, records: list[FindingRecord]) -> Markup:
    """Everything about one rule."""
    first = records[0]
    rows = [_place(subject, record) for record in records[:MOST_PLACES]]
    heading = tag("h3", badge(first.severity), " ", rule, id=f"rule-{rule}")
    return tag(
        "details",
        tag("summary", heading, tag("span", f"{clip(first.message, LONGEST)}{_often(records)}", class_="quiet")),
        facts(_explained(subject, first)),
        table(f"Where {rule} was broken", _PLACES, rows, quiet=True),
        more(len(records) - MOST_PLACES, "connections", f"findings FILE --select {rule}"),
        _evidence(subject, first),
        class_="rule",
    )


def _often(records: list[FindingRecord]) -> str:
    times = sum(record.count for record in records)
    links = len({record.connection for record in records})
    where = f" on {plural(links, 'connection')}" if links > 1 else ""
    return f" ({plural(times, 'time')}{where})" if times > 1 else ""


def _explained(subject: Subject, first: FindingRecord) -> Iterator[tuple[str, Child]]:
    """The explanation; the command `explain` tells more."""
    if first.reference:
        yield "Reference", first.reference
    if first.rule not in subject.store.verdicts.rules:
        return
    parts = divided(explanation(first.rule, subject.plugins))
    for heading in ("What it means", "Why it matters"):
        if parts.get(heading):
            yield heading, [tag("p", " ".join(each.split())) for each in parts[heading].split("\n\n")]


def _place(subject: Subject, record: FindingRecord) -> Row:
    also = [pdu for pdu in record.pdus if pdu != record.pdu]
    shown: list[Child] = []
    for what, pdus in (("", [record.pdu] if record.pdu else []), ("see ", record.related), ("also ", also)):
        if pdus:
            shown += ["; " if shown else "", what, subject.proof(pdus)]
    if not shown:
        shown.append(_missed(subject, record))
    if record.task is not None:
        shown += ["; " if shown else "", f"task tag 0x{record.task:08x}"]
    return (
        count(record.number),
        count(record.session) if record.session else None,
        count(record.connection) if record.connection else None,
        record.party,
        clip(record.message, LONGEST),
        count(record.count),
        shown,
    )


def _missed(subject: Subject, record: FindingRecord) -> str:
    """Where to look for what no PDU shows."""
    link = subject.facts.connection(record.connection) if record.connection else None
    if link is None or not link.closed:
        return "no PDU shows it"
    return f"no PDU shows it; the connection ended in frame {number(int(link.closed_frame))}"


def _evidence(subject: Subject, record: FindingRecord) -> Markup | None:
    """The PDUs that prove a finding, the first time."""
    pdus = [*record.related[:MOST_PROOFS], *record.pdus[:1]]
    drawn = ladder_of_pdus(subject.facts, pdus, f"finding {record.number}")
    if not len(drawn):
        return None
    words = f"finding {record.number}, the first time"
    return tag("figure", tag("figcaption", f"Evidence: {words}"), rungs.ladder(drawn))
