"""What a rule declares of itself."""

from __future__ import annotations

from iscsi_analyzer.query import compile_filter
from iscsi_analyzer.rules.rule import broken_by


def test_the_occasion_of_what_follows_a_fault_is_the_fault() -> None:
    occasion = broken_by(0x03, ("key-wrong-stage", "chap-step-order"))
    assert occasion == 'iscsi.opcode == 0x03 && iscsi.finding.rule in {"chap-step-order", "key-wrong-stage"}'
    assert set(compile_filter(occasion).fields) == {"iscsi.finding.rule", "iscsi.opcode"}
