"""A capture may begin and end anywhere in a conversation."""

from __future__ import annotations

from functools import cache

import pytest

from iscsi_analyzer.store import rows
from tests.mangling.analysed import Analysed, truth_by_stream
from tests.mangling.views import views
from tests.support.mangle_loss import one_direction
from tests.support.talk import HEADER_APART, I2T, PARTS_APART, STREAM, T2I, Segmentation, Talk, together

SHAPES: dict[str, dict[str, object]] = {
    "plain": {},
    "header digests": {"header_digest": True},
    "data digests": {"data_digest": True, "segmentation": (HEADER_APART, PARTS_APART)},
    "both digests": {"header_digest": True, "data_digest": True},
    "both digests in a stream": {"header_digest": True, "data_digest": True, "segmentation": STREAM},
    "a stream": {"segmentation": STREAM},
    "three together": {"segmentation": together(3)},
    "IPv6": {"initiator": "fe80::1", "target": "fe80::2"},
    "wrapping numbers": {"initiator_seq": 0xFFFFFD00, "target_seq": 0xFFFFE000},
}


@cache
def conversation(shape: str) -> Talk:
    """Some seventy frames with something of everything."""
    segmentation = SHAPES[shape].get("segmentation")
    assert segmentation is None or isinstance(segmentation, Segmentation | tuple)
    talk = Talk(**SHAPES[shape], max_burst_length=8192, first_burst_length=2048).open()  # type: ignore[arg-type]
    for number in range(2):
        talk.read(6144, lba=number * 8)
        talk.ping(b"are you there")
        talk.write(10240, lba=number * 8)
        talk.test_unit_ready(status=2 * number)
        talk.read(512)
        talk.target_ping()
    talk.tmf(5)
    talk.close()
    return talk


@pytest.mark.parametrize("shape", SHAPES)
def test_a_capture_that_ends_anywhere_holds_what_came_before(shape: str) -> None:
    """Whole PDUs are shown as such, the one that was under way is marked unfinished, and nothing else is shown."""
    talk = conversation(shape)
    truth = truth_by_stream(talk)
    for end in range(4, len(talk.frames) + 1):
        analysed = Analysed(talk.frames[:end])
        found = analysed.by_stream(talk)
        for stream, said in truth.items():
            whole = [pdu for pdu in said if pdu.spans[-1][0] < end]
            begun = [pdu for pdu in said if pdu.spans[0][0] < end <= pdu.spans[-1][0]]
            seen = found.get(stream, [])
            assert [one.raw for one in seen[: len(whole)]] == [pdu.wire for pdu in whole], end
            rest = seen[len(whole) :]
            assert len(rest) <= len(begun)
            for one, pdu in zip(rest, begun, strict=False):
                assert one.row.flags & rows.FLAG_UNFINISHED
                assert one.row.header[: one.row.header_captured] == pdu.header[: one.row.header_captured]
            if begun and sum(size for frame, _, size in begun[0].spans if frame < end) >= 8:
                assert len(rest) == 1, (end, stream)
        assert all(task.outcome != "answered" or task.request for task in analysed.tasks)
        requests = [pdu for pdu in talk.pdus if pdu.direction == I2T and pdu.spans[-1][0] < end]
        assert len([task for task in analysed.tasks if task.request]) <= len(requests) + 1


@pytest.mark.parametrize("shape", SHAPES)
def test_the_index_only_grows(shape: str) -> None:
    """What is there after some frames is still there, unchanged, after more; and nothing waits for the end that need
    not."""
    talk = conversation(shape)
    before: list[object] = []
    whole = list(Analysed(talk.frames).store.rows())
    for end in range(0, len(talk.frames) + 1, 3):
        now: list[object] = list(Analysed(talk.frames[:end], finish=False).store.rows())
        assert now[: len(before)] == before and now == whole[: len(now)]
        before = now
    done = [pdu for pdu in talk.pdus if pdu.spans[-1][0] < len(talk.frames) - 3]
    assert len(before) >= len(done)


@pytest.mark.parametrize("way", [None, I2T, T2I])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_capture_that_starts_anywhere_is_understood(shape: str, way: str | None) -> None:
    """Without the login, digests are found by the bytes; two PDUs of a direction may be missed, none is made up."""
    talk = conversation(shape)
    truth = truth_by_stream(talk)
    for start in range(1, len(talk.frames) - 20):
        frames = talk.frames[start:]
        analysed = Analysed(frames if way is None else one_direction(frames, way))
        found = views(talk, analysed)
        assert found.false == [], start
        for stream, missed in found.missed(truth, set(range(start))).items():
            assert len(missed) <= 2 or way not in (None, stream[1]), (start, stream, missed)
        assert not any("bad" in (one.row.header_digest, one.row.data_digest) for one in analysed.seen)


@pytest.mark.parametrize("shape", SHAPES)
def test_digests_that_were_inferred_are_said_to_be(shape: str) -> None:
    """From the middle of the session on, what was not negotiated in sight is marked, and found to be what it was."""
    talk = conversation(shape)
    start = next(pdu for pdu in talk.pdus if pdu.opcode == 1).spans[0][0]
    analysed = Analysed(talk.frames[start:])
    late = [one for one in analysed.seen if one.number > 12]
    assert all(one.row.flags & rows.FLAG_INFERRED for one in late)
    for one in late:
        with_header, with_data = talk.terms.header_digest, talk.terms.data_digest
        assert one.row.header_digest == ("ok" if with_header else "absent")
        assert one.row.data_digest == ("ok" if with_data and one.row.data_segment_length else "absent")
    assert not any(one.row.flags & rows.FLAG_INFERRED for one in Analysed(talk.frames).seen)
