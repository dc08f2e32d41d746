"""Changes are told by what came of the rules."""

from __future__ import annotations

from iscsi_analyzer.conformance.record import Change, Counts, RuleChange
from iscsi_analyzer.conformance.text_changes import change_lines, said
from iscsi_analyzer.export.tables import Style

HELD = Counts(state="held", held=1200)
BROKEN = Counts(state="broken", broken=2, held=5)


def change(kind: Change, before: Counts, now: Counts) -> RuleChange:
    return RuleChange(change=kind, rule="some-rule", severity="error", before=before, now=now)


def test_how_a_rule_fared() -> None:
    assert said(HELD) == "no breach in 1,200"
    assert said(BROKEN) == "broken 2x"
    assert said(Counts(state="undecidable")) == "not decidable"
    assert said(Counts(state="not-exercised")) == "not exercised"


def test_changes_of_one_kind_stand_together() -> None:
    lines = list(change_lines([change("mended", BROKEN, HELD), change("newly-broken", HELD, BROKEN)], Style(False)))
    assert lines == [
        "against the run before",
        "  newly broken: 1",
        "    some-rule  error  no breach in 1,200 -> broken 2x",
        "  mended: 1",
        "    some-rule  error  broken 2x -> no breach in 1,200",
    ]
    assert list(change_lines([], Style(False)))[1:] == ["  nothing changed"]
