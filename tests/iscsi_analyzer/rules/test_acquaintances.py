"""What is remembered of nodes from one login to the next."""

from __future__ import annotations

from iscsi_analyzer.rules.acquaintances import MAX_KNOWN, Acquaintances, fits, remember
from tests.iscsi_analyzer.rules.judging import desk_of
from tests.support.talk import Talk


def test_more_than_enough_entries_push_out_the_oldest() -> None:
    known: dict[int, str] = {}
    for number in range(MAX_KNOWN + 10):
        remember(known, number, "")
    assert len(known) == MAX_KNOWN
    assert min(known) == 10


def test_names_that_are_too_long_are_not_remembered() -> None:
    assert fits("iqn.2005-03.com.example:a", "a" * 223)
    assert not fits("iqn.2005-03.com.example:a", "a" * 224)


def test_nodes_are_told_apart_by_part_and_address() -> None:
    """A host may be initiator and target at once: its challenges in either part are counted for themselves."""
    talk = Talk(initiator="192.0.2.7", target="192.0.2.7")
    talk.handshake()
    keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "CHAP"}
    talk.login_request(keys, csg=0, nsg=1, transit=False)
    talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "CHAP"})
    talk.login_request({"CHAP_A": "5"}, csg=0, nsg=1, transit=False)
    talk.login_response({"CHAP_A": "5", "CHAP_I": "1", "CHAP_C": "0x01"})
    talk.login_request({"CHAP_N": "a", "CHAP_R": "0x" + "cd" * 16, "CHAP_I": "1", "CHAP_C": "0x02"}, csg=0, nsg=1)
    known = desk_of(talk).acquaintances
    assert isinstance(known, Acquaintances)
    address = bytes((192, 0, 2, 7))
    assert [*known.identifiers] == [b"T" + address, b"I" + address]
    assert [key[1] for key in known.challenges] == [b"\x01", b"\x02"]
    assert known.methods == {(talk.initiator_name, talk.target_name): {"CHAP": 2}}
