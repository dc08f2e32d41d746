"""Login Request and Response (RFC 7143 sections 11.12 and 11.13)."""

from __future__ import annotations

import pytest

from dissectors.iscsi.keys import build_text
from dissectors.pdu import Context, dissect
from tests.dissectors.iscsi.headers import find, made, names

KEYS = [("InitiatorName", "iqn.2026-01.example:a"), ("AuthMethod", "CHAP,None")]
ISID = 0x00023D000001


def test_a_request_says_from_where_to_where_and_for_which_session() -> None:
    pdu = made("Login Request", build_text(KEYS), transit=1, csg=0, nsg=1, isid=ISID, tsih=3, cid=2, cmd_sn=9)
    assert pdu.summary() == (
        "Login Request T SecurityNegotiation->LoginOperationalNegotiation ISID 00023d000001 TSIH 3 CID 2 ITT 0x0 "
        "CmdSN 9 text 57"
    )
    assert pdu.keys == KEYS
    assert names(pdu) == []


def test_a_request_that_stays_in_its_stage_names_that_alone() -> None:
    assert made("Login Request", csg=1).summary().startswith("Login Request LoginOperationalNegotiation ISID")
    assert made("Login Request", csg=1, continued=1).summary().startswith("Login Request C LoginOperational")


def test_a_request_is_always_immediate() -> None:
    assert [problem.text for problem in made("Login Request", immediate=0).problems] == ["I is 0, must be 1"]


def test_success_moves_on() -> None:
    pdu = made("Login Response", transit=1, csg=0, nsg=3, isid=ISID, tsih=1, stat_sn=7)
    assert pdu.summary() == (
        "Login Response Success T SecurityNegotiation->FullFeaturePhase ISID 00023d000001 TSIH 1 ITT 0x0 StatSN 7"
    )


@pytest.mark.parametrize(
    ("status_class", "detail", "words"),
    [
        (1, 1, "Target moved temporarily (0x0101)"),
        (2, 1, "Authentication failure (0x0201)"),
        (2, 0x99, "Initiator error, reserved detail (0x0299)"),
        (3, 2, "Out of resources (0x0302)"),
        (9, 0, "reserved (0x0900)"),
        (0, 1, "Success, reserved detail (0x0001)"),
    ],
)
def test_a_verdict_is_said_in_words_and_with_its_code(status_class: int, detail: int, words: str) -> None:
    pdu = made("Login Response", status_class=status_class, status_detail=detail)
    assert pdu.summary().startswith(f"Login Response {words} ")
    node = find(pdu.tree(), "iscsi.login.status")
    assert node.value == status_class << 8 | detail
    assert [child.value for child in node.children] == [status_class, detail]


def test_numbers_of_a_refusal_mean_nothing() -> None:
    tree = made("Login Response", status_class=2, status_detail=1, transit=1).tree()
    for name in ("iscsi.login.T", "iscsi.statsn", "iscsi.expcmdsn", "iscsi.maxcmdsn"):
        assert "not meaningful" in find(tree, name).text, name


def test_the_isid_is_taken_apart() -> None:
    node = find(made("Login Request", isid=ISID).tree(), "iscsi.isid")
    assert node.text == "0x00023d000001 (OUI 00-02-3d, qualifier 0x000001)"
    assert [child.filter for child in node.children] == [f"iscsi.isid.{part}" for part in "tabcd"]


def test_text_may_go_on_in_the_next_request() -> None:
    text = build_text(KEYS)
    first = made("Login Request", text[:30], continued=1)
    second = dissect(
        made("Login Request", text[30:]).header, b"", text[30:], context=Context(text_before=first.parsed_text.tail)
    )
    assert first.keys + second.keys == KEYS
    assert names(first) + names(second) == []
    assert find(first.tree(), "Unfinished pair").length == len(first.parsed_text.tail)
    assert find(second.tree(), "InitiatorName").text == "iqn.2026-01.example:a (began in an earlier PDU)"


@pytest.mark.parametrize("captured", range(58))
def test_text_cut_by_the_snap_length_keeps_the_pairs_that_are_whole(captured: int) -> None:
    whole = made("Login Request", build_text(KEYS))
    pdu = dissect(whole.header, b"", whole.data[:captured])
    assert pdu.keys == KEYS[: whole.data[:captured].count(b"\0")]
    assert names(pdu) == (["data-truncated"] if captured < 57 else [])
