"""A ladder has every PDU of its task or session once, in order, and what happened between them."""

from __future__ import annotations

import pytest

from iscsi_analyzer.analysis.facts import Facts
from iscsi_analyzer.export.ladder import GAP, PDU, Ladder, ladder_of_pdus, ladder_of_sessions, ladder_of_task
from tests.iscsi_analyzer.analysis.studies import sample, study
from tests.iscsi_analyzer.stores import every_kind
from tests.support.talk import Talk


def names(ladder: Ladder) -> list[str]:
    """What the rungs are, with an arrow for the direction."""
    rungs = [ladder.rung(place) for place in range(len(ladder))]
    return [("> " if rung.to_target else "< ") + rung.name for rung in rungs]


def facts_of(talk: Talk) -> Facts:
    return study(talk).facts


def task_with(facts: Facts, request: int) -> int:
    """The number of the task that PDU `request` asked for."""
    return facts.task("request").tolist().index(request) + 1


def write_with_r2t() -> Talk:
    talk = Talk().open()
    task = talk.command(write=8192, lba=100, lun=2)
    talk.r2t(task)
    for _ in range(2):
        talk.data_out(task, 4096)
    talk.response(task)
    talk.read(512)
    return talk


def test_the_ladder_of_a_task_has_its_pdus_and_no_other() -> None:
    facts = facts_of(write_with_r2t())
    (number, *_) = [at + 1 for at, r2ts in enumerate(facts.task("r2ts").tolist()) if r2ts]
    ladder = ladder_of_task(facts, number)
    assert names(ladder) == ["> SCSI Command", "< R2T", "> SCSI Data-Out", "> SCSI Data-Out", "< SCSI Response"]
    assert (ladder.pdus, len(ladder.lanes)) == (5, 1)


def test_the_ladder_of_sessions_has_every_pdu_of_theirs_once() -> None:
    facts = facts_of(every_kind())
    sessions = [int(session.number) for session in facts.sessions]
    ladder = ladder_of_sessions(facts, sessions)
    pdus = [ladder.pdu_at(place) for place in range(len(ladder))]
    assert [pdu for pdu in pdus if pdu] == list(range(1, facts.pdu_count + 1))
    assert len(ladder.lanes) == len(facts.followers)


def test_an_abort_without_an_answer_and_the_end_of_the_connection_belong_to_the_task() -> None:
    facts = sample("k24").facts
    assert names(ladder_of_task(facts, task_with(facts, 182))) == [
        "> SCSI Command",
        "> Task Management Function Request",
        "> closed",
    ]


def test_what_aborted_a_task_belongs_to_its_ladder() -> None:
    talk = Talk().open()
    task = talk.command(read=4096, lun=1)
    talk.tmf(1, task)
    facts = facts_of(talk)
    number = task_with(facts, facts.pdus_of(0x01).tolist()[0])
    assert names(ladder_of_task(facts, number))[1:] == [
        "> Task Management Function Request",
        "< Task Management Function Response",
    ]


def test_gaps_stand_where_they_were_noticed() -> None:
    ladder = ladder_of_sessions(sample("f41").facts, [1])
    rungs = [ladder.rung(place) for place in range(len(ladder))]
    gaps = [at for at, rung in enumerate(rungs) if rung.what == GAP]
    assert gaps and all("missing" in rungs[at].rest for at in gaps)
    assert [rung.frame for rung in rungs] == sorted(rung.frame for rung in rungs)


def test_retransmissions_stand_between_the_pdus() -> None:
    facts = sample("k46").facts
    found = {
        rung.what
        for session in facts.sessions
        for ladder in [ladder_of_sessions(facts, [int(session.number)])]
        for rung in map(ladder.rung, range(len(ladder)))
    }
    assert {"retransmission", PDU} <= found


def test_the_time_since_the_rung_above_adds_up() -> None:
    ladder = ladder_of_sessions(sample("k24").facts, [1, 2])
    rungs = [ladder.rung(place) for place in range(len(ladder))]
    assert rungs[0].since_ns == 0
    assert rungs[0].time_ns + sum(rung.since_ns for rung in rungs) == rungs[-1].time_ns == ladder.last_ns


def test_a_stretch_of_a_session_begins_where_it_is_told_to() -> None:
    ladder = ladder_of_sessions(sample("k24").facts, [1], since=100)
    assert next(pdu for pdu in map(ladder.pdu_at, range(len(ladder))) if pdu) == 100
    assert ladder.place_of(99) == -1
    assert ladder.pdu_at(ladder.place_of(150)) == 150


def test_evidence_is_shown_in_order_and_what_does_not_exist_is_left_out() -> None:
    ladder = ladder_of_pdus(sample("k24").facts, [182, 9_999_999, 3, 182, 0], "evidence")
    assert [ladder.pdu_at(place) for place in range(len(ladder))] == [3, 182]


def test_findings_stand_beside_the_pdu_that_shows_them() -> None:
    facts = sample("b01").facts
    ladder = ladder_of_sessions(facts, [1])
    rungs = [ladder.rung(place) for place in range(len(ladder))]
    assert ("error", "login-version-nonzero") in [finding for rung in rungs for finding in rung.findings]


def test_what_does_not_exist_has_no_ladder() -> None:
    facts = sample("k24").facts
    with pytest.raises(IndexError, match="no task"):
        ladder_of_task(facts, 100_000)
    with pytest.raises(ValueError, match="no session 77"):
        ladder_of_sessions(facts, [77])
    with pytest.raises(IndexError, match="no rung"):
        ladder_of_pdus(facts, [], "nothing").rung(0)


def test_the_worst_finding_of_a_pdu_comes_first() -> None:
    ladder = ladder_of_sessions(sample("k84").facts, [2])
    several = [rung.findings for rung in map(ladder.rung, range(len(ladder))) if len(rung.findings) > 1]
    assert several
    for findings in several:
        order = [severity for severity, _ in findings]
        assert order == sorted(order, key=["error", "warning", "note"].index)
