"""What connections report is collected; what there is too much of is counted instead of kept."""

from __future__ import annotations

import pytest

from iscsi_analyzer.listener import MAX_EVENTS, MAX_KEPT_BYTES, MAX_LOSSES, Listener
from iscsi_analyzer.options import Options
from iscsi_analyzer.streams.tcp import EVENTS
from tests.iscsi_analyzer.stores import Feeding, store_of
from tests.iscsi_analyzer.streams.feeding import Fed, pdu
from tests.iscsi_analyzer.streams.one_way import OneWay
from tests.support.mangle_loss import snap
from tests.support.talk import I2T, T2I, Talk
from tests.support.talk_pdu import COMMAND, TEXT_REQUEST


def test_connections_are_numbered_in_the_order_in_which_they_are_recognised() -> None:
    talk = Talk()
    other = talk.beside()
    talk.handshake()
    other.handshake()
    other.login()
    talk.login()
    store = store_of(talk.frames)
    assert [each.number for each in store.connections] == [1, 2]
    assert [each.first_frame for each in store.connections] == [4, 1]


def test_a_gap_and_skipped_bytes_are_told_with_direction_length_and_frame() -> None:
    talk = Talk().open()
    talk.read(512)
    lost = len(talk.frames)
    talk.read(2048)
    talk.raw(T2I, b"\x7f rubbish" * 16)
    talk.read(512)
    frames = list(talk.frames)
    frames.pop(lost + 1)
    losses = store_of(frames).losses
    gap = next(loss for loss in losses if loss.kind == "gap")
    assert (gap.to_target, gap.length, gap.connection) == (False, 1448, 1)
    skipped = [loss for loss in losses if loss.kind == "skipped"]
    assert sum(loss.length for loss in skipped) >= 8 * 16 and not skipped[0].to_target


def test_what_the_snap_length_cut_is_no_loss() -> None:
    """It is missing all the same, so that nobody is accused of it."""
    talk = Talk().open()
    talk.read(4096)
    store = store_of(snap(talk.frames, 400))
    assert store.losses == []
    assert store.followers[0].losses > 0


def test_losses_beyond_a_number_are_counted() -> None:
    way = OneWay()
    for number in range(3):
        way.send(10 + number * 10, b"x")
        way.acknowledge(10 + number * 10)
    found = way.listener
    assert len(found.losses) == 3
    found.losses.extend(found.losses * (MAX_LOSSES // 3))
    del found.losses[MAX_LOSSES:]
    way.send(50, b"x")
    way.acknowledge(50)
    assert (len(found.losses), found.losses_not_listed) == (MAX_LOSSES, 1)


def test_events_beyond_a_number_are_counted() -> None:
    way = OneWay()
    way.send(0, b"data")
    way.send(0, b"data")
    found = way.listener
    assert [(event.what, event.length) for event in found.tcp_events] == [("retransmission", 4)]
    assert {event.what for event in found.tcp_events} <= set(EVENTS)
    found.tcp_events.extend(found.tcp_events * MAX_EVENTS)
    del found.tcp_events[MAX_EVENTS:]
    way.send(0, b"data")
    assert (len(found.tcp_events), found.tcp_events_not_listed) == (MAX_EVENTS, 1)
    assert way.half.retransmitted == 2


def test_data_is_kept_up_to_a_limit_over_all_pdus() -> None:
    fed = Fed()
    text = pdu(TEXT_REQUEST, data=b"SendTargets=All\0")
    fed.feed(text.wire)
    assert fed.listener.kept_bytes == len(text.data) and fed.kept(1) == text.data
    fed.listener.kept_bytes = MAX_KEPT_BYTES - len(text.data)
    fed.feed(text.wire * 2)
    assert (fed.kept(2), fed.kept(3)) == (text.data, b"")
    assert fed.listener.kept_bytes == MAX_KEPT_BYTES and fed.listener.kept_overflow == 1


def test_additional_headers_are_kept_within_the_same_limit() -> None:
    """Beyond it they are read again from the capture, as they are in it."""
    talk = Talk().open()
    extension = b"\x03\xf1\x01\x00" + bytes(range(252)) * 4
    for number in range(4):
        talk.response(talk.command(ahs=extension + bytes([number] * 4)))
    feeding = Feeding()
    feeding.feed(talk.frames[:-4])
    found = feeding.engine.listener
    assert found.kept_bytes >= 1020 * len(found.ahs) > 0
    found.kept_bytes = MAX_KEPT_BYTES - 10
    before = len(found.ahs)
    feeding.feed(talk.frames[-4:])
    feeding.engine.finish()
    assert len(found.ahs) == before < 4
    commands = [number for number, row in enumerate(feeding.store.rows(), 1) if row.opcode == COMMAND]
    assert [feeding.store.ahs(number) for number in commands] == [
        each.ahs for each in talk.pdus if each.opcode == COMMAND
    ]


def test_the_port_of_a_target_needs_no_proof_when_somebody_comes_back() -> None:
    """Its next connection is recognised by its first header, whatever that is."""
    talk = Talk(target_port=4711).open()
    talk.read(512)
    again = talk.beside().open()
    again.read(512)
    half = len(talk.frames) // 2
    assert len(store_of(talk.frames[-2:-1]).connections) == 0
    assert len(store_of([*talk.frames[:half], talk.frames[-2]]).connections) == 2


def test_ports_that_discovery_names_carry_iscsi() -> None:
    talk = Talk()
    talk.handshake()
    talk.login(discovery=True)
    talk.discover(
        ("iqn.2005-03.com.example:a", "192.0.2.9:5003,1"), ("iqn.2005-03.com.example:b", "[2001:db8::9]:5006,1")
    )
    feeding = Feeding()
    feeding.feed(talk.frames)
    assert {3260, 860, 5003, 5006} <= feeding.engine.listener.ports


def test_without_a_capture_at_hand_nothing_can_be_read_back() -> None:
    assert Listener(Options()).read_back(0, 10) == b""


@pytest.mark.parametrize("direction", [I2T, T2I])
def test_lost_bytes_are_told_to_the_model_of_their_connection(direction: str) -> None:
    talk = Talk().open()
    other = talk.beside().open()
    other.read(512)
    talk.read(512)
    talk.read(512)
    frames = list(talk.frames)
    frames.pop(-4 if direction == I2T else -3)
    followers = store_of(frames).followers
    assert [follower.losses > 0 for follower in followers] == [True, False]
