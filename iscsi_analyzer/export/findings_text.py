"""Findings as text for a terminal of 80 columns, below each rule or below each connection. The worst come first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from iscsi_analyzer.export.findings import FindingRecord
from iscsi_analyzer.export.tables import (
    BOLD,
    CYAN,
    DIM,
    RED,
    YELLOW,
    Style,
    columns,
    listed,
    number,
    plural,
    visible,
    wrapped,
)
from iscsi_analyzer.rules.rule import ERROR, NOTE, SEVERITIES, WARNING

SHOWN = 5
"Connections that are told of below one sentence, unless everything is wanted."

COLOURS = {ERROR: RED, WARNING: YELLOW, NOTE: CYAN}
MANY = {ERROR: "errors", WARNING: "warnings", NOTE: "notes"}
_WIDE = max(map(len, SEVERITIES))

Ends = Callable[[int], str]
"The two ends of a connection, by its number."


def worst_first(findings: Iterable[FindingRecord]) -> list[FindingRecord]:
    """Findings by severity; those of one severity stay in their order."""
    return sorted(findings, key=lambda finding: -SEVERITIES.index(finding.severity))


def by_rule(findings: Sequence[FindingRecord], style: Style, *, everything: bool = False) -> Iterator[str]:
    """The lines of a list of rules, each with what was found and where."""
    rules: dict[tuple[str, str], list[FindingRecord]] = {}
    for finding in worst_first(findings):
        rules.setdefault((finding.severity, finding.rule), []).append(finding)
    for place, ((severity, rule), found) in enumerate(rules.items()):
        if place:
            yield ""
        yield _title(severity, rule, found[0].reference, style)
        sentences: dict[str, list[FindingRecord]] = {}
        for finding in found:
            sentences.setdefault(finding.message, []).append(finding)
        for sentence, same in sentences.items():
            yield from wrapped(visible(sentence), "  ", "    ")
            shown = same if everything else same[:SHOWN]
            for finding in shown:
                yield from wrapped(f"{where(finding)}{_shown_by(finding)}", "    ", "      ")
            if len(same) > len(shown):
                yield f"    and on {plural(len(same) - len(shown), 'more connection')}"


def rule_lines(findings: Sequence[FindingRecord], style: Style) -> Iterator[str]:
    """A line for each rule and party: how often, and the first PDU."""
    rules: dict[tuple[str, str, str], list[FindingRecord]] = {}
    for finding in worst_first(findings):
        rules.setdefault((finding.severity, finding.rule, finding.party), []).append(finding)
    rows = []
    for (severity, rule, party), found in rules.items():
        times = sum(finding.count for finding in found)
        count = "once" if times == 1 else f"{number(times)} times"
        first = next((finding.pdu for finding in found if finding.pdu is not None), None)
        place = "" if first is None else f", PDU {number(first)}"
        rows.append((severity, rule, party, count + place))
    for row, line in zip(rows, columns(rows, "lllf"), strict=True):
        yield line.replace(row[0], style(row[0], COLOURS[row[0]]), 1)


def by_connection(findings: Sequence[FindingRecord], style: Style, ends: Ends) -> Iterator[str]:
    """The lines of a list of connections, each with what was found on it."""
    connections: dict[int, list[FindingRecord]] = {}
    for finding in sorted(findings, key=lambda finding: finding.connection or 0):
        connections.setdefault(finding.connection or 0, []).append(finding)
    for place, (connection, found) in enumerate(connections.items()):
        if place:
            yield ""
        if connection:
            title = f"connection {connection}"
            yield f"{style(title, BOLD)}  {ends(connection)}, session {found[0].session}"
        else:
            yield style("the analysis", BOLD)
        for finding in worst_first(found):
            yield f"  {_title(finding.severity, finding.rule, finding.reference, style)}"
            yield from wrapped(visible(finding.message), "    ", "      ")
            yield from wrapped(f"{finding.party}{_shown_by(finding)}", "      ", "        ")


def summary(findings: Sequence[FindingRecord], dropped: int = 0) -> str:
    """All of them in one line: `2 errors and 1 note, of 3 rules`."""
    if not findings:
        return "no findings"
    counts: Counter[str] = Counter(finding.severity for finding in findings)
    words = [
        plural(counts[severity], severity, MANY[severity]) for severity in reversed(SEVERITIES) if counts[severity]
    ]
    rules = len({finding.rule for finding in findings})
    more = f"; {number(dropped)} more were not kept" if dropped else ""
    return f"{listed(words)}, of {plural(rules, 'rule')}{more}"


def where(finding: FindingRecord) -> str:
    """Who broke the rule, and on which connection."""
    return f"{finding.party}, connection {finding.connection}" if finding.connection else finding.party


def _title(severity: str, rule: str, reference: str, style: Style) -> str:
    line = f"{style(severity.ljust(_WIDE), COLOURS[severity])}  {style(rule, BOLD)}"
    return f"{line}  {style(reference, DIM)}" if reference else line


def _shown_by(finding: FindingRecord) -> str:
    """`: PDU 12 (frame 40), task 0x00000007, see PDU 9; 3 times: PDUs 12, 13 and 20`."""
    facts = []
    if finding.pdu is not None:
        facts.append(f"PDU {number(finding.pdu)}" + (f" (frame {number(finding.frame)})" if finding.frame else ""))
    if finding.task is not None:
        facts.append(f"task 0x{finding.task:08x}")
    if finding.related:
        what = "PDU" if len(finding.related) == 1 else "PDUs"
        facts.append(f"see {what} {listed(map(number, finding.related))}")
    text = f": {', '.join(facts)}" if facts else ""
    if finding.count > 1:
        text += f"; {number(finding.count)} times"
        others = [pdu for pdu in finding.pdus if pdu != finding.pdu][:SHOWN]
        if others:
            rest = ", ..." if finding.count > len(others) + 1 else ""
            text += f", also PDU{'s' if len(others) > 1 else ''} {', '.join(map(number, others))}{rest}"
    return text
