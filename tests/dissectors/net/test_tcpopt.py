"""TCP options: read as the RFCs say, harmless whatever they claim."""

from __future__ import annotations

import struct

from hypothesis import example, given
from hypothesis import strategies as st

from dissectors.net.codes import TCP
from dissectors.net.decode import decode
from dissectors.net.segment import Segment
from dissectors.net.tcpopt import TcpOptions, tsval
from tests.support.frames import ethernet, ipv4, tcp

TIMESTAMPS = struct.pack(">BBII", 8, 10, 0xFFFFFFFE, 0x80000000)


def options_of(options: bytes, *, cut: int | None = None, seg: Segment | None = None) -> tuple[TcpOptions, int]:
    """The options and the TSval of a segment with these options, of which only `cut` bytes were captured."""
    frame = ethernet(ipv4(tcp(b"", options=options)))
    seg = Segment() if seg is None else seg
    captured = len(frame) if cut is None else 54 + cut
    # Nothing behind the captured bytes may be read: what stands there is another timestamp.
    buf = frame[:captured] + TIMESTAMPS * 3
    assert decode(seg, buf, 0, captured, len(frame), 1) == TCP
    found = TcpOptions()
    found.parse(buf, seg)
    return found, tsval(buf, seg)


def test_a_syn_of_linux_is_read_whole() -> None:
    found, value = options_of(struct.pack(">BBHBBBBIIBBB", 2, 4, 1460, 4, 2, 8, 10, 123456, 0, 1, 3, 3) + b"\x07")
    assert (found.mss, found.window_scale, found.sack_permitted) == (1460, 7, True)
    assert (found.tsval, found.tsecr, found.sack) == (123456, 0, [])
    assert value == 123456


def test_a_segment_without_options_has_none() -> None:
    found, value = options_of(b"")
    assert (found.mss, found.window_scale, found.sack_permitted, found.tsval, found.tsecr) == (-1, -1, False, -1, -1)
    assert found.sack == []
    assert value == -1


def test_numbers_are_unsigned() -> None:
    found, value = options_of(
        b"\x02\x04\xff\xff\x03\x03\xff\x01" + b"\x05\x12" + struct.pack(">IIII", 0xFFFFFFFF, 0, 0x80000000, 0xFFFFFFF0)
    )
    assert (found.mss, found.window_scale) == (0xFFFF, 0xFF)
    assert found.sack == [0xFFFFFFFF, 0, 0x80000000, 0xFFFFFFF0]
    assert value == -1
    found, value = options_of(b"\x01\x01" + TIMESTAMPS)
    assert (found.tsval, found.tsecr, value) == (0xFFFFFFFE, 0x80000000, 0xFFFFFFFE)


def test_the_timestamp_is_found_wherever_it_stands() -> None:
    for before in (b"", b"\x01", b"\x01\x01", b"\x04\x02", b"\x1e\x04ab", b"\x05\x0a" + bytes(8)):
        found, value = options_of(before + TIMESTAMPS)
        assert (found.tsval, value) == (0xFFFFFFFE, 0xFFFFFFFE)


def test_the_end_of_the_list_ends_it() -> None:
    found, value = options_of(b"\x00" + b"\x01" + TIMESTAMPS)
    assert (found.tsval, value) == (-1, -1)


def test_an_option_of_the_wrong_length_is_stepped_over() -> None:
    found, value = options_of(
        b"\x02\x03\x05" + b"\x03\x04\x07\x07" + b"\x08\x04\x00\x01" + b"\x05\x05abc" + b"\x04\x03x"
    )
    assert (found.mss, found.window_scale, found.tsval, found.sack, found.sack_permitted) == (-1, -1, -1, [], False)
    assert value == -1


def test_the_last_of_repeated_options_counts() -> None:
    assert options_of(b"\x02\x04\x05\xb4\x02\x04\x02\x00")[0].mss == 512


def test_parsing_again_forgets_the_segment_before() -> None:
    seg, found = Segment(), TcpOptions()
    for options, mss in ((b"\x02\x04\x05\xb4" + b"\x05\x0a" + bytes(8), 1460), (b"", -1)):
        frame = ethernet(ipv4(tcp(b"", options=options)))
        decode(seg, frame, 0, len(frame), len(frame), 1)
        found.parse(frame, seg)
        assert found.mss == mss
        assert found.sack == ([0, 0] if options else [])


def test_a_cut_option_ends_the_list() -> None:
    whole = b"\x02\x04\x05\xb4\x01\x01" + TIMESTAMPS + b"\x01\x03\x03\x07"
    for cut in range(len(whole) + 1):
        found, value = options_of(whole, cut=cut)
        assert found.mss == (1460 if cut >= 4 else -1)
        assert found.tsval == value == (0xFFFFFFFE if cut >= 16 else -1)
        assert found.window_scale == (7 if cut >= 20 else -1)


@given(st.binary(max_size=40), st.integers(0, 40))
@example(b"\x08\x0a", 40)
@example(b"\x05\x02" * 20, 40)
@example(b"\x01\x01\x08\x0a" + bytes(8), 12)
@example(b"\x08\x00" * 5, 40)
def test_both_readers_agree_and_nothing_raises(options: bytes, cut: int) -> None:
    found, value = options_of(options, cut=min(cut, len(options)))
    reference = plain_timestamps((options + bytes(-len(options) % 4))[: min(cut, len(options))])
    assert value == (reference[0] if reference else -1)
    assert found.tsval == (reference[-1] if reference else -1)
    assert len(found.sack) % 2 == 0


def plain_timestamps(options: bytes) -> list[int]:
    """Every TSval of a list of options, the plain way."""
    values = []
    at = 0
    while at < len(options) and options[at] != 0:
        if options[at] == 1:
            at += 1
            continue
        if at + 1 >= len(options) or options[at + 1] < 2 or at + options[at + 1] > len(options):
            break
        body = options[at + 2 : at + options[at + 1]]
        if options[at] == 8 and len(body) == 8:
            values.append(int.from_bytes(body[:4], "big"))
        at += options[at + 1]
    return values
