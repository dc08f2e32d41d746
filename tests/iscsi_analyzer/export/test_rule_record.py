"""The record of a rule says what the catalogue says."""

from __future__ import annotations

from pathlib import Path

from iscsi_analyzer.export.rule_record import rule_records
from iscsi_analyzer.rules.catalogue import rules, sections
from tests.iscsi_analyzer.rules.plugins import DIVIDES, LARGE_READS, plugin


def test_every_rule_is_a_record() -> None:
    records = list(rule_records())
    assert [record.name for record in records] == list(rules())
    for record in records:
        assert record.summary == sections(record.name)[""].strip()
        assert record.since in ("RFC 3720", "RFC 7143", "RFC 7144")


def test_rules_of_plug_ins_come_last(tmp_path: Path) -> None:
    """One without an explanation has none."""
    plugins = (plugin(tmp_path, LARGE_READS), plugin(tmp_path, DIVIDES, "divides"))
    *_, large, division = rule_records(plugins)
    assert (large.name, large.summary) == ("example-large-read", "A read of more than a megabyte.")
    assert (division.name, division.summary) == ("example-division", "")
