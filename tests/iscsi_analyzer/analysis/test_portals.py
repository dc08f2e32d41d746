"""Portals: named, used, refused, unanswered."""

from __future__ import annotations

from iscsi_analyzer.analysis.portals import attempt, portal_named
from tests.iscsi_analyzer.analysis.studies import sample, study
from tests.support.talk import I2T, Talk


def test_a_target_address_is_a_portal() -> None:
    assert portal_named("192.0.2.7") == "192.0.2.7:3260"
    assert portal_named("[2001:db8::7]:3261,4") == "[2001:db8::7]:3261"
    assert portal_named("storage.example.com:860,1") == "storage.example.com:860"


def test_attempts_are_found_by_host_portal_and_time() -> None:
    found = sample("m57")
    end = found.sessions[0].end_ns
    assert found.attempts.after(["127.0.0.1"], ["127.0.0.1:3260"], end) == (2, 0)
    assert found.attempts.after(["127.0.0.9"], ["127.0.0.1:3260"], end) == (0, 0)
    assert found.attempts.after(["127.0.0.1"], ["127.0.0.1:3260"], found.facts.end + 1) == (0, 0)


def test_only_connections_without_data_to_an_iscsi_port_are_attempts() -> None:
    assert [attempt(link) for link in sample("m57").facts.engine.others] == ["refused", "refused"]
    assert [attempt(link) for link in sample("k20").facts.store.connections] == ["", ""]
    talk = Talk(target_port=80)
    talk.line.segment(talk.line.side(I2T), flags=2)
    assert [attempt(link) for link in study(talk).facts.engine.others] == [""]


def test_every_answer_to_send_targets_is_read() -> None:
    found = sample("u01").paths.discovered
    assert len(found) == 10
    assert {target.pdu for target in found} == {4}


def test_an_address_without_a_name_belongs_to_the_target_of_the_session() -> None:
    talk = Talk().open()
    talk.text({"SendTargets": ""}, [("TargetAddress", "192.0.2.9:3260,1")])
    (target,) = study(talk).paths.discovered
    assert (target.target_name, target.addresses) == ("iqn.2005-03.com.example:target", ["192.0.2.9:3260,1"])


def test_an_address_that_makes_no_sense_is_told() -> None:
    talk = Talk()
    talk.handshake()
    talk.login(discovery=True)
    talk.discover(("iqn.a", "nowhere at all:99999,x"))
    (target,) = study(talk).paths.discovered
    assert target.problems
