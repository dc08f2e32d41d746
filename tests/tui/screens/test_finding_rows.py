"""The rows of findings: each finding is reachable, the worst first, with all of its evidence."""

from __future__ import annotations

from iscsi_analyzer.export.findings import FindingRecord, finding_records
from tests.iscsi_analyzer.analysis.studies import sample
from tui.screens.finding_rows import Group, rows_by_rule, rows_by_session, titles


def found() -> list[FindingRecord]:
    return list(finding_records(sample("b01").facts.store))


def test_each_rule_has_a_row_and_each_of_several_findings_one_below_it() -> None:
    rows = list(rows_by_rule(found()))
    heads = [row for row in rows if row.cells[0]]
    assert len(heads) == len({finding.rule for finding in found()})
    order = [row.style for row in heads]
    assert order == sorted(order, key=["error", "warning", "note"].index)
    for place, row in enumerate(rows):
        if row.cells[0] and len(row.target.findings) > 1:
            assert [below.target.findings[0] for below in rows[place + 1 :]][: len(row.target.findings)] == list(
                row.target.findings
            )


def test_below_sessions_stand_their_findings() -> None:
    rows = list(rows_by_session(found(), lambda number: f"name of {number}"))
    assert rows[0].cells[0] == "session 1" and rows[0].cells[-1] == "name of 1"
    assert sum(len(row.target.findings) == 1 and row.cells[1].startswith("  ") for row in rows) == len(found())


def test_the_evidence_has_related_pdus_too() -> None:
    finding = next(each for each in found() if each.related)
    assert {*finding.related, finding.pdu} <= set(Group((finding,)).pdus)
    assert Group((finding,)).first == finding.pdu


def test_what_no_pdu_shows_has_no_evidence() -> None:
    (finding,) = [each for each in finding_records(sample("k24").facts.store) if each.pdu is None]
    assert (Group((finding,)).pdus, Group((finding,)).first) == ([], 0)


def test_there_is_a_title_for_every_cell() -> None:
    assert {len(row.cells) for row in rows_by_rule(found())} == {len(titles(80))} == {len(titles(200))}
