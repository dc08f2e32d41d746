"""JSON Lines and the array hold the same records, also while the store grows."""

from __future__ import annotations

import json

from iscsi_analyzer.export.json_lines import JsonArray, JsonLines
from tests.support.command import analysed
from tests.support.talk import Talk


def conversation() -> Talk:
    talk = Talk().open()
    talk.read(4096)
    talk.close()
    return talk


def test_a_line_is_a_record() -> None:
    store = analysed(conversation()).store
    writer = JsonLines(store)
    lines = (writer.more() + writer.more() + writer.end()).decode().splitlines()
    assert [json.loads(line)["number"] for line in lines] == list(range(1, len(store) + 1))


def test_the_array_holds_the_same_records() -> None:
    store = analysed(conversation()).store
    array, lines = JsonArray(store), JsonLines(store)
    text = array.more() + array.more() + array.end()
    assert json.loads(text) == [json.loads(line) for line in lines.more().splitlines()]
    assert text.startswith(b"[\n{")
    assert text.endswith(b"}\n]\n")


def test_no_pdus_make_an_empty_array() -> None:
    talk = Talk()
    talk.handshake()
    store = analysed(talk).store
    array = JsonArray(store)
    assert json.loads(array.more() + array.end()) == []


def test_secrets_are_left_out_unless_they_are_asked_for() -> None:
    talk = Talk()
    talk.handshake()
    talk.login_request([("CHAP_R", "0xdeadbeef")], csg=0, nsg=1)
    store = analysed(talk).store
    assert b"deadbeef" not in JsonLines(store).more()
    assert b"deadbeef" in JsonLines(store, secrets=True).more()
