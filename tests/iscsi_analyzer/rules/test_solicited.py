"""The answer to one R2T: where it begins, goes on, and ends."""

from __future__ import annotations

import pytest

from tests.iscsi_analyzer.rules.judging import found, near_miss
from tests.iscsi_analyzer.rules.scsi_talks import blamed, broken, with_keys
from tests.support.talk import Talk

Piece = tuple[int, int, bool]
"Offset, length, F."


def answer(*pieces: Piece, talk: Talk | None = None, status: int | None = 0) -> Talk:
    """A write of 16 KiB of which the target asks for 8 KiB from 4096 on; the pieces are the answer."""
    talk = talk or Talk().open()
    write = talk.command(write=16384, data=bytes(4096))
    talk.r2t(write, 8192)
    for offset, length, final in pieces:
        talk.data_out(write, length, offset=offset, final=final)
    if status is not None:
        talk.response(write, status, underflow=4096)
    return talk


@near_miss(
    "dataout-outside-r2t", "dataout-start-offset", "dataout-pdu-order", "dataout-short-final", "dataout-f-missing"
)
@pytest.mark.parametrize(
    "pieces",
    [
        [(4096, 8192, True)],
        [(4096, 4096, False), (8192, 4096, True)],
        [(4096, 512, False), (4608, 7676, False), (12284, 4, True)],
        [(4096, 8192, False), (12288, 0, True)],
        [(4096, 0, False), (4096, 8192, True)],
    ],
)
def test_an_answer_may_have_any_number_of_pieces(pieces: list[Piece]) -> None:
    """Empty ones, too: also the last."""
    assert broken(answer(*pieces)) == []


@pytest.mark.parametrize("piece", [(0, 8192, True), (8192, 8192, True), (4096, 8196, True), (12288, 8192, True)])
def test_an_answer_stays_inside(piece: Piece) -> None:
    finding = blamed(answer(piece), "dataout-outside-r2t")
    assert (finding.facts["first"], finding.facts["last"]) == (4096, 12288)


def test_an_answer_begins_at_its_beginning() -> None:
    """One fault is one finding: what follows is out of order, too."""
    assert broken(answer((8192, 4096, False), (4096, 4096, True))) == ["dataout-start-offset"]


@pytest.mark.parametrize("offset", [4096, 6144, 10240])
def test_pieces_follow_each_other(offset: int) -> None:
    talk = answer((4096, 4096, False), (offset, 2048, False), (10240, 2048, True))
    assert set(broken(talk)) == {"dataout-pdu-order"}


@near_miss("dataout-start-offset", "dataout-pdu-order")
def test_pieces_may_come_in_any_order_if_that_was_negotiated() -> None:
    talk = with_keys(DataPDUInOrder="No")
    assert broken(answer((8192, 4096, False), (6144, 2048, False), (4096, 2048, True), talk=talk)) == []


@pytest.mark.parametrize("pieces", [[(4096, 8188, True)], [(4096, 4096, False), (8192, 0, True)]])
def test_an_answer_is_complete(pieces: list[Piece]) -> None:
    assert blamed(answer(*pieces), "dataout-short-final").facts["desired"] == 8192


@near_miss("dataout-short-final")
def test_an_abort_lets_an_answer_end_early() -> None:
    talk = Talk().open()
    write = talk.command(write=8192)
    burst = talk.r2t(write)
    talk.data_out(write, 1024, burst=burst, final=False)
    talk.tmf_request(5)
    talk.data_out(write, 0, burst=burst, final=True)
    assert broken(talk) == []


def test_an_answer_has_an_end() -> None:
    """The last Data-Out shows it, although it takes what comes later to be sure."""
    talk = answer((4096, 4096, False), (8192, 4096, False))
    finding = blamed(talk, "dataout-f-missing")
    assert finding.party == "initiator"
    assert [talk.pdus[number - 1].opcode for number in finding.pdus] == [0x05]


def test_an_answer_without_end_is_seen_when_the_next_one_begins() -> None:
    talk = Talk().open()
    write = talk.command(write=8192)
    for final in (False, True):
        talk.r2t(write, 4096)
        talk.data_out(write, 4096, final=final)
    assert broken(talk) == ["dataout-f-missing"]


@near_miss("dataout-f-missing")
def test_an_end_may_still_come() -> None:
    assert broken(answer((4096, 8192, False), status=None)) == []


def test_unsolicited_data_has_an_end() -> None:
    talk = with_keys(InitialR2T="No", FirstBurstLength="4096")
    write = talk.command(write=8192, final=False)
    talk.data_out(write, 4096, final=False)
    talk.r2t(write, 4096)
    talk.data_out(write, 4096)
    talk.response(write)
    assert broken(talk) == ["dataout-f-missing"]


def test_an_answer_is_no_longer_than_a_burst() -> None:
    """Even if the target asks for more."""
    talk = with_keys(MaxBurstLength="4096", FirstBurstLength="4096")
    talk = answer((4096, 4096, False), (8192, 4096, True), talk=talk)
    assert broken(talk) == ["r2t-exceeds-maxburst", "dataout-sequence-exceeds-maxburst"]
    finding = next(finding for finding in found(talk) if finding.rule.startswith("dataout"))
    assert finding.facts == {"sent": 8192, "max_burst": 4096}


@near_miss("dataout-sequence-exceeds-maxburst", "r2t-exceeds-maxburst")
def test_an_answer_may_fill_a_burst() -> None:
    talk = with_keys(MaxBurstLength="8192", FirstBurstLength="4096")
    assert broken(answer((4096, 4096, False), (8192, 4096, True), talk=talk)) == []
