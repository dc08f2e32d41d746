"""Facts are the rows of the store, as columns."""

from __future__ import annotations

import pytest

from iscsi_analyzer.store.tasks import NO_TIME, task_rows
from tests.iscsi_analyzer.analysis.studies import sample, study
from tests.iscsi_analyzer.stores import every_kind
from tests.support.talk import Talk


@pytest.mark.parametrize("name", ["k20", "k24", "f02", "f44"])
def test_columns_say_what_the_rows_say(name: str) -> None:
    facts = sample(name).facts
    store = facts.store
    for number, row in enumerate(store.rows(), 1):
        index = number - 1
        assert facts.opcode[index] == row.opcode
        assert facts.data_length[index] == row.data_segment_length
        assert (facts.time_first[index], facts.time_last[index]) == (row.time_first, row.time_last)
        assert (facts.frame_first[index], facts.frame_last[index]) == (row.frame_first, row.frame_last)
        assert (facts.pdu_connection[index], facts.pdu_request[index]) == (row.connection, row.request)
        assert facts.ahs_length[index] == row.header[4]
    for index, task in enumerate(task_rows(store)):
        asked = store.row(task.request).time_first if task.request else NO_TIME
        answered = store.row(task.answer).time_last if task.answer else NO_TIME
        assert (facts.asked[index], facts.answered[index]) == (asked, answered)


def test_pdus_and_tasks_of_a_connection_are_all_of_them() -> None:
    facts = study(every_kind()).facts
    connections = range(1, len(facts.store.connections) + 1)
    pdus = sorted(index for number in connections for index in facts.of_connection(number).tolist())
    assert pdus == list(range(facts.pdu_count))
    for number in connections:
        assert all(facts.pdu_connection[index] == number for index in facts.of_connection(number))
        assert all(facts.task("connection")[index] == number for index in facts.tasks_of(number))
    assert sum(len(facts.tasks_of(number)) for number in connections) == facts.task_count


def test_connections_know_their_session() -> None:
    facts = sample("k20").facts
    assert facts.session_of.tolist() == [0, 1, 1]
    assert facts.session(1).connections == [1, 2]


def test_what_the_capture_lacks_is_said_by_side() -> None:
    assert sample("f01").facts.lacks(1) == []
    assert sample("f44").facts.lacks(1) == ["its beginning", "everything that the initiator sent"]
    assert sample("f41").facts.lacks(1) == ["48 bytes from the initiator"]


def test_facts_stand_still_while_the_store_grows() -> None:
    talk = Talk().open()
    found = study(talk)
    before = found.facts.pdu_count
    assert len(found.facts.opcode) == before == len(talk.pdus)


def test_an_empty_store_has_empty_columns() -> None:
    facts = study([]).facts
    assert (facts.pdu_count, facts.task_count, facts.duration) == (0, 0, 0)
    assert len(facts.latency) == len(facts.measured) == len(facts.opcode) == 0
