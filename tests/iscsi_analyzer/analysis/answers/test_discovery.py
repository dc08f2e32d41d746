"""7. Discovery and paths."""

from __future__ import annotations

import pytest

from tests.iscsi_analyzer.analysis.studies import lines, said, sample, study, worst
from tests.support.talk import Session, Talk


@pytest.mark.parametrize(
    ("name", "phrases"),
    [
        ("k20", ["session 1 is one session with 2 connections (MC/S): connection 1 (CID 0, 127.0.0.1:3260)"]),
        ("k34", ["multipath: kernel -> disk1 over 2 paths"]),
        ("k34", ["127.0.0.1 -> 127.0.0.2:3260, ISID 00023d00000f: sessions 2 and 3, down from 8.160 s for 2.03 s"]),
        ("u14", ["127.0.0.1:3260 sent the initiator to 127.0.0.2:3260 for now; it followed 94 us later (session 2"]),
        ("m38", ["2 sessions at the same time over one portal, with different ISIDs"]),
        ("m01", ["session 1: 127.0.0.1:3260 named 3 targets", "iqn.2026-11.example.samples:disk3: 127.0.0.1:3260,1"]),
        ("m57", ["127.0.0.1:3260: 2 TCP connections were refused (RST in answer to the SYN): nobody listens there"]),
    ],
)
def test_real_captures(name: str, phrases: list[str]) -> None:
    text = said(sample(name), 7)
    for phrase in phrases:
        assert phrase in text


def test_portals_that_are_named_but_not_used() -> None:
    talk = Talk()
    talk.handshake()
    talk.login(discovery=True)
    talk.discover(("iqn.b:it", "192.0.2.2:3260,1"), ("iqn.b:it", "192.0.2.3:3260,2"))
    talk.close()
    assert "not used" not in said(study(talk), 7)  # a discovery alone uses nothing
    talk.beside().open().close()
    assert "advertised but not used in the capture: 192.0.2.3:3260" in said(study(talk), 7)


def test_a_portal_that_no_discovery_names() -> None:
    talk = Talk()
    talk.handshake()
    talk.login(discovery=True)
    talk.discover(("iqn.b:it", "192.0.2.3:3260,2"))
    talk.close()
    talk.beside().open().close()
    assert "192.0.2.2:3260 was used, but no discovery in the capture names it" in said(study(talk), 7)


def test_a_redirection_to_nowhere_is_worth_a_look() -> None:
    talk = Talk()
    talk.handshake()
    talk.login_request({"InitiatorName": "iqn.a", "TargetName": "iqn.b"})
    talk.login_response(status=0x0101)
    talk.fin()
    assert "sent the initiator to an address that it did not tell for now; it did not go there" in said(study(talk), 7)
    assert worst(study(talk), 7) == "look"


def test_two_hosts_with_one_name_are_told() -> None:
    talk = Talk().open()
    clone = talk.beside(session=Session(isid=talk.session.isid, tsih=9), initiator="192.0.2.9").open()
    clone.read(4096)
    talk.read(4096)
    text = said(study(talk), 7)
    assert "from 192.0.2.1 and 192.0.2.9: two hosts may share one name, and push each other out" in text
    assert worst(study(talk), 7) == "bad"


def test_a_single_session_has_nothing_to_tell() -> None:
    assert lines(sample("f01"), 7) == []
