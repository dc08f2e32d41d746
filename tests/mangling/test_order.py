"""No answer comes before its question, however the capture mixed up frames or which of them it lost."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest

from tests.mangling.analysed import Analysed, Seen, truth_by_stream
from tests.mangling.talks import NAMES, talk_of
from tests.mangling.test_lossless import judge, plain
from tests.mangling.views import is_view
from tests.support.mangle_loss import first_segments
from tests.support.talk import Talk
from tests.support.talk_capture import Frame
from tests.support.talk_net import decode
from tests.support.talk_pdu import COMMAND, I2T, LOGOUT_REQUEST, NONE, NOP_OUT, Pdu

LOGIN_FRAMES = 40
"Enough for the logins of every talk."


def skewed(frames: Sequence[Frame], random: Random, lag: int) -> list[Frame]:
    """Two queues, or two taps: one direction is captured up to `lag` frames late; each keeps its own order."""
    head, tail, rest = list(frames[:LOGIN_FRAMES]), list(frames[-8:]), frames[LOGIN_FRAMES:-8]
    to_target = random.random() < 0.5
    places: list[tuple[float, int]] = []
    last: dict[tuple[int, int], float] = {}
    for index, frame in enumerate(rest):
        packet = decode(frame.data, frame.linktype)
        assert packet is not None
        flow = packet.source_port, packet.target_port
        place = index + (random.uniform(0, lag) if (packet.target_port == 3260) == to_target else 0)
        last[flow] = max(place, last.get(flow, 0) + 1e-6)
        places.append((last[flow], index))
    times = [frame.ts_ns for frame in rest]
    order = [index for _, index in sorted(places)]
    return head + [rest[index]._replace(ts_ns=ts) for index, ts in zip(order, times, strict=True)] + tail


@pytest.mark.parametrize("lag", [2, 6, 12, 25])
@pytest.mark.parametrize("name", NAMES)
def test_a_direction_that_lags_behind_changes_nothing(name: str, lag: int) -> None:
    """Acknowledgements then come before what they acknowledge, and answers before what they answer: each waits."""
    talk = talk_of(name)
    analysed = Analysed(skewed(talk.frames, Random(f"{name} {lag}"), lag))
    judge(name, analysed)
    assert analysed.named_tasks(talk) == plain(name).named_tasks(talk)


def shown(talk: Talk, analysed: Analysed) -> dict[int, Seen]:
    """What is shown of each PDU of the talk, by its identity."""
    out: dict[int, Seen] = {}
    truth = truth_by_stream(talk)
    for stream, seen in analysed.by_stream(talk).items():
        at = 0
        for one in seen:
            place = next(
                place for place in range(at, len(truth[stream])) if is_view(analysed, one, truth[stream][place])
            )
            out[id(truth[stream][place])] = one
            at = place + 1
    return out


def misplaced(talk: Talk, analysed: Analysed) -> list[tuple[int, int, int]]:
    """PDUs that do not name what asked for them, though both are shown."""
    found = shown(talk, analysed)
    asked: dict[int, Pdu] = {}
    for pdu in talk.pdus:
        if pdu.direction == I2T and pdu.opcode in (NOP_OUT, COMMAND, LOGOUT_REQUEST) and pdu.word(16) != NONE:
            asked[pdu.word(16)] = pdu
    wrong = []
    for pdu in talk.pdus:
        one, request = found.get(id(pdu)), found.get(id(asked.get(pdu.word(16))))
        if one is None or request is None or one.number == request.number or pdu.opcode & 0x1F in (2, 3, 4):
            continue
        if one.row.header_captured >= 24 <= request.row.header_captured and one.row.request != request.number:
            wrong.append((one.number, one.row.request, request.number))
    return wrong


@pytest.mark.parametrize("name", NAMES)
def test_lost_frames_put_no_answer_before_its_question(name: str) -> None:
    talk = talk_of(name)
    for seed in range(3):
        random = Random(f"{name} {seed}")
        lost = set(random.sample(range(LOGIN_FRAMES, len(talk.frames) - 12), 10))
        analysed = Analysed([frame for index, frame in enumerate(talk.frames) if index not in lost])
        assert misplaced(talk, analysed) == []


@pytest.mark.parametrize("name", [name for name in NAMES if name != "small segments"])
def test_a_sliced_capture_puts_no_answer_before_its_question(name: str) -> None:
    """Only the first segment of each PDU is there, so most acknowledgements are of bytes that nobody saw."""
    talk = talk_of(name)
    assert misplaced(talk, Analysed(first_segments(talk.frames, talk.pdus))) == []
