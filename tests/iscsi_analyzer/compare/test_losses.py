"""What is missing was lost, or only not captured: acknowledgements and repetitions tell which."""

from __future__ import annotations

from iscsi_analyzer.compare import losses
from tests.support.mangle_whole import Frames, frame_of, packet_of
from tests.support.talk_load import mixture
from tests.support.talk_net import RST
from tests.support.two_sides import MS, compared, far, slow, with_data


def talk() -> Frames:
    return slow(mixture(seed=8, pdus=100, depth=1).frames, 600)


def test_what_was_acknowledged_was_not_captured() -> None:
    frames = talk()
    place = with_data(frames, up=True)[0]
    record = compared(frames, far([*frames[:place], *frames[place + 1 :]], 2 * MS, 2 * MS))
    assert [(each.missing_in, each.fate, each.frame) for each in record.missing] == [
        ("B", losses.NOT_CAPTURED, place + 1)
    ]


def test_what_the_capture_near_the_sender_lacks_was_not_captured() -> None:
    frames = talk()
    place = with_data(frames, up=True)[0]
    record = compared([*frames[:place], *frames[place + 1 :]], far(frames, 2 * MS, 2 * MS))
    assert [(each.missing_in, each.fate) for each in record.missing] == [("A", losses.NOT_CAPTURED)]


def test_what_nobody_acknowledged_never_came() -> None:
    """The last command is lost, and neither side says anything more; both captures go on for a while."""
    frames = talk()
    place = with_data(frames, up=True)[0]
    later = frames[0]._replace(ts_ns=frames[place].ts_ns + 2000 * MS)
    record = compared([*frames[: place + 1], later], far([*frames[:place], later], 2 * MS, 2 * MS))
    assert [(each.missing_in, each.fate, each.frame) for each in record.missing] == [("B", losses.NEVER, place + 1)]


def test_a_reset_that_its_sender_did_not_send_is_said_to_be_none_of_its() -> None:
    frames = talk()
    place = with_data(frames, up=True)[0]
    packet = packet_of(frames[place])
    assert packet is not None
    packet.payload, packet.flags = b"", RST
    reset = frame_of(packet, frames[place]._replace(ts_ns=frames[place].ts_ns + 1))
    record = compared(frames, far([*frames[: place + 1], reset, *frames[place + 1 :]], 2 * MS, 2 * MS))
    assert [(each.missing_in, each.kind, each.fate) for each in record.missing] == [("A", "RST", losses.ADDED)]
    assert any(each.severity == "bad" for each in record.headlines)


def test_a_bare_acknowledgement_that_is_missing_does_no_harm() -> None:
    frames = talk()
    place = next(at for at, frame in enumerate(frames) if at > 10 and (found := packet_of(frame)) and not found.payload)
    record = compared(frames, far([*frames[:place], *frames[place + 1 :]], 2 * MS, 2 * MS))
    assert [each.fate for each in record.missing] == [losses.ACKNOWLEDGEMENT]
    assert not any(each.severity == "bad" for each in record.headlines)
