"""Logout Request and Response (RFC 7143 sections 11.14 and 11.15)."""

from __future__ import annotations

from tests.dissectors.iscsi.headers import find, made


def test_closing_a_session_needs_no_connection() -> None:
    pdu = made("Logout Request", reason_code=0, cid=3, initiator_task_tag=1, cmd_sn=2, immediate=1)
    assert pdu.summary() == "Logout Request close the session ITT 0x1 CmdSN 2 immediate"
    assert "not meaningful" in find(pdu.tree(), "iscsi.cid").text


def test_closing_a_connection_names_it() -> None:
    pdu = made("Logout Request", reason_code=2, cid=3, initiator_task_tag=1)
    assert pdu.summary() == "Logout Request remove the connection for recovery CID 3 ITT 0x1 CmdSN 0"
    assert find(pdu.tree(), "iscsi.cid").text == "3"


def test_a_reserved_reason_is_said_with_its_number() -> None:
    assert made("Logout Request", reason_code=0x7F).summary().startswith("Logout Request reserved (0x7f)")


def test_the_answer_says_how_long_to_wait() -> None:
    pdu = made("Logout Response", response=1, time2wait=2, time2retain=20, initiator_task_tag=1, stat_sn=5)
    assert pdu.summary() == "Logout Response CID not found ITT 0x1 StatSN 5 Time2Wait 2 Time2Retain 20"
