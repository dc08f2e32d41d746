"""Several sessions together: paths, redirections, loops, and names that are used twice; portals named and used."""

from __future__ import annotations

from tests.iscsi_analyzer.analysis.studies import sample, study
from tests.support.talk import I2T, T2I, Session, Talk


def test_two_portals_at_the_same_time_are_multipath_and_a_path_survives_its_sessions() -> None:
    (pair,) = sample("k34").paths.pairs
    assert pair.multipath and pair.parallel
    assert [(path.portals, path.sessions) for path in pair.paths] == [
        (["127.0.0.1:3260"], [1]),
        (["127.0.0.2:3260"], [2, 3]),
    ]


def test_two_sessions_over_one_portal_are_parallel_but_not_multipath() -> None:
    (pair,) = sample("m38").paths.pairs
    assert pair.parallel and not pair.multipath


def test_sessions_one_after_the_other_are_one_path() -> None:
    (pair,) = sample("u31").paths.pairs
    assert not pair.parallel
    assert [path.sessions for path in pair.paths] == [list(range(1, 11))]


def test_two_connections_of_one_session_are_no_multipath() -> None:
    (pair,) = sample("k20").paths.pairs
    assert not pair.parallel


def test_a_redirection_is_followed_to_the_session_that_went_there() -> None:
    (redirect,) = sample("u14").paths.redirects
    assert (redirect.to, redirect.followed_by, redirect.followed_at, redirect.lasting) == (
        ["127.0.0.2:3260"],
        2,
        "127.0.0.2:3260",
        False,
    )


def test_a_redirection_that_nobody_follows_says_so() -> None:
    talk = Talk()
    talk.handshake()
    talk.login_request({"InitiatorName": "iqn.a", "TargetName": "iqn.b"})
    talk.login_response({"TargetAddress": "198.51.100.7:3260"}, status=0x0101)
    talk.fin()
    (redirect,) = study(talk).paths.redirects
    assert (redirect.followed_by, redirect.to) == (0, ["198.51.100.7:3260"])


def test_logins_in_a_row_that_do_not_last_are_a_loop() -> None:
    (loop,) = sample("u31").paths.loops
    assert (len(loop.sessions), loop.by_logout) == (10, 10)
    talk = Talk().open()
    talk.rst(T2I)
    for _ in range(3):
        talk.wait(2)
        again = talk.beside(session=talk.session).open()
        again.rst(T2I)
    (loop,) = study(talk).paths.loops
    assert (len(loop.sessions), loop.by_logout) == (4, 0)
    assert sample("k24").paths.loops == []


def test_one_isid_at_the_same_time_from_two_hosts_is_seen() -> None:
    talk = Talk().open()
    talk.read(4096)
    clone = talk.beside(session=Session(isid=talk.session.isid, tsih=9), initiator="192.0.2.9").open()
    clone.read(4096)
    talk.read(4096)
    talk.close()
    clone.close()
    (shared,) = study(talk).paths.shared_isids
    assert (shared.sessions, shared.addresses, shared.at_the_same_time) == ([1, 2], ["192.0.2.1", "192.0.2.9"], True)


def test_one_isid_in_turn_from_one_host_is_an_ordinary_return() -> None:
    for name in ("k24", "k26", "u31"):
        assert sample(name).paths.shared_isids == []


def test_discovered_targets_have_their_addresses_with_tags() -> None:
    found = sample("m01").paths.discovered
    assert [target.target_name[-5:] for target in found] == ["disk1", "disk2", "disk3"]
    assert {tuple(target.addresses) for target in found} == {("127.0.0.1:3260,1",)}
    assert sample("m02").paths.discovered[0].addresses == ["[::1]:3260,1"]


def test_portals_know_who_named_them_and_who_used_them() -> None:
    talk = Talk()
    talk.handshake()
    talk.login(discovery=True)
    talk.discover(("iqn.a", "192.0.2.2:3260,1"), ("iqn.a", "192.0.2.3:3260,2"))
    talk.close()
    used = talk.beside().open()
    used.close()
    portals = {portal.portal: portal for portal in study(talk).paths.portals}
    assert portals["192.0.2.2:3260"].connections == 1
    assert portals["192.0.2.3:3260"].connections == 0
    assert portals["192.0.2.3:3260"].advertised_for == ["iqn.a"]


def test_refused_connections_are_counted_by_portal() -> None:
    (portal,) = sample("m57").paths.portals
    assert (portal.refused, portal.unanswered, portal.connections) == (2, 0, 1)
    assert len(portal.frames) == 2


def test_a_connection_attempt_without_an_answer_is_counted() -> None:
    talk = Talk().open()
    talk.close()
    lonely = talk.beside(target="192.0.2.66")
    lonely.line.segment(lonely.line.side(I2T), flags=2)
    portals = {portal.portal: portal for portal in study(talk).paths.portals}
    assert portals["192.0.2.66:3260"].unanswered == 1
