"""PDUs that break rules are found by rule, severity and party."""

from __future__ import annotations

from functools import cache

from iscsi_analyzer.query.finding_fields import findings, severity
from iscsi_analyzer.query.scope import Level, Moment
from iscsi_analyzer.rules.catalogue import rules
from iscsi_analyzer.rules.rule import SEVERITIES
from iscsi_analyzer.store.store import Store
from tests.iscsi_analyzer.stores import found, found_tasks, store_of
from tests.support.talk import Talk


@cache
def store() -> Store:
    talk = Talk().open()
    task = talk.command(read=8192)
    talk.data_in(task, 4096)
    talk.data_in(task, 4096, data_sn=7, status=0)
    talk.read(512)
    talk.close()
    return store_of(talk.frames)


def test_pdus_that_break_rules_are_found() -> None:
    desk = store().engine.desk
    assert desk.findings, "the wrong DataSN was not noticed"
    assert found("iscsi.finding", store()) == sorted(desk.marks)
    assert found("!iscsi.finding", store()) == sorted(set(range(1, len(store()) + 1)) - set(desk.marks))
    for finding in desk.findings:
        marked = sorted(pdu for pdu, indexes in desk.marks.items() if finding.number - 1 in indexes)
        assert set(marked) <= set(found(f'iscsi.finding.rule == "{finding.rule}"', store()))
        assert set(marked) <= set(found(f'iscsi.finding.party == "{finding.party}"', store()))
        assert found(f"iscsi.finding.number == {finding.number}", store()) == marked
        word = rules()[finding.rule].severity
        assert set(marked) <= set(found(f"iscsi.finding.severity >= {word}", store()))
        assert {SEVERITIES[severity(verdict)] for verdict in store().verdicts if verdict.finding is finding} == {word}


def test_tasks_are_found_by_the_findings_of_their_pdus() -> None:
    assert len(found_tasks("iscsi.finding", store())) == 1


def test_every_finding_has_its_place() -> None:
    scope = Moment(store()).all(Level.PDU)
    assert [place + 1 for place, _ in findings(scope)] == found("iscsi.finding", store())
