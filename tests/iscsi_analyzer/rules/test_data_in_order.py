"""Several Data-Ins for a read: sequences, their length and order."""

from __future__ import annotations

import pytest

from tests.iscsi_analyzer.rules.judging import near_miss
from tests.iscsi_analyzer.rules.scsi_talks import blamed, broken, with_keys
from tests.support.talk import Talk

Piece = tuple[int, int, bool]
"Offset, length, F."
BURST = {"MaxBurstLength": "8192", "FirstBurstLength": "8192"}


def read(length: int, *pieces: Piece, status: int | None = 0, **keys: str) -> Talk:
    """A read in these pieces, with a SCSI Response."""
    talk = with_keys(**keys)
    task = talk.command(read=length)
    for offset, size, final in pieces:
        talk.data_in(task, size, offset=offset, final=final)
    if status is not None:
        talk.response(task, status)
    return talk


@near_miss("datain-sequence-exceeds-maxburst", "datain-pdu-order", "datain-sequence-order", "datain-overlap")
@pytest.mark.parametrize(
    "pieces",
    [
        [(0, 8192, True), (8192, 8192, True)],
        [(0, 4096, False), (4096, 4096, True), (8192, 8192, True)],
        [(0, 512, True), (512, 8192, True), (8704, 7680, True)],
        [(0, 8188, False), (8188, 4, True), (8192, 8191, False), (16383, 1, True)],
        [(0, 8192, False), (8192, 0, True), (8192, 8192, True)],
    ],
)
def test_sequences_may_have_any_length_up_to_a_burst(pieces: list[Piece]) -> None:
    assert broken(read(16384, *pieces, **BURST)) == []


@pytest.mark.parametrize(
    "pieces", [[(0, 8196, True), (8196, 8188, True)], [(0, 8192, False), (8192, 4096, False), (12288, 4096, True)]]
)
def test_a_sequence_is_no_longer_than_a_burst(pieces: list[Piece]) -> None:
    finding = blamed(read(16384, *pieces, **BURST), "datain-sequence-exceeds-maxburst")
    assert finding.count == 1
    assert finding.facts["max_burst"] == 8192


@near_miss("datain-sequence-exceeds-maxburst")
def test_nobody_is_held_to_a_login_that_was_not_seen() -> None:
    talk = with_keys(**BURST)
    login = len(talk.frames)
    talk.test_unit_ready()
    for offsets in ((0, 16384), (16384, 0)):
        task = talk.command(read=32768)
        for offset in offsets:
            talk.data_in(task, 16384, offset=offset, final=offset == offsets[1])
        talk.response(task)
    assert broken(talk.frames[login:]) == []


@pytest.mark.parametrize("offset", [0, 2048, 8192, 12288])
def test_the_pdus_of_a_sequence_follow_each_other(offset: int) -> None:
    talk = read(16384, (0, 4096, False), (offset, 4096, True), status=None)
    assert blamed(talk, "datain-pdu-order").facts == {"offset": offset, "expected": 4096}


@near_miss("datain-pdu-order")
def test_pdus_may_come_in_any_order_if_that_was_negotiated() -> None:
    pieces = [(4096, 4096, False), (0, 4096, True), (12288, 4096, False), (8192, 4096, True)]
    assert broken(read(16384, *pieces, DataPDUInOrder="No")) == []


@near_miss("datain-pdu-order", "datain-overlap", "datain-hole", "rsp-underflow-mismatch")
def test_data_comes_again_when_it_is_asked_for() -> None:
    talk = with_keys(ErrorRecoveryLevel="1")
    task = talk.command(read=8192)
    talk.data_in(task, 4096, final=False)
    talk.snack(0, task=task, begin=0, run=1)
    talk.data_in(task, 4096, offset=0, data_sn=0, final=False)
    talk.data_in(task, 4096, offset=4096, final=True)
    talk.response(task)
    assert broken(talk) == []


@pytest.mark.parametrize("offset", [0, 2048])
def test_sequences_do_not_go_back(offset: int) -> None:
    talk = read(16384, (4096, 4096, True), (offset, 2048, True), status=None)
    assert blamed(talk, "datain-sequence-order").facts == {"offset": offset, "before": 4096}


@near_miss("datain-sequence-order", "datain-overlap")
def test_sequences_may_come_in_any_order_if_that_was_negotiated() -> None:
    assert broken(read(16384, (8192, 8192, True), (0, 8192, True), DataSequenceInOrder="No")) == []


@pytest.mark.parametrize("offset", [0, 2048, 4095])
def test_no_byte_is_sent_twice(offset: int) -> None:
    talk = read(16384, (0, 4096, True), (offset, 4096, True), status=None)
    assert blamed(talk, "datain-overlap").facts == {"offset": offset, "end": 4096}


def test_one_pdu_that_was_enough_is_remembered_when_more_comes() -> None:
    """The first one alone was a whole sequence, which needs no memory."""
    talk = read(8192, (0, 8192, True), (4096, 4096, True), status=None)
    assert broken(talk) == ["datain-overlap"]
    assert broken(read(8192, (0, 4096, True), (4096, 4096, True))) == []
