"""What rules found of PDUs: the fields under `iscsi.finding`. A finding belongs to the PDU that shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from iscsi_analyzer.query import field as f
from iscsi_analyzer.query.columns_of import occurrences, several_numbers
from iscsi_analyzer.query.names import Names
from iscsi_analyzer.query.scope import Level, Mask, Scope
from iscsi_analyzer.query.values import Values
from iscsi_analyzer.rules.rule import SEVERITIES
from iscsi_analyzer.rules.verdicts import Verdict, Verdicts
from iscsi_analyzer.store.columns import Numbers


def _verdicts(scope: Scope) -> Verdicts:
    return scope.moment.store.verdicts


def _marked(scope: Scope) -> tuple[Numbers, Numbers]:
    """The places in the scope of PDUs that show a finding, and their numbers."""
    verdicts = _verdicts(scope)
    marked = np.array([pdu for pdu in sorted(scope.moment.store.marks) if verdicts.of_pdu(pdu)], dtype=np.int64)
    places, index = scope.places(marked - 1)
    return places, marked[index]


def findings(scope: Scope) -> Iterator[tuple[int, Verdict]]:
    """The findings that PDUs of the scope show and that count, each with the place of the PDU."""
    verdicts = _verdicts(scope)
    places, numbers = _marked(scope)
    for place, number in zip(places.tolist(), numbers.tolist(), strict=True):
        for verdict in verdicts.of_pdu(number):
            yield place, verdict


def _there(scope: Scope) -> Mask:
    found = np.zeros(scope.count, dtype=np.bool_)
    found[_marked(scope)[0]] = True
    return found


def _any(scope: Scope) -> Values:
    return Values(np.ones(scope.count, dtype=np.uint8), _there(scope))


def _text(get: Callable[[Verdict], str]) -> f.Reader:
    return lambda scope: occurrences([(place, get(verdict)) for place, verdict in findings(scope)])


def _number(get: Callable[[Verdict], int]) -> f.Reader:
    return lambda scope: several_numbers([(place, get(verdict)) for place, verdict in findings(scope)], np.int64)


def severity(verdict: Verdict) -> int:
    """Place of a finding's severity in SEVERITIES."""
    return SEVERITIES.index(verdict.severity)


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
        field("iscsi.finding.rule", f.TEXT, "name of a rule that it breaks", _text(lambda verdict: verdict.rule.name)),
        field(
            "iscsi.finding.severity", f.NUMBER, "how bad that is: note < warning < error", _number(severity), severities
        ),
        field("iscsi.finding.party", f.TEXT, "who broke the rule", _text(lambda verdict: verdict.finding.party)),
        field(
            "iscsi.finding.number",
            f.NUMBER,
            "number of the finding",
            _number(lambda verdict: int(verdict.finding.number)),
        ),
    ]
