"""The rows about TCP: two directions for each connection, their events in order, and words for what hurt."""

from __future__ import annotations

from iscsi_analyzer.analysis.tcp import DelayedAck
from tests.iscsi_analyzer.analysis.studies import sample
from tui.screens.jumps import ToLadder, ToTasks
from tui.screens.tcp_rows import About, Course, ack_words, courses, details, hurt_words, rows_of
from tui.widgets.row_list import Row


def of(name: str) -> tuple[list[Course], list[Row]]:
    study = sample(name)
    found = courses(study.facts, study.tcp)
    return found, list(rows_of(found, 30))


def test_each_connection_has_a_title_and_two_directions() -> None:
    found, rows = of("k34")
    assert [row.cells[0].strip() for row in rows if len(row.cells) > 1] == ["initiator", "target"] * len(found)
    assert sum(row.style == "strong" for row in rows) == len(found)


def test_time_lines_have_the_room_that_there_is() -> None:
    _, rows = of("k46")
    assert {len(row.cells[-1]) for row in rows if len(row.cells) > 1} == {30}
    assert any("R" in row.cells[-1] or "L" in row.cells[-1] for row in rows)


def test_gaps_of_the_capture_stand_in_the_time_line() -> None:
    found, rows = of("f41")
    assert any("g" in row.cells[-1] for row in rows if len(row.cells) > 1)
    assert all(events == sorted(events) for course in found for events in (course.to_target, course.to_initiator))


def test_what_it_did_to_tasks_is_told() -> None:
    study = sample("k46")
    hurt = next(each for health in study.tcp for each in health.hurt)
    assert hurt.event in hurt_words(hurt) and "under way" in hurt_words(hurt)
    _, rows = of("k46")
    told = [row for row in rows if isinstance(row.target, About) and row.target.words]
    assert told and all(row.target.target is not None for row in told)


def test_a_delayed_acknowledgement_leads_to_what_waited() -> None:
    ack = DelayedAck(by="initiator", what="tasks", wait="40 ms", count=3, of=9, examples=[4, 5, 6])
    assert ack_words(ack) == "3 of 9 tasks by the initiator waited 40 ms: delayed acknowledgements?"
    study = sample("k24")
    health = study.tcp[0]
    for what, kind in (("tasks", ToTasks), ("PDUs", ToLadder)):
        ack.what = what
        health.delayed_acks = [ack]
        rows = list(rows_of(courses(study.facts, [health]), 30))
        health.delayed_acks = []
        assert isinstance(rows[-1].target.target, kind)


def test_details_tell_all_counts() -> None:
    study = sample("k46")
    side = max((side for health in study.tcp for side in health.sides), key=lambda side: side.retransmitted)
    text = "; ".join(details(side))
    assert f"{side.retransmitted:,} captured twice" in text and "round trips" in text
