"""Every sample has exactly the findings that are argued in its expectation: none is missing, and none is new."""

from __future__ import annotations

from typing import Any

import pytest

from iscsi_analyzer.rules.catalogue import rules
from iscsi_analyzer.rules.rule import NOTE
from tests.golden.samples import analysed, expected, paths


@pytest.mark.parametrize("name", sorted(expected()))
def test_a_sample_has_the_findings_that_are_argued_and_no_others(name: str) -> None:
    """By rule, party, connection and count; warnings and errors each with their argument, notes as a list."""
    told: list[tuple[str, str, int, int]] = []
    notes: dict[str, dict[str, int]] = {}
    with analysed(paths(name)) as analysis:
        for finding in analysis.engine.desk.findings:
            if rules()[finding.rule].severity == NOTE:
                notes.setdefault(f"{finding.party} {finding.rule}", {})[str(finding.connection)] = int(finding.count)
            else:
                told.append((finding.rule, finding.party, int(finding.connection), int(finding.count)))
    entry = expected()[name]
    assert sorted(told) == sorted(map(argued, entry["findings"]))
    assert notes == entry.get("notes", {})


def argued(finding: dict[str, Any]) -> tuple[str, str, int, int]:
    return finding["rule"], finding["party"], finding["connection"], finding["count"]
