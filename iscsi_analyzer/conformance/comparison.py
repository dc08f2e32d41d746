"""Two records beside each other: what is newly broken, mended, no longer exercised, newly exercised."""

from __future__ import annotations

import msgspec

from iscsi_analyzer.conformance.record import (
    BROKEN,
    CHANGES,
    HELD,
    NOT_EXERCISED,
    VERSION,
    Change,
    ConformanceRecord,
    Counts,
    RuleChange,
    RuleStanding,
)


class NotARecord(Exception):
    """The file is no conformance record, or one that is not understood; the message says why."""


def read_record(data: bytes) -> ConformanceRecord:
    """A record that `conformance -T json` wrote. Raises NotARecord."""
    try:
        record = msgspec.json.decode(data, type=ConformanceRecord)
    except msgspec.DecodeError as error:
        raise NotARecord(f"is not what `conformance -T json` writes: {error}") from None
    if record.version > VERSION:
        raise NotARecord(f"is of version {record.version}; this program knows versions up to {VERSION}")
    return record


def changes(before: ConformanceRecord, now: ConformanceRecord) -> list[RuleChange]:
    """The rules that fare otherwise now, and those that are still broken; each kind together, in the order of CHANGES.
    Rules that one of the two does not know are as if they had not been exercised there."""
    then = {rule.rule: rule for rule in before.rules}
    today = {rule.rule: rule for rule in now.rules}
    found = []
    for name in [*today, *(name for name in then if name not in today)]:
        old, new = then.get(name), today.get(name)
        change = change_of(_state(old), _state(new))
        if change is not None:
            rule = new or old
            assert rule is not None
            found.append(
                RuleChange(change=change, rule=name, severity=rule.severity, before=_counts(old), now=_counts(new))
            )
    return sorted(found, key=lambda each: CHANGES.index(each.change))


def change_of(before: str, now: str) -> Change | None:
    """What came of a rule between two runs; None if nothing to speak of."""
    if now == BROKEN:
        return "still-broken" if before == BROKEN else "newly-broken"
    if before == BROKEN:
        return "mended" if now == HELD else "no-longer-exercised"
    if before == HELD and now != HELD:
        return "no-longer-exercised"
    return "newly-exercised" if now == HELD and before != HELD else None


def _state(rule: RuleStanding | None) -> str:
    return NOT_EXERCISED if rule is None else rule.state


def _counts(rule: RuleStanding | None) -> Counts:
    if rule is None:
        return Counts(state=NOT_EXERCISED)
    return Counts(state=rule.state, held=rule.held, broken=rule.broken, undecidable=rule.undecidable)
