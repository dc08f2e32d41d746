"""The PDU at hand: what its findings say of themselves."""

from __future__ import annotations

from iscsi_analyzer.rules.desk import INITIATOR, TARGET
from tests.iscsi_analyzer.rules.judging import finding_of, found
from tests.support.talk import Talk


def test_a_finding_names_its_pdu_its_evidence_and_its_task() -> None:
    talk = Talk()
    talk.handshake()
    names = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
    talk.login_request(names, transit=False, initiator_task_tag=7)
    talk.login_response({"TargetPortalGroupTag": "1"}, initiator_task_tag=7)
    talk.login_request(initiator_task_tag=7, cid=3)
    finding = finding_of(talk, "login-cid-changed")
    assert (finding.party, finding.pdu, finding.related, finding.tag) == (INITIATOR, 3, [1], 7)
    assert finding.facts == {"cid": 3, "first": 0}


def test_the_sender_is_accused_unless_another_party_is_named() -> None:
    talk = Talk().open(answer={"MaxConnections": "Irrelevant"})
    assert finding_of(talk, "key-irrelevant-answer-unjustified").party == TARGET


def test_the_first_request_of_a_further_connection_belongs_to_the_session_that_it_joins() -> None:
    talk = Talk(max_connections=2).open()
    other = talk.join()
    other.handshake()
    other.login_request({"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "MaxConnections": "2"})
    (finding,) = found(talk)
    assert (finding.rule, finding.session, finding.connection) == ("key-lo-on-nonleading", 1, 2)


def test_a_text_task_without_a_tag_is_no_task() -> None:
    talk = Talk().open(discovery=True)
    talk.text_request({"SendTargets": "nobody"}, tag=0xFFFFFFFF)
    assert [finding.tag for finding in found(talk) if finding.rule == "sendtargets-value-invalid"] == [-1]
