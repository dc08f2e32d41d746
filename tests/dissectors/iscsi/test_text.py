"""Text Request and Response (RFC 7143 sections 11.10 and 11.11)."""

from __future__ import annotations

from dissectors.iscsi.keys import build_text
from tests.dissectors.iscsi.headers import find, made, names


def test_a_request_says_its_first_pair() -> None:
    pdu = made("Text Request", build_text([("SendTargets", "All")]), final=1, initiator_task_tag=3, cmd_sn=1)
    assert pdu.summary() == "Text Request F ITT 0x3 CmdSN 1 SendTargets=All"
    assert pdu.keys == [("SendTargets", "All")]
    assert names(pdu) == []


def test_a_response_says_its_first_pair_and_how_many_more_there_are() -> None:
    pairs = [("TargetName", "iqn.a"), ("TargetAddress", "10.0.0.1:3260,1"), ("TargetName", "iqn.b")]
    pdu = made("Text Response", build_text(pairs), final=1, initiator_task_tag=3, stat_sn=4)
    assert pdu.summary() == "Text Response F ITT 0x3 StatSN 4 TargetName=iqn.a and 2 more"
    assert pdu.keys == pairs


def test_secrets_do_not_stand_in_the_summary() -> None:
    pdu = made("Text Request", build_text([("CHAP_R", "0x1234")]))
    assert "0x1234" not in pdu.summary()


def test_an_exchange_that_goes_on_names_the_targets_tag() -> None:
    pdu = made("Text Response", b"A=", continued=1, target_transfer_tag=5)
    assert pdu.summary() == "Text Response C ITT 0x0 TTT 0x5 StatSN 0 text 2"
    assert find(pdu.tree(), "iscsi.text.C").value == 1


def test_long_values_are_cut_in_the_summary() -> None:
    assert len(made("Text Request", build_text([("X-a", "v" * 1000)])).summary()) < 200
