"""A part of a capture is what was asked for by number, or what a filter leaves, or everything."""

from __future__ import annotations

import pytest

from iscsi_analyzer.analysis.facts import Facts
from iscsi_analyzer.analysis.focus import Focus
from iscsi_analyzer.export.formats import Part
from iscsi_analyzer.export.part import findings_of, pdus_of, tasks_of
from iscsi_analyzer.query import compile_filter
from tests.support.command import analysed
from tests.support.samples import SAMPLES

ANALYSIS = analysed(SAMPLES / "k76_data_digest_error_dataout.pcap.zst")
FACTS = Facts(ANALYSIS.store)


def test_nothing_asked_for_is_everything() -> None:
    assert tasks_of(FACTS, Part()) == list(range(1, FACTS.task_count + 1))
    assert pdus_of(FACTS, Part()).tolist() == list(range(1, FACTS.pdu_count + 1))
    assert findings_of(ANALYSIS.store, Part()) == []


def test_a_finding_has_its_evidence_and_the_task_that_it_is_about() -> None:
    part = Part(findings=(1,))
    evidence = pdus_of(FACTS, part).tolist()
    assert 379 in evidence
    requests = {int(FACTS.task("request")[number - 1]) for number in tasks_of(FACTS, part)}
    assert requests & set(evidence)


def test_a_task_has_its_pdus() -> None:
    number = tasks_of(FACTS, Part(findings=(1,)))[0]
    assert int(FACTS.task("request")[number - 1]) in pdus_of(FACTS, Part(tasks=(number,)))


def test_a_filter_leaves_what_passes() -> None:
    focus = Focus(ANALYSIS.store, wanted=compile_filter("iscsi.opcode == 0x25"))
    facts = Facts(ANALYSIS.store, focus)
    numbers = pdus_of(facts, Part(focus=focus))
    assert len(numbers) and set(facts.opcode[numbers - 1].tolist()) == {0x25}


@pytest.mark.parametrize("part", [Part(tasks=(10**6,)), Part(findings=(10**6,))])
def test_what_is_not_there_is_said(part: Part) -> None:
    with pytest.raises(LookupError, match="there is no such"):
        tasks_of(FACTS, part)
