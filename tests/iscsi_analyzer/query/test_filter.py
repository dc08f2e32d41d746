"""Asking a filter: about all items, from some number on, about some; and about a store that grows."""

from __future__ import annotations

import numpy as np
import pytest

from iscsi_analyzer.query import compile_filter
from tests.iscsi_analyzer.stores import Feeding, busy, every_kind, store_of, varied
from tests.support.talk import Talk
from tests.support.talk_load import mixture

TEXTS = (
    "iscsi.opcode == 1",
    "scsi.lun == 1",
    "iscsi.cmdsn > 5 && !(iscsi.scsicommand.R == 1)",
    "scsi_sbc.opcode == 0x28",
    "iscsi.keyvalue",
    "iscsi.pdu.length > 100",
    "frame.time_delta < 1ms",
    "iscsi.request_frame > 3",
)
AHEAD = (
    "iscsi.task.latency > 0",
    "iscsi.response_frame",
    "iscsi.session.target_name",
    "iscsi.task.outcome == answered || tcp.port == 3260",
    "iscsi.opcode == 1 && iscsi.connection.login_complete",
)


@pytest.mark.parametrize("text", TEXTS)
def test_as_a_store_grows_only_new_pdus_need_be_asked_about(text: str) -> None:
    compiled = compile_filter(text)
    assert not compiled.looks_ahead
    feeding = Feeding()
    frames = mixture(seed=2, pdus=300).frames
    answers: list[bool] = []
    for start in range(0, len(frames), 23):
        feeding.feed(frames[start : start + 23])
        answers += compiled.pdus(feeding.store, len(answers) + 1).tolist()
        assert len(answers) == len(feeding.store)
    assert answers == compile_filter(text).pdus(store_of(frames)).tolist()


@pytest.mark.parametrize("text", AHEAD)
def test_what_looks_ahead_says_so_and_is_right_in_the_end(text: str) -> None:
    compiled = compile_filter(text)
    assert compiled.looks_ahead
    feeding = Feeding()
    frames = every_kind().frames
    for start in range(0, len(frames), 7):
        feeding.feed(frames[start : start + 7])
        assert len(compiled.pdus(feeding.store)) == len(feeding.store)
        compiled.tasks(feeding.store)
    feeding.engine.finish()
    assert compiled.pdus(feeding.store).tolist() == compile_filter(text).pdus(varied()).tolist()
    assert compiled.tasks(feeding.store).tolist() == compile_filter(text).tasks(varied()).tolist()


def test_a_filter_belongs_to_no_store() -> None:
    compiled = compile_filter("iscsi.opcode == 1")
    first = compiled.pdus(varied()).tolist()
    assert len(compiled.pdus(busy())) != len(first)
    assert compiled.pdus(varied()).tolist() == first


def test_an_empty_store_has_empty_answers() -> None:
    store = Feeding().store
    for text in ("", *TEXTS, *AHEAD):
        compiled = compile_filter(text)
        answers = [compiled.pdus(store), compiled.tasks(store), compiled.connections(store), compiled.sessions(store)]
        assert [len(answer) for answer in answers] == [0, 0, 0, 0]


def test_a_store_without_tasks_can_be_asked_about_them() -> None:
    talk = Talk()
    talk.handshake()
    talk.login_request({"InitiatorName": "iqn.x"})
    feeding = Feeding()
    feeding.feed(talk.frames)
    for text in AHEAD:
        assert len(compile_filter(text).pdus(feeding.store)) == 1


def test_items_count_from_1() -> None:
    compiled = compile_filter("iscsi.task.number == 3")
    assert np.flatnonzero(compiled.tasks(varied())).tolist() == [2]
    assert compile_filter("iscsi.pdu.number == 5").pdus(varied(), 5).tolist()[0] is True
    assert compiled.tasks(varied(), 3).tolist()[0] is True
    with pytest.raises(ValueError, match="count from 1"):
        compiled.pdus(varied(), 0)


def test_tasks_can_be_asked_about_one_by_one() -> None:
    compiled = compile_filter("iscsi.opcode == 1 && iscsi.task.latency > 0")
    whole = compiled.tasks(busy())
    for number in range(1, len(whole) + 1, 7):
        assert compiled.tasks_among(busy(), np.array([number])).tolist() == [whole[number - 1]]


def test_an_empty_filter_lets_everything_pass() -> None:
    compiled = compile_filter(" ")
    assert compiled.pdus(varied()).all() and compiled.tasks(varied()).all() and compiled.sessions(varied()).all()
    assert compiled.fields == () and not compiled.looks_ahead
    assert repr(compiled) == "Filter(' ')"
