"""Connections by their addresses: who opened them, how they end, and ports that are used again."""

from __future__ import annotations

import pytest

from iscsi_analyzer import flows
from iscsi_analyzer.streams.connection import ISCSI, OTHER, Connection
from tests.iscsi_analyzer.stores import Feeding, store_of
from tests.support.mangle_loss import one_direction
from tests.support.mangle_whole import packet_of
from tests.support.talk import I2T, T2I, Talk
from tests.support.talk_capture import Frame
from tests.support.talk_net import ACK, FIN, RST, SYN, Packet, address


def connections(frames: list[Frame]) -> list[Connection]:
    return store_of(frames).connections


def initiator_port(connection: Connection) -> int:
    """The port that the connection takes for the initiator's."""
    sender = connection.to_target
    assert sender is not None
    return int.from_bytes(sender.source[-2:], "big")


def plain(frames: list[Frame]) -> list[int]:
    """The frames without SYN, FIN and RST, by their places."""
    packets = [packet_of(frame) for frame in frames]
    return [number for number, packet in enumerate(packets) if packet and not packet.flags & (SYN | FIN | RST)]


def bare(seq: int, flags: int = SYN, *, port: int = 50000, target_port: int = 3260, back: bool = False) -> Frame:
    """A segment without data from the initiator, or back."""
    hosts = (address("192.0.2.1"), port), (address("192.0.2.2"), target_port)
    (source, source_port), (target, port) = reversed(hosts) if back else hosts
    data = Packet(source, target, source_port, port, seq, flags=flags, ip_id=seq & 0xFFFF).encode()
    return Frame(1_700_000_000_000_000_000 + seq * 1000, data, len(data))


def test_who_opens_the_connection_is_the_initiator_whatever_its_port() -> None:
    """Old hosts take 3260 for a port of their own, too; and the portal may be anywhere."""
    talk = Talk(initiator_port=3260, target_port=40123).open()
    talk.read(512)
    (connection,) = connections(talk.frames)
    assert initiator_port(connection) == 3260 and len(store_of(talk.frames)) == len(talk.pdus)


def test_an_answer_to_a_syn_tells_who_opened_the_connection() -> None:
    talk = Talk(initiator_port=3260, target_port=40123).open()
    talk.read(512)
    (connection,) = connections(talk.frames[1:])
    assert initiator_port(connection) == 3260


def test_the_same_ports_with_another_initial_number_are_another_connection() -> None:
    """Also if the end of the first one was not captured."""
    first = Talk().open()
    first.read(512)
    again = first.beside(initiator_port=first.initiator.port, initiator_seq=77_000_000, target_seq=88_000_000)
    again.open()
    again.read(512)
    store = store_of(first.frames)
    assert [row.connection for row in store.rows()] == [1] * 6 + [2] * 6
    assert [each.closed for each in store.connections] == [False, False]
    assert store.losses == []


def test_ports_used_again_are_seen_by_the_answer_as_well() -> None:
    """The second SYN is lacking; its answer has another number than the first one's."""
    first = Talk().open()
    first.read(512)
    before = len(first.frames)
    again = first.beside(initiator_port=first.initiator.port, initiator_seq=77_000_000, target_seq=88_000_000)
    again.open()
    again.read(512)
    frames = list(first.frames)
    store = store_of(frames[:before] + frames[before + 1 :])
    assert [row.connection for row in store.rows()] == [1] * 6 + [2] * 6
    assert initiator_port(store.connections[1]) == first.initiator.port


@pytest.mark.parametrize("direction", [0, 1])
def test_a_syn_that_is_sent_again_opens_nothing(direction: int) -> None:
    talk = Talk().open()
    talk.read(512)
    frames = list(talk.frames)
    again = frames[direction]._replace(ts_ns=frames[direction].ts_ns + 1000)
    (connection,) = connections([*frames[:3], again, *frames[3:]])
    half = (connection.first, connection.second)[direction]
    assert half.syns == 2 and half.syn_frame == direction + 1
    assert len(store_of([*frames[:3], again, *frames[3:]])) == len(talk.pdus)


def test_a_connection_of_which_only_the_end_was_captured_begins_at_its_first_frame() -> None:
    talk = Talk().open()
    for number in range(6):
        talk.read(512, lba=number)
    talk.close()
    late = talk.frames[9:]
    store = store_of(late)
    (connection,) = store.connections
    assert not connection.syn and connection.first_frame == 1 and connection.first_ts == late[0].ts_ns
    assert store.sessions[0].assumed


@pytest.mark.parametrize("end", ["FIN", "RST"])
@pytest.mark.parametrize("direction", [I2T, T2I])
def test_the_first_end_tells_who_closed_and_when(end: str, direction: str) -> None:
    talk = Talk().open()
    talk.read(512)
    (talk.fin if end == "FIN" else talk.rst)(direction)
    last = len(talk.frames)
    other = T2I if direction == I2T else I2T
    talk.rst(other)
    (connection,) = connections(talk.frames)
    assert (connection.closed_with, connection.closed_frame) == (end, last)
    assert connection.closed_ts == talk.frames[last - 1].ts_ns
    assert connection.closed_by is (connection.to_target if direction == I2T else connection.to_target.peer)  # type: ignore[union-attr]


def test_an_end_that_had_to_wait_for_its_turn_has_its_own_frame_and_time() -> None:
    """The capture has the FIN before the data that it acknowledges."""
    talk = Talk(ack_every=0).open()
    task = talk.command(read=512)
    talk.data_in(task, 512, status=0)
    talk.fin(I2T)
    frames = list(talk.frames)
    data, fin = len(frames) - 2, len(frames) - 1
    frames[data], frames[fin] = (
        frames[fin]._replace(ts_ns=frames[data].ts_ns),
        frames[data]._replace(ts_ns=frames[fin].ts_ns),
    )
    (connection,) = connections(frames)
    assert connection.first.fin_frame == connection.closed_frame == data + 1
    assert connection.closed_ts == connection.first.fin_ts == frames[data].ts_ns
    assert (connection.last_frame, connection.last_ts) == (len(frames), frames[-1].ts_ns)


def test_a_pdu_that_the_fin_cuts_is_finished_there() -> None:
    talk = Talk().open()
    task = talk.command(read=4096)
    talk.data_in(task, bytes(100), data_segment_length=4096, final=False, padding=b"")
    talk.fin(T2I)
    feeding = Feeding()
    feeding.feed(talk.frames)
    assert len(feeding.store) == len(talk.pdus), "it does not wait for the end of the capture"
    row = feeding.store.row(len(talk.pdus))
    assert row.data_captured == 100 and row.data_segment_length == 4096


def test_data_that_follows_the_fin_in_the_capture_still_belongs_to_the_stream() -> None:
    talk = Talk().open()
    talk.read(512)
    talk.read(512)
    talk.fin(T2I)
    frames = list(talk.frames)
    (at,) = [index for index in plain(frames) if len(frames[index].data) > 500][-1:]
    moved = [*frames[:at], *frames[at + 1 :], frames[at]._replace(ts_ns=frames[-1].ts_ns + 10)]
    store = store_of(moved)
    assert len(store) == len(talk.pdus) and store.losses == []


def test_connections_without_iscsi_are_kept_apart() -> None:
    talk = Talk().open()
    scans = [bare(1000 + number, port=20000 + number) for number in range(40)]
    feeding = Feeding()
    feeding.feed([*scans, *talk.frames])
    feeding.engine.finish()
    assert len(feeding.engine.others) == 40 and feeding.engine.forgotten == 0
    assert {other.verdict for other in feeding.engine.others} <= {0, OTHER}
    assert [each.verdict for each in feeding.store.connections] == [ISCSI]


def test_a_full_table_forgets_what_is_over_and_what_is_not_iscsi() -> None:
    """Those with iSCSI that are not over stay; what there is no room for is counted."""
    talk = Talk().open()
    over = talk.beside().open()
    over.close()
    feeding = Feeding()
    feeding.feed(talk.frames)
    feeding.engine._room = 100
    feeding.feed(bare(5000 + number, port=1024 + number) for number in range(100))
    assert len(feeding.engine._flows) < 150
    kept = {direction.connection.number for direction in feeding.engine._flows.values()}
    assert 1 in kept and 2 not in kept
    assert len(feeding.engine.others) >= 40
    before = len(talk.frames)
    talk.read(512)
    feeding.feed(talk.frames[before:])
    feeding.engine.finish()
    assert len(feeding.store) == len(talk.pdus)
    assert len(feeding.store.connections) == 2
    assert len(feeding.engine.others) + feeding.engine.forgotten == 100


def test_the_other_half_alone_is_found() -> None:
    talk = Talk().open()
    talk.read(512)
    for direction in (I2T, T2I):
        (connection,) = connections(one_direction(talk.frames, direction))
        sender = connection.to_target
        assert sender is not None
        assert (sender if direction == I2T else sender.peer).frames > 0
        assert (sender.peer if direction == I2T else sender).frames == 0


def test_flags_of_tcp_are_those_of_its_header() -> None:
    """RFC 9293 section 3.1."""
    assert (flows.FIN, flows.SYN, flows.RST, flows.ACK) == (FIN, SYN, RST, ACK)
