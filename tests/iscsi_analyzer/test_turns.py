"""Segments wait for the bytes that they acknowledge, briefly; then the capture is taken as it is."""

from __future__ import annotations

import pytest

from iscsi_analyzer.store.store import Store
from iscsi_analyzer.turns import AHEAD_FRAMES, AHEAD_NS
from tests.iscsi_analyzer.stores import Feeding, store_of
from tests.mangling.analysed import Analysed
from tests.support.mangle_loss import one_direction
from tests.support.mangle_whole import packet_of
from tests.support.talk import I2T, T2I, Talk
from tests.support.talk_capture import Frame


def asked_and_answered(reads: int = 1) -> Talk:
    """Reads of 512 bytes; acknowledgements travel with data only, so each read is two frames."""
    talk = Talk(ack_every=0).open()
    for number in range(reads):
        talk.read(512, lba=number)
    return talk


def moved(frames: list[Frame], start: int, end: int) -> list[Frame]:
    """Frame `start` comes as number `end`; the times stay in order."""
    order = list(range(len(frames)))
    order.insert(end, order.pop(start))
    return [frames[index]._replace(ts_ns=frames[place].ts_ns) for place, index in enumerate(order)]


def requests(store: Store) -> list[int]:
    return [row.request for row in store.rows()]


def test_an_answer_that_was_captured_first_waits_for_its_question() -> None:
    talk = asked_and_answered()
    frames = list(talk.frames)
    store = store_of(moved(frames, len(frames) - 2, len(frames) - 1))
    assert [row.header for row in store.rows()] == [pdu.header for pdu in talk.pdus]
    assert requests(store)[-1] == len(talk.pdus) - 1 and store.losses == []
    assert [row.frame_first for row in store.rows()][-2:] == [len(frames), len(frames) - 1]


@pytest.mark.parametrize("behind", [1, AHEAD_FRAMES // 2, AHEAD_FRAMES - 2])
def test_a_question_may_come_so_many_frames_late(behind: int) -> None:
    talk = asked_and_answered(40)
    frames = list(talk.frames)
    at = len(frames) - 79
    packet = packet_of(frames[at - 1])
    assert packet is not None and packet.target_port == 3260
    analysed = Analysed(moved(frames, at - 1, at - 1 + behind))
    assert {task.outcome for task in analysed.tasks if task.kind == "scsi"} == {"answered"}
    assert analysed.store.losses == []


def test_in_vain_it_waits_some_frames_and_no_longer() -> None:
    """The question is not in the capture: what follows goes on, and the hole is a gap of its length."""
    talk = asked_and_answered(60)
    frames = list(talk.frames)
    at = len(frames) - 120
    feeding = Feeding()
    feeding.feed([*frames[:at], *frames[at + 1 : at + 3]])
    before = len(feeding.store)
    assert feeding.store.losses == []
    feeding.feed(frames[at + 3 : at + AHEAD_FRAMES + 8])
    assert len(feeding.store) > before + AHEAD_FRAMES // 2
    feeding.feed(frames[at + AHEAD_FRAMES + 8 :])
    feeding.engine.finish()
    assert [(loss.kind, loss.to_target, loss.length) for loss in feeding.store.losses] == [("gap", True, 48)]
    assert len(feeding.store) == len(talk.pdus) - 1


def test_in_vain_it_waits_some_milliseconds_and_no_longer() -> None:
    talk = asked_and_answered(3)
    frames = list(talk.frames)
    at = len(frames) - 6
    slow = [frame._replace(ts_ns=frame.ts_ns + (AHEAD_NS + 1) * max(0, n - at)) for n, frame in enumerate(frames)]
    feeding = Feeding()
    feeding.feed([*slow[:at], *slow[at + 1 : at + 4]])
    assert [loss.length for loss in feeding.store.losses] == [48]
    (connection,) = feeding.store.connections
    assert len(connection.ahead) <= 1


def test_one_direction_alone_waits_for_nobody() -> None:
    for direction in (I2T, T2I):
        feeding = Feeding()
        feeding.feed(one_direction(asked_and_answered(5).frames, direction))
        (connection,) = feeding.store.connections
        assert connection.ahead == []


def test_an_acknowledgement_of_the_fin_waits_for_nothing() -> None:
    """The FIN counts as a byte that never comes."""
    talk = asked_and_answered()
    talk.fin(I2T)
    talk.ack(T2I)
    feeding = Feeding()
    feeding.feed(talk.frames)
    assert feeding.store.connections[0].ahead == []


def test_a_reset_waits_for_nobody() -> None:
    """It says that all is over; what waits is taken when the capture ends."""
    talk = asked_and_answered(2)
    talk.rst(T2I)
    frames = list(talk.frames)
    at = len(frames) - 3
    store = store_of([*frames[:at], *frames[at + 1 :]])
    assert store.connections[0].closed_with == "RST"
    assert len(store) == len(talk.pdus) - 1
    assert [loss.length for loss in store.losses] == [48]


def test_what_waits_at_the_end_of_the_capture_is_taken() -> None:
    talk = asked_and_answered(3)
    frames = list(talk.frames)
    at = len(frames) - 2
    feeding = Feeding()
    feeding.feed([*frames[:at], *frames[at + 1 :]])
    assert len(feeding.store) == len(talk.pdus) - 2
    feeding.engine.finish()
    assert len(feeding.store) == len(talk.pdus) - 1
    assert feeding.store.row(len(feeding.store)).frame_last == len(frames) - 1


def test_a_false_acknowledgement_holds_nobody_up_for_long() -> None:
    """Somebody acknowledges bytes that were never sent; everything is shown and paired all the same."""
    talk = asked_and_answered(80)
    frames = list(talk.frames)
    packet = packet_of(frames[20])
    assert packet is not None and packet.source_port == 3260
    packet.ack = (packet.ack + 1000) & 0xFFFFFFFF
    data = packet.encode()
    analysed = Analysed([*frames[:20], frames[20]._replace(data=data), *frames[21:]])
    assert len(analysed.store) == len(talk.pdus)
    assert {task.outcome for task in analysed.tasks if task.kind == "scsi"} == {"answered"}
