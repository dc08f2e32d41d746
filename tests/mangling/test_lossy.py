"""What loses bytes costs the PDUs that they belonged to and no others, and nobody is accused of anything."""

from __future__ import annotations

from random import Random

import pytest

from iscsi_analyzer.store import rows
from tests.mangling.analysed import Analysed, truth_by_stream
from tests.mangling.talks import NAMES, talk_of
from tests.mangling.views import views
from tests.support import mangle_loss
from tests.support.mangle import lossy, seed_of
from tests.support.talk import Talk
from tests.support.talk_capture import Frame
from tests.support.talk_net import decode
from tests.support.talk_pdu import I2T, T2I

SEEDS = range(16)
WITHOUT = ("corrupt", "keep_alive")
"""Corruption is another matter (below). The rubbish byte of a keep-alive takes the place of a true byte where the
capture lacks both the true one and its acknowledgement: nobody can tell."""


def no_accusation(analysed: Analysed) -> None:
    """Loss is loss: no digest is wrong, no header is odd."""
    for one in analysed.seen:
        assert "bad" not in (one.row.header_digest, one.row.data_digest)
        assert not one.odd
        assert bool(one.row.flags & rows.FLAG_CUT) == one.damaged or one.row.flags & rows.FLAG_UNFINISHED
        assert one.row.data_captured == one.row.data_segment_length or one.damaged


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", NAMES)
def test_only_what_was_said_is_shown(name: str, seed: int) -> None:
    """Frames dropped or cut, one direction, a late start, an early end: every PDU is a true one or a view of it."""
    talk = talk_of(name)
    mangle = lossy(seed_of(name, seed), without=WITHOUT)
    analysed = Analysed(mangle(talk.frames))
    assert views(talk, analysed).false == [], mangle
    no_accusation(analysed)


def without(frames: list[Frame], lost: set[int]) -> list[Frame]:
    return [frame for index, frame in enumerate(frames) if index not in lost]


def data_of(frames: list[Frame], indexes: set[int]) -> int:
    packets = [decode(frames[index].data, frames[index].linktype) for index in indexes]
    return sum(len(packet.payload) for packet in packets if packet)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("name", NAMES)
def test_a_lost_frame_costs_no_pdu_that_it_did_not_touch(name: str, seed: int) -> None:
    """Framing goes on with the next PDU that is whole; what is missing is told, byte by byte."""
    talk, random = talk_of(name), Random(f"{name} {seed}")
    # Connections stay recognisable: their first frames, and what closes them, are kept.
    lost = set(random.sample(range(12 * len(talk.wire.lines), len(talk.frames) - 12), random.choice((1, 2, 5, 20))))
    analysed = Analysed(without(talk.frames, lost))
    found = views(talk, analysed)
    assert found.false == []
    no_accusation(analysed)
    missed = found.missed(truth_by_stream(talk), lost)
    assert sum(map(len, missed.values())) == 0, (sorted(lost), missed)
    gaps = sum(loss.length for loss in analysed.store.losses if loss.kind == "gap")
    assert gaps == data_of(talk.frames, lost)
    connections = analysed.store.connections
    assert sum(half.gap_bytes for one in connections for half in (one.first, one.second)) == gaps


@pytest.mark.parametrize("name", NAMES)
def test_a_fifth_of_the_frames_may_be_missing(name: str) -> None:
    """Then at most one PDU that is whole is missed for each frame that is lost."""
    talk, random = talk_of(name), Random(name)
    lost = {index for index in range(12, len(talk.frames)) if random.random() < 0.2}
    analysed = Analysed(without(talk.frames, lost))
    found = views(talk, analysed)
    assert found.false == []
    missed = found.missed(truth_by_stream(talk), lost)
    assert sum(map(len, missed.values())) <= len(lost) // 10


@pytest.mark.parametrize("length", [60, 70, 96, 110, 128, 200])
@pytest.mark.parametrize("name", NAMES)
def test_a_snap_length_costs_no_pdu_that_begins_a_segment(name: str, length: int) -> None:
    """Every PDU of whose header at least the lengths and tags are left is there; what is cut is no gap."""
    talk = talk_of(name)
    analysed = Analysed(mangle_loss.snap(talk.frames, length))
    found = views(talk, analysed)
    assert found.false == []
    no_accusation(analysed)
    assert [loss for loss in analysed.store.losses if loss.kind == "gap"] == []
    if name not in ("plain", "IPv6", "as LIO", "small bursts"):
        return
    head = 66 if name != "IPv6" else 86
    if length - head >= 48 and name != "as LIO":
        for stream, said in truth_by_stream(talk).items():
            assert found.found[stream] == set(range(len(said)))


@pytest.mark.parametrize("direction", [I2T, T2I])
@pytest.mark.parametrize("name", NAMES)
def test_one_direction_alone_is_whole(name: str, direction: str) -> None:
    """The other side's words are not missed, and its acknowledgements not needed."""
    talk = talk_of(name)
    analysed = Analysed(mangle_loss.one_direction(talk.frames, direction))
    found = views(talk, analysed)
    assert found.false == []
    no_accusation(analysed)
    for stream, said in truth_by_stream(talk).items():
        assert len(found.found[stream]) == (len(said) if stream[1] == direction else 0)
    assert analysed.store.losses == []


@pytest.mark.parametrize("name", ["both digests", "two connections with digests", "as LIO"])
def test_a_spoiled_byte_under_digests_is_one_bad_digest(name: str) -> None:
    """Data that changed on its way, unnoticed by TCP: its PDU has a bad data digest, all others are as they were."""
    talk = talk_of(name)
    for seed in range(12):
        random = Random(seed)
        pdu = random.choice([pdu for pdu in talk.pdus if len(pdu.data) > 8 and pdu.data_digest])
        place = random.randrange(pdu.size - 4 - len(pdu.padding) - len(pdu.data), pdu.size - 4)
        analysed = Analysed(spoiled(talk, pdu.spans, place, 1 + random.randrange(255)))
        bad = [one for one in analysed.seen if one.row.data_digest == "bad"]
        assert len(bad) == 1 and bad[0].row.header == pdu.header
        assert len(analysed.seen) == len(talk.pdus)
        assert not any(one.damaged or one.odd or one.row.header_digest == "bad" for one in analysed.seen)


def spoiled(talk: Talk, spans: list[tuple[int, int, int]], place: int, bits: int) -> list[Frame]:
    """The capture with byte `place` of a PDU changed."""
    frames = list(talk.frames)
    for index, at, size in spans:
        if place < size:
            data = bytearray(frames[index].data)
            data[at + place] ^= bits
            frames[index] = frames[index]._replace(data=bytes(data))
            break
        place -= size
    return frames


@pytest.mark.parametrize("byte", [0, 1, 4, 5, 6, 7, 9, 17, 30, 47])
def test_a_spoiled_header_is_one_bad_header_digest(byte: int) -> None:
    """Whatever the spoiled header says of lengths, framing finds the next PDUs again."""
    talk = talk_of("both digests")
    truth = truth_by_stream(talk)
    for seed in range(12):
        random = Random(f"{byte} {seed}")
        pdu = random.choice([pdu for pdu in talk.pdus[8:-8] if pdu.header_digest])
        bits = 1 << random.randrange(8)
        if byte == 0 and (pdu.header[0] ^ bits) & 0x1F == 3:
            continue  # now a login PDU, which has no digest
        analysed = Analysed(spoiled(talk, pdu.spans, byte, bits))
        bad = [one for one in analysed.seen if one.row.header_digest == "bad"]
        assert len(bad) == 1
        found = views(talk, analysed)
        assert len(found.false) == 1, "the spoiled one"
        missed = sum(len(said) - len(found.found[stream]) for stream, said in truth.items()) - 1
        assert missed <= 3, (byte, seed, missed)
