"""Every key stands there with offer, answer and result; connections that agreed on the same share a table."""

from __future__ import annotations

import pytest

from iscsi_analyzer.export.html import negotiation as module
from iscsi_analyzer.export.html.negotiation import negotiation
from tests.iscsi_analyzer.export.html.pages import read, rows, subject


def test_every_key_is_there_with_what_is_in_force() -> None:
    found = subject("k06")
    (keys,) = found.study.keys
    told = rows(read(negotiation(found)), "Keys of connection 1 (session 1)")
    assert [row[0] for row in told] == [state.key for state in keys.states]


def test_offer_answer_and_result_stand_beside_each_other() -> None:
    told = rows(read(negotiation(subject("k24"))), "Keys of connections 1 and 2 (sessions 1 and 2)")
    assert ["MaxBurstLength", "initiator", "16776192", "262144", "262144", "agreed"] in told


def test_connections_that_agreed_on_something_else_have_tables_of_their_own() -> None:
    body = read(negotiation(subject("k20")))
    assert len(list(body.all("details"))) == 2


def test_secrets_are_left_out() -> None:
    """CHAP_R of a login, and the challenge."""
    told = {row[0]: row for row in rows(read(negotiation(subject("k06"))), "Keys of connection 1 (session 1)")}
    assert "0x" not in "".join(told["CHAP_R"])


def test_many_negotiations_are_cut_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 1)
    assert (
        "1 more connections that negotiated otherwise: iscsi-analyzer keys FILE"
        in read(negotiation(subject("k20"))).text
    )


def test_a_capture_without_a_login_has_no_such_section() -> None:
    assert negotiation(subject("f10")) is None
