"""Hostile bytes never escape `feed()`: real captures with changed bytes, and bytes that were never iSCSI, become PDUs,
gaps and counted losses, and no rule fails on them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.iscsi_analyzer.stores import Feeding
from tests.mangling.analysed import Analysed
from tests.support.samples import captures
from tests.support.talk import I2T, T2I, Talk
from tests.support.talk_capture import Frame, read_pcap

SAMPLES = [path for path in captures() if ".pcapng" not in path.name]
MOST = 120
"Frames of a sample that are taken, from its beginning or from anywhere."
PLACES = (14, 34, 54, 66)
"Where headers begin: IP, TCP, and data without and with time stamps."


@cache
def frames(path: Path) -> list[Frame]:
    return read_pcap(path)


def changed(path: Path, seed: int) -> list[Frame]:
    """Some frames of a sample, of which some have other bytes."""
    random = Random(f"{path.name} {seed}")
    found = frames(path)
    start = random.choice((0, random.randrange(max(1, len(found) - MOST))))
    first, share = random.choice(PLACES), random.choice((0.03, 0.2, 0.6))
    out = []
    for frame in found[start : start + MOST]:
        data = bytearray(frame.data)
        if len(data) > first and random.random() < share:
            for _ in range(random.choice((1, 1, 3, 10))):
                place = random.randrange(first, min(len(data), first + 70))
                data[place] = random.choice((0, 0xFF, random.randrange(256)))
        out.append(frame._replace(data=bytes(data)))
    return out


def check(analysed: Analysed) -> None:
    """What holds whatever the bytes were."""
    store, engine = analysed.store, analysed.engine
    assert [finding.facts for finding in engine.desk.findings if finding.rule == "rule-crashed"] == []
    assert engine.listener.held_back == 0
    size = sum(len(frame.data) for frame in analysed.frames)
    for seen in analysed.seen:
        row = seen.row
        assert 8 <= row.header_captured <= 48 and row.data_captured <= row.data_segment_length
        assert 1 <= row.frame_first <= row.frame_last <= len(analysed.frames)
        assert row.request < seen.number
        assert sum(length for position, length in store.spans(row) if position >= 0) <= size
        assert len(store.data(seen.number)) <= row.data_segment_length
        assert len(store.ahs(seen.number)) <= 4 * row.header[4]
        assert store.frames(row) == sorted(set(store.frames(row)))
    for task in analysed.tasks:
        numbers = (task.request, task.answer, task.by, task.first_r2t, task.last_data_in, task.last_data_out)
        assert max(numbers) <= len(store)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name.partition(".")[0])
def test_changed_bytes_of_a_sample_raise_nothing(path: Path) -> None:
    for seed in range(2):
        check(Analysed(changed(path, seed)))


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from([I2T, T2I]), st.binary(min_size=1, max_size=120)), max_size=12),
    st.booleans(),
    st.booleans(),
)
def test_any_bytes_on_a_port_of_iscsi_raise_nothing(
    pieces: list[tuple[str, bytes]], logged_in: bool, digests: bool
) -> None:
    """Before, instead of and after a login."""
    talk = Talk(header_digest=digests, data_digest=digests)
    talk.handshake()
    if logged_in:
        talk.login()
    for direction, data in pieces:
        talk.raw(direction, data)
    check(Analysed(talk.frames))


OPCODES = st.sampled_from([*range(0x07), 0x10, 0x1C, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x31, 0x32, 0x3C, 0x3F])
HEADERS = st.tuples(OPCODES, st.binary(min_size=47, max_size=47), st.integers(0, 90), st.integers(0, 3))


@settings(max_examples=80)
@given(st.lists(st.tuples(st.sampled_from([I2T, T2I]), HEADERS), min_size=1, max_size=12))
def test_headers_of_any_content_are_pdus_and_raise_nothing(
    said: list[tuple[str, tuple[int, bytes, int, int]]],
) -> None:
    """Every opcode with every field at random, and with lengths that are true: whatever its meaning, it is shown."""
    talk = Talk().open()
    for direction, (opcode, rest, length, words) in said:
        header = bytearray((opcode,)) + rest
        header[4] = words
        header[5:8] = length.to_bytes(3, "big")
        talk.raw(direction, bytes(header) + bytes(4 * words) + bytes(length + 3 & ~3))
    analysed = Analysed(talk.frames)
    check(analysed)
    shown = {seen.row.header for seen in analysed.seen}
    first, (opcode, rest, _, words) = said[0]
    fits = (opcode < 0x20) == (first == I2T)
    assert not fits or words or any(header[0] == opcode and header[8:] == rest[7:] for header in shown)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.binary(max_size=200), st.sampled_from([0, 1, 12, 101, 108, 113, 228, 276, 9999]))))
def test_any_frames_of_any_link_type_raise_nothing(said: list[tuple[bytes, int]]) -> None:
    """Each is decoded or counted."""
    feeding = Feeding()
    feeding.feed(Frame(number, data, len(data), linktype) for number, (data, linktype) in enumerate(said))
    feeding.engine.finish()
    engine = feeding.engine
    fragments = engine.fragments.fragments
    assert engine.tcp_frames + sum(engine.not_decoded.values()) + fragments >= len(said) == engine.frames
