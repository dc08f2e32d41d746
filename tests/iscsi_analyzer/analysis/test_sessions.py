"""Sessions are put together from their connections, and found again when they come back."""

from __future__ import annotations

import pytest

from tests.iscsi_analyzer.analysis.studies import MS, S, sample, study
from tests.support.mangle_loss import cut_start
from tests.support.talk import I2T, T2I, Talk


def test_two_connections_are_one_session() -> None:
    (session,) = sample("k20").sessions
    assert [link.connection for link in session.connections] == [1, 2]
    assert [link.cid for link in session.connections] == [0, 1]
    assert (session.type, session.how, session.tasks, session.assumed) == ("Normal", "logout", 50, False)
    assert (session.isid, session.tsih, session.portal_group_tag) == ("801234560007", 1, 1)


def test_names_and_addresses_are_those_of_the_login() -> None:
    talk = Talk(initiator="2001:db8::1", target="2001:db8::2").open()
    talk.close()
    (session,) = study(talk).sessions
    assert session.initiator_name == "iqn.2005-03.com.example:initiator"
    assert session.target_name == "iqn.2005-03.com.example:target"
    assert (session.initiators, session.portals) == (["2001:db8::1"], ["[2001:db8::2]:3260"])
    assert session.connections[0].initiator == "[2001:db8::1]:40000"


def test_a_dropped_session_is_found_again_with_the_time_that_it_took() -> None:
    talk = Talk().open()
    talk.read(4096)
    talk.rst(I2T)
    talk.wait(3.2)
    again = talk.beside(session=talk.session).open()
    again.read(4096)
    again.close()
    before, after = study(talk).sessions
    assert (before.followed_by, after.follows) == (2, 1)
    assert after.away_ns == pytest.approx(3.2 * S, rel=0.01)
    assert after.io_gap_ns == pytest.approx(3.2 * S, rel=0.01)


def test_real_returns() -> None:
    for name, away in (("k24", 2.04), ("k26", 2.03)):
        before, after = sample(name).sessions
        assert (before.followed_by, after.follows, before.by) == (after.session, before.session, "initiator")
        assert after.away_ns == pytest.approx(away * S, rel=0.01)


def test_random_isids_are_found_again_by_their_portal() -> None:
    sessions = sample("u31").sessions
    assert [session.follows for session in sessions] == list(range(10))


def test_a_login_with_the_same_isid_replaces_a_session_that_never_ended() -> None:
    talk = Talk().open()
    talk.read(4096)
    talk.wait(30)
    again = talk.beside(session=talk.session).open()
    again.read(4096)
    before, after = study(talk).sessions
    assert (before.how, before.followed_by, after.how) == ("replaced", 2, "open")


def test_sessions_to_different_targets_do_not_follow_each_other() -> None:
    talk = Talk().open()
    talk.close()
    other = talk.beside(session=talk.session, target_name="iqn.2005-03.com.example:other").open()
    other.close()
    assert [session.follows for session in study(talk).sessions] == [0, 0]


def test_a_capture_without_login_assumes_a_session_and_says_so() -> None:
    talk = Talk().open()
    talk.read(4096)
    talk.read(4096)
    (session,) = study(cut_start(talk.frames, 12)).sessions
    assert (session.assumed, session.type, session.initiator_name) == (True, "unknown", "")
    assert session.connections[0].lacks == ["its beginning"]
    assert not session.failed


def test_a_failed_login_is_a_session_that_failed() -> None:
    (session,) = sample("u08").sessions
    assert session.failed and session.how == "login failed" and session.logged_in_ns == 0


def test_discovery_sessions_are_no_ones_successors() -> None:
    sessions = sample("m01").sessions
    assert [session.type for session in sessions] == ["Discovery", "Normal", "Normal", "Normal"]
    assert {session.follows for session in sessions} == {0}


def test_pdus_and_bytes_of_each_direction_are_counted() -> None:
    talk = Talk().open()
    talk.read(4096)
    talk.close()
    (link,) = study(talk).sessions[0].connections
    assert link.pdus_to_target == sum(pdu.direction == I2T for pdu in talk.pdus)
    assert link.pdus_to_initiator == sum(pdu.direction == T2I for pdu in talk.pdus)
    assert link.bytes_to_target == sum(pdu.size for pdu in talk.pdus if pdu.direction == I2T)
    assert link.end_ns - link.begin_ns < 100 * MS
