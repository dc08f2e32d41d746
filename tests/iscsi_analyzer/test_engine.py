"""Frames in, segments to their streams: what is no TCP is counted by reason, copies and resets bring no data, and a
segment in several fragments is one segment."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from dissectors.net.codes import ARP, IPV4_UDP
from iscsi_analyzer.engine import Engine
from iscsi_analyzer.options import Options
from tests.iscsi_analyzer.stores import Feeding, store_of
from tests.support import frames as made
from tests.support.mangle_whole import duplicate, encapsulate, fragment, frame_of, packet_of
from tests.support.talk import I2T, T2I, Talk
from tests.support.talk_capture import ETHERNET, SLL2, Frame
from tests.support.talk_load import mixture
from tests.support.talk_net import ACK, PSH, RST, Packet


def fed(frames: list[Frame], options: Options | None = None) -> Engine:
    """The engine after the whole capture."""
    feeding = Feeding(options)
    feeding.feed(frames)
    feeding.engine.finish()
    return feeding.engine


def changed(frame: Frame, **values: object) -> Frame:
    """The frame with other values in its TCP packet; the checksum stays right."""
    packet = packet_of(frame)
    assert packet is not None
    for name, value in values.items():
        setattr(packet, name, value)
    return frame_of(packet, frame)


def later(frame: Frame, ns: int) -> Frame:
    return frame._replace(ts_ns=frame.ts_ns + ns)


def small_talk(**settings: object) -> Talk:
    talk = Talk(**settings).open()  # type: ignore[arg-type]
    talk.read(512)
    return talk


def test_frames_are_counted_and_timed_whatever_they_hold() -> None:
    """Times are those of the earliest first frame and of the latest frame, in whatever order frames come."""
    frames = small_talk().frames
    odd = Frame(frames[-1].ts_ns + 5, b"\x00" * 14, 14)
    engine = fed([*frames, odd, frames[2]])
    assert engine.frames == len(frames) + 2 and engine.tcp_frames == len(frames) + 1
    assert (engine.first_ts, engine.last_ts) == (frames[0].ts_ns, odd.ts_ns)


def test_an_empty_capture_has_no_time() -> None:
    engine = fed([])
    assert (engine.first_ts, engine.frames, engine.link_types, engine.not_decoded) == (-1, 0, {}, {})


def test_frames_that_are_no_tcp_are_counted_by_reason_and_detail() -> None:
    query = made.ethernet(made.ipv4(made.udp(b"?", destination=53), protocol=17))
    arp = made.ethernet(b"\x00\x01" * 14, kind=0x0806)
    frames = [Frame(1, data, len(data)) for data in (query, query, arp, b"")]
    counts = fed(frames).not_decoded
    assert sum(counts.values()) == 4
    assert counts[IPV4_UDP << 32 | 53] == 2
    assert counts[ARP << 32] == 1


def test_link_types_are_counted_frame_by_frame() -> None:
    frames = small_talk().frames
    cooked = encapsulate(frames, SLL2)
    mixed = [frame for pair in zip(frames, cooked, strict=True) for frame in pair]
    assert fed(mixed).link_types == {ETHERNET: len(frames), SLL2: len(frames)}


def test_a_reset_that_explains_itself_adds_nothing_to_the_stream() -> None:
    """A reset may carry a reason as text (RFC 9293 section 3.5.3), which is no data of the connection."""
    talk = small_talk()
    talk.rst(T2I)
    frames = list(talk.frames)
    reason = b"the target restarts, goodbye".ljust(48, b"\0")
    store = store_of([*frames[:-1], changed(frames[-1], payload=reason, flags=RST | ACK)])
    assert len(store) == len(talk.pdus) and store.losses == []
    sender = store.connections[0].to_target
    assert sender is not None and sender.peer.rst and sender.peer.data_bytes == talk.target.sent


@pytest.mark.parametrize("hosts", [("192.0.2.1", "192.0.2.2"), ("2001:db8::1", "2001:db8::2")])
def test_what_is_sent_again_without_anything_that_tells_packets_apart_is_a_retransmission(
    hosts: tuple[str, str],
) -> None:
    """Neither IP identification nor time stamps: then a copy is one of the capture only if it comes at once."""
    talk = small_talk(initiator=hosts[0], target=hosts[1], timestamps=False)
    frames = [changed(frame, ip_id=0) for frame in talk.frames]
    at = next(index for index, frame in enumerate(frames) if (packet := packet_of(frame)) and packet.payload)
    again = fed([*frames, later(frames[at], 300_000_000)])
    first = again.listener.connections[0].first
    assert (first.retransmitted, first.duplicates) == (1, 0)
    at_once = fed([*frames[: at + 1], later(frames[at], 1000), *frames[at + 1 :]])
    first = at_once.listener.connections[0].first
    assert (first.retransmitted, first.duplicates) == (0, 1)


def test_each_frame_captured_twice_changes_no_pdu() -> None:
    talk = mixture(4, pdus=120)
    twice = fed(duplicate(talk.frames, Random(1), share=1.0, distance=0))
    once = fed(talk.frames)
    assert twice.listener.rows.count == once.listener.rows.count == len(talk.pdus)
    halves = [half for each in twice.listener.connections for half in (each.first, each.second)]
    assert sum(half.retransmitted for half in halves) == 0 < sum(half.duplicates for half in halves)


@pytest.mark.parametrize("shuffled", [False, True])
@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1"])
def test_a_segment_in_fragments_is_one_segment_whose_bytes_are_found_again(host: str, shuffled: bool) -> None:
    talk = mixture(6, pdus=80, initiator=host, target=host[:-1] + "2", data_digest=True)
    pieces = fragment(talk.frames, Random(3), share=1.0, shuffled=shuffled)
    assert len(pieces) > len(talk.frames)
    store = store_of(pieces)
    assert Counter(store.raw(row) for row in store.rows()) == Counter(pdu.wire for pdu in talk.pdus)
    assert store.losses == []


def test_a_datagram_that_lacks_a_fragment_is_no_segment_but_is_counted() -> None:
    talk = small_talk()
    last = talk.frames[-1]
    packet = packet_of(last)
    assert packet is not None
    first, *_ = made.fragments(packet.network(), 24)
    data = packet.link_header() + first
    engine = fed([*talk.frames[:-1], last._replace(data=data, orig_len=len(data))])
    assert engine.tcp_frames == len(talk.frames) - 1
    assert engine.fragments.unfinished == 1


def test_wrong_checksums_count_only_on_demand() -> None:
    """A host that leaves them to its card captures wrong ones (the default trusts the bytes)."""
    talk = small_talk()
    at = next(index for index, frame in enumerate(talk.frames) if len(frame.data) > 100)
    data = bytearray(talk.frames[at].data)
    data[14 + 20 + 16] ^= 0xFF
    frames = [*talk.frames[:at], talk.frames[at]._replace(data=bytes(data)), *talk.frames[at + 1 :]]
    trusting, strict = fed(frames), fed(frames, Options(verify_checksums=True))
    assert (trusting.bad_checksums, strict.bad_checksums) == (0, 1)
    assert trusting.listener.rows.count == len(talk.pdus) > strict.listener.rows.count


def test_what_the_hosts_agree_on_is_taken_from_their_syns() -> None:
    connection = fed(small_talk(mss=1400).frames).listener.connections[0]
    assert [(half.mss, half.window_scale) for half in (connection.first, connection.second)] == [(1412, 7)] * 2


def test_a_stream_that_is_not_iscsi_holds_nothing_back() -> None:
    """Whatever waits for its turn is forgotten with the rest: memory does not grow with traffic of no interest."""
    feeding = Feeding()
    frames = []
    hosts = bytes((192, 0, 2, 7)), bytes((192, 0, 2, 8))
    seq, now = [1000, 5000], 0
    for number in range(200):
        way = 1 if number % 20 else 0
        text = (b"GET / HTTP/1.1\r\n\r\n" if not way else b"HTTP/1.1 200 OK\r\n").ljust(1400, b"x")
        packet = Packet(hosts[way], hosts[1 - way], (40000, 80)[way], (40000, 80)[1 - way], seq[way], flags=ACK | PSH)
        packet.ack, packet.payload, packet.ip_id = seq[1 - way], text, number + 1
        seq[way] += len(text)
        now += 1000
        data = packet.encode()
        frames.append(Frame(now, data, len(data)))
    feeding.feed(frames)
    (connection,) = {direction.connection for direction in feeding.engine._flows.values()}
    assert connection.ahead == []
    assert connection.first.waiting == connection.second.waiting == []
    assert feeding.engine.listener.held_back == 0
    feeding.engine.finish()
    assert feeding.engine.others == [connection]


def test_judging_is_a_choice() -> None:
    talk = small_talk()
    talk.data_in(talk.command(read=512), 512, status=0, data_sn=7)
    assert fed(talk.frames).desk.findings
    assert fed(talk.frames, Options(judge=False)).desk.findings == []


def test_one_direction_is_found_again_among_many() -> None:
    """Connections alternate frame by frame: each keeps its own stream."""
    talks = [Talk(initiator_port=41000)]
    talks += [talks[0].beside() for _ in range(30)]
    for talk in talks:
        talk.open()
    for number in range(3):
        for talk in talks:
            talk.read(512, lba=number)
    store = store_of(talks[0].frames)
    assert len(store) == len(talks[0].pdus) and len(store.connections) == len(talks)
    assert Counter(row.connection for row in store.rows()) == {
        number: len(talks[0].pdus) // len(talks) for number in range(1, len(talks) + 1)
    }
    assert {I2T if row.to_target else T2I for row in store.rows()} == {I2T, T2I}
