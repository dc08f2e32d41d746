"""Which connection belongs to which session, who they are between, and what is still open at the end."""

from __future__ import annotations

import pytest

from iscsi_analyzer.model import task as model
from iscsi_analyzer.model.session import Session
from iscsi_analyzer.store.store import Store
from iscsi_analyzer.store.tasks import TaskRow, task_rows
from tests.iscsi_analyzer.stores import store_of
from tests.support.talk import I2T, T2I, Talk
from tests.support.talk_session import Session as Terms

A, B = "iqn.2005-03.com.example:a", "iqn.2005-03.com.example:b"


def sessions(store: Store) -> list[tuple[list[int], str, str]]:
    """Connections and names of each session."""
    return [(list(each.connections), each.initiator_name, each.target_name) for each in store.sessions]


def ends(store: Store) -> list[tuple[str, str]]:
    return [(row.kind_name, row.outcome_name) for row in task_rows(store)]


def scsi(store: Store) -> list[TaskRow]:
    return [row for row in task_rows(store) if row.kind == model.KIND_SCSI]


def test_connections_that_name_its_tsih_join_a_session() -> None:
    talk = Talk(max_connections=3).open()
    for _ in range(2):
        talk.join().open()
    store = store_of(talk.frames)
    assert sessions(store) == [([1, 2, 3], talk.initiator_name, talk.target_name)]
    (session,) = store.sessions
    assert (session.isid, session.tsih, session.assumed) == (talk.session.isid, talk.session.tsih, False)
    assert {follower.session for follower in store.followers} == {session}


def test_hosts_that_use_the_same_isid_have_sessions_of_their_own() -> None:
    """All hosts with the same software may use one ISID, and each target counts its TSIHs from 1."""
    one = Talk(max_connections=2, initiator_name=A)
    other = one.beside(initiator_name=B, session=Terms())
    one.open()
    other.open()
    joining = [one.join(initiator_name=A), other.join(initiator_name=B)]
    for talk in joining:
        talk.open()
    assert [each[:2] for each in sessions(store_of(one.frames))] == [([1, 3], A), ([2, 4], B)]


def test_sessions_with_different_targets_are_told_apart_as_well() -> None:
    one = Talk(max_connections=2, target_name=A)
    other = one.beside(target_name=B, session=Terms())
    one.open()
    other.open()
    one.join(target_name=A).open()
    store = store_of(one.frames)
    assert [(each[0], each[2]) for each in sessions(store)] == [([1, 3], A), ([2], B)]


def test_a_tsih_that_nobody_was_given_belongs_to_a_session_that_began_before_the_capture() -> None:
    talk = Talk(max_connections=2).open()
    before = len(talk.frames)
    talk.join().open()
    store = store_of(talk.frames[before:])
    (session,) = store.sessions
    assert session.assumed and session.tsih == talk.session.tsih and session.connections == [1]
    assert session.initiator_name == talk.initiator_name


def test_two_connections_of_a_session_that_began_before_the_capture_are_together() -> None:
    talk = Talk(max_connections=3).open()
    before = len(talk.frames)
    for _ in range(2):
        talk.join().open()
    assert [each[0] for each in sessions(store_of(talk.frames[before:]))] == [[1, 2]]


def test_tsih_zero_begins_a_session_also_with_the_isid_of_another() -> None:
    """Session reinstatement (RFC 7143 section 6.3.5)."""
    talk = Talk().open()
    talk.rst(I2T)
    talk.beside(session=Terms(tsih=2)).open()
    store = store_of(talk.frames)
    assert [each[0] for each in sessions(store)] == [[1], [2]]
    assert [each.tsih for each in store.sessions] == [1, 2]


def test_a_capture_from_the_middle_assumes_a_session_for_each_connection() -> None:
    talk = Talk(max_connections=2).open()
    other = talk.join().open()
    before = len(talk.frames)
    for number in range(3):
        talk.read(512, lba=number)
        other.read(512, lba=number)
    store = store_of(talk.frames[before:])
    assert sessions(store) == [([1], "", ""), ([2], "", "")]
    assert all(session.assumed for session in store.sessions)


def test_targets_that_were_asked_for_are_not_the_target_of_the_session() -> None:
    """Neither in a session that discovers nor in one whose login was not captured."""
    talk = Talk()
    talk.handshake()
    talk.login(discovery=True)
    before = len(talk.frames)
    talk.discover((A, "192.0.2.7:3260,1"), (B, "192.0.2.8:3260,1"))
    (session,) = store_of(talk.frames).sessions
    assert (session.discovery, session.target_name) == (True, "")
    late = store_of(talk.frames[before:]).sessions[0]
    assert (late.assumed, late.target_name, late.initiator_name) == (True, "", "")


def test_numbers_of_sessions_count_in_the_order_of_their_first_connection() -> None:
    talk = Talk(max_connections=2).open()
    seeker = talk.beside().open(discovery=True)
    talk.join().open()
    last = talk.beside().open()
    store = store_of(talk.frames)
    assert [each.number for each in store.sessions] == [1, 2, 3]
    assert [each.discovery for each in store.sessions] == [False, True, False]
    assert seeker.discovery and last.leading


@pytest.mark.parametrize(
    ("end", "outcome"),
    [("fin", "unanswered at close"), ("rst", "unanswered at close"), ("", "unanswered at end of capture")],
)
def test_what_is_open_at_the_end_says_what_the_end_was(end: str, outcome: str) -> None:
    talk = Talk().open()
    talk.command(read=512)
    talk.target_ping()
    talk.nop_in()
    if end:
        getattr(talk, end)()
    assert ends(store_of(talk.frames))[-2:] == [("scsi", outcome), ("target-ping", outcome)]


def test_a_connection_whose_ports_are_used_again_is_over() -> None:
    """Its end was not captured; the tasks were still not open at the end of the capture."""
    talk = Talk().open()
    talk.command(read=512)
    again = talk.beside(initiator_port=talk.initiator.port, initiator_seq=9_000_000, target_seq=8_000_000).open()
    again.command(read=512)
    assert [row.outcome_name for row in scsi(store_of(talk.frames))] == [
        "unanswered at close",
        "unanswered at end of capture",
    ]


def test_a_window_that_stays_closed_is_counted_to_the_last_frame_of_its_session() -> None:
    """Not to the end of the capture, of which others may make use."""
    talk = Talk()
    talk.session.queue_depth = 1
    talk.open()
    other = talk.beside().open()
    talk.command(read=512)
    sent = talk.wire.now
    talk.wait(5)
    talk.ack(T2I)
    talk.wait(60)
    other.read(512)
    session: Session = store_of(talk.frames).sessions[0]
    assert session.closed_since >= 0 and session.closures == 1
    assert session.longest_closure == pytest.approx(talk.wire.now - sent - 60e9, abs=1e6)


def test_the_first_connection_settles_what_holds_for_the_others() -> None:
    """Session-wide keys are said by the leading connection only (RFC 7143 section 13)."""
    talk = Talk(max_connections=2, max_burst_length=4096, initiator_max_recv_data_segment_length=1024).open()
    other = talk.join()
    other.terms.initiator_max_recv_data_segment_length = 2048
    other.open()
    limits = [follower.limits for follower in store_of(talk.frames).followers]
    assert [each.max_burst for each in limits] == [4096, 4096]
    assert [each.initiator_max_recv for each in limits] == [1024, 2048]
