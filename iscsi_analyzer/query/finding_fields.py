"""What rules found of PDUs: the fields under `iscsi.finding`. A finding belongs to the PDU that shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from iscsi_analyzer.query import field as f
from iscsi_analyzer.query.columns_of import occurrences, several_numbers
from iscsi_analyzer.query.names import Names
from iscsi_analyzer.query.scope import Level, Mask, Scope
from iscsi_analyzer.query.values import Values
from iscsi_analyzer.rules.catalogue import rules
from iscsi_analyzer.rules.desk import Desk, Finding
from iscsi_analyzer.rules.rule import SEVERITIES
from iscsi_analyzer.store.columns import Numbers


def _desk(scope: Scope) -> Desk:
    return scope.moment.store._engine.desk


def _marked(scope: Scope) -> tuple[Numbers, Numbers]:
    """The places in the scope of PDUs that show a finding, and their numbers."""
    marked = np.sort(np.array(list(_desk(scope).marks), dtype=np.int64))
    places, index = scope.places(marked - 1)
    return places, marked[index]


def findings(scope: Scope) -> Iterator[tuple[int, Finding]]:
    """The findings that PDUs of the scope show, each with the place of the PDU."""
    desk = _desk(scope)
    places, numbers = _marked(scope)
    for place, number in zip(places.tolist(), numbers.tolist(), strict=True):
        for index in tuple(desk.marks[number]):
            yield place, desk.findings[index]


def _there(scope: Scope) -> Mask:
    found = np.zeros(scope.count, dtype=np.bool_)
    found[_marked(scope)[0]] = True
    return found


def _any(scope: Scope) -> Values:
    return Values(np.ones(scope.count, dtype=np.uint8), _there(scope))


def _text(get: Callable[[Finding], str]) -> f.Reader:
    return lambda scope: occurrences([(place, get(finding)) for place, finding in findings(scope)])


def _number(get: Callable[[Finding], int]) -> f.Reader:
    return lambda scope: several_numbers([(place, get(finding)) for place, finding in findings(scope)], np.int64)


def severity(finding: Finding) -> int:
    """Place of a finding's severity in SEVERITIES."""
    rule = rules().get(finding.rule)
    return SEVERITIES.index(rule.severity) if rule is not None else 0


def finding_fields() -> list[f.QueryField]:
    """All of them."""

    def field(name: str, kind: str, about: str, read: f.Reader, names: Names | None = None) -> f.QueryField:
        return f.QueryField(
            name,
            kind,
            Level.PDU,
            about,
            read,
            names,
            several=kind != f.PROTOCOL,
            own=True,
            looks_ahead=True,
            there=_there,
        )

    severities = Names(dict(enumerate(SEVERITIES)))
    return [
        field("iscsi.finding", f.PROTOCOL, "the PDU breaks a rule", _any),
        field("iscsi.finding.rule", f.TEXT, "name of a rule that it breaks", _text(lambda finding: finding.rule)),
        field(
            "iscsi.finding.severity", f.NUMBER, "how bad that is: note < warning < error", _number(severity), severities
        ),
        field("iscsi.finding.party", f.TEXT, "who broke the rule", _text(lambda finding: finding.party)),
        field("iscsi.finding.number", f.NUMBER, "number of the finding", _number(lambda finding: int(finding.number))),
    ]
