"""What is said of one finding, in JSON and to Python programs.

Declares data, and fills it from what the rules found. The text below each field is its description in the JSON Schema.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

import msgspec

from iscsi_analyzer.export.time_text import decimal
from iscsi_analyzer.rules.verdicts import Verdict
from iscsi_analyzer.store.store import Store

if TYPE_CHECKING:
    from iscsi_analyzer.analysis.focus import Focus

Severity = Literal["error", "warning", "note"]
Party = Literal["initiator", "target", "capture", "network"]
Fact = int | float | bool | str | None
_PARTIES = ("initiator", "target", "capture", "network")
_LARGEST = 1 << 63


class FindingRecord(msgspec.Struct, kw_only=True, omit_defaults=True, tag_field="type", tag="finding"):
    """A rule that was broken on a connection, once or more often."""

    number: int
    "Number of the finding in the analysis, counted from 1 in the order in which rules were first broken."
    rule: str
    "Name of the rule; `iscsi-analyzer explain RULE` tells more."
    severity: Severity
    "How bad it is, as the user has it."
    party: Party
    "Who broke the rule; capture: nobody on the wire."
    reference: str
    "RFC and section."
    message: str
    "What was found the first time, in a sentence."
    facts: dict[str, Fact]
    "What the sentence is made of."
    count: int
    "How often the rule was broken on the connection."
    time: str | None = None
    "When the last byte of the first PDU that shows it was captured: seconds since 1970 UTC with nanoseconds."
    frame: int | None = None
    "Frame that completed that PDU."
    pdu: int | None = None
    "Number of the first PDU that shows it; absent if it is shown by something that did not come."
    related: list[int] = msgspec.field(default_factory=list)
    "Other PDUs that are needed to see it, the first time."
    pdus: list[int] = msgspec.field(default_factory=list)
    "The PDUs that show it, at most 256 of them."
    session: int | None = None
    "Number of the session; absent if it is about the whole capture."
    connection: int | None = None
    "Number of the connection; absent likewise."
    task: int | None = None
    "Initiator Task Tag of the task that it is about, the first time."


def finding_records(store: Store, focus: Focus | None = None) -> Iterator[FindingRecord]:
    """The findings that count, in the order in which they were first made. With `focus` those that its PDUs show, and
    of those that no PDU shows the ones about connections that belong to it as a whole."""
    wanted = None if focus is None else focus.pdus()
    sessions = frozenset() if focus is None else focus.sessions()
    entire = frozenset() if focus is None else focus.entire()
    for verdict in store.verdicts:
        finding = verdict.finding
        shown = [pdu for pdu in finding.pdus if 0 < pdu <= len(store)]
        if wanted is None:
            told = True
        elif shown:
            told = any(wanted[pdu - 1] for pdu in shown)
        else:
            told = finding.session in {0, *sessions} and finding.connection in {0, *entire}
        if told:
            yield finding_record(store, verdict)


def finding_record(store: Store, verdict: Verdict) -> FindingRecord:
    """The record of one finding."""
    finding = verdict.finding
    row = store.row(finding.pdu) if 0 < finding.pdu <= len(store) else None
    return FindingRecord(
        number=finding.number,
        rule=verdict.rule.name,
        severity=verdict.severity,  # type: ignore[arg-type]
        party=finding.party if finding.party in _PARTIES else "capture",  # type: ignore[arg-type]
        reference=verdict.rule.reference,
        message=verdict.message,
        facts={str(name): fact(value) for name, value in finding.facts.items()},
        count=finding.count,
        time=None if row is None else decimal(row.time_last),
        frame=None if row is None else row.frame_last,
        pdu=finding.pdu or None,
        related=list(finding.related),
        pdus=list(finding.pdus),
        session=finding.session or None,
        connection=finding.connection or None,
        task=finding.tag if finding.tag >= 0 else None,
    )


def fact(value: object) -> Fact:
    """A fact as JSON has it: bytes are hexadecimal, and what JSON does not know is told in words."""
    if isinstance(value, bytes | bytearray):
        return value.hex()
    if value is None or isinstance(value, bool | str | float):
        return value
    if isinstance(value, int) and -_LARGEST <= value < 2 * _LARGEST:
        return value
    return str(value)
