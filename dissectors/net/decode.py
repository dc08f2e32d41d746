"""From a captured frame to a TCP segment. HOT: compiled by mypyc, and quick when interpreted.

`decode()` does the common frames itself, in one go; everything else takes the general path, layer by layer.
"""

from __future__ import annotations

from librt.strings import read_i64_be
from mypy_extensions import i64

from dissectors.net.codes import TCP
from dissectors.net.ip import ip, protocol
from dissectors.net.link import ethernet, ethertype, link
from dissectors.net.segment import NEXT_ETHERTYPE, NEXT_IP, NEXT_PROTOCOL, Segment


def decode(seg: Segment, buf: bytes, start: i64, captured: i64, wire: i64, linktype: i64) -> i64:
    """Decode the frame buf[start : start + captured], which had `wire` bytes on the wire, into `seg`; return a code.

    The code is TCP, FRAGMENT or the reason why the frame holds no TCP segment (see dissectors.net.codes).
    """
    # Ethernet (1) or Linux cooked v1 (113), at most one VLAN tag, IPv4 without options or IPv6 without extensions, TCP
    # header captured, IP length within the frame. `w` holds two bytes of the link header and six of the IP header.
    if captured >= 54 and (linktype == 1 or linktype == 113):
        vlan: i64 = -1
        at: i64 = start + 14
        if linktype == 113:
            at += 2
        w: i64 = read_i64_be(buf, at - 2)
        kind: i64 = w >> 40
        if kind != 0x080045 and kind & 0xFFFF00 == 0x810000:
            vlan = (w >> 32) & 0xFFF
            if vlan == 0:
                vlan = -1
            at += 4
            w = read_i64_be(buf, at - 2)
            kind = w >> 40
        end: i64 = start + captured
        tcp: i64 = 0
        stop: i64 = 0
        if kind == 0x080045:
            # Protocol TCP, more-fragments flag and fragment offset zero.
            if (read_i64_be(buf, at + 6) >> 32) & 0x3FFF00FF == 6:
                seg.addr = at + 12
                seg.addr_len = 4
                seg.ip_id = w & 0xFFFF
                tcp = at + 20
                stop = at + ((w >> 16) & 0xFFFF)
        elif kind & 0xFFFFF0 == 0x86DD60:
            ip6: i64 = read_i64_be(buf, at)
            if (ip6 >> 8) & 0xFF == 6:
                seg.addr = at + 8
                seg.addr_len = 16
                seg.ip_id = -1
                tcp = at + 40
                stop = tcp + ((ip6 >> 16) & 0xFFFF)
        if tcp != 0 and tcp + 20 <= end and stop <= start + wire:
            # Data offset, flags, window, checksum, urgent pointer.
            w = read_i64_be(buf, tcp + 12)
            header: i64 = (w >> 58) & 0x3C
            payload: i64 = tcp + header
            if header >= 20 and payload <= end and payload <= stop:
                seg.tcp = tcp
                seg.header_length = header
                seg.payload = payload
                seg.length = stop - payload
                seg.captured = (stop if stop < end else end) - payload
                seg.flags = (w >> 48) & 0xFFF
                seg.window = (w >> 32) & 0xFFFF
                seg.checksum = (w >> 16) & 0xFFFF
                w = read_i64_be(buf, tcp + 4)
                seg.seq = (w >> 32) & 0xFFFFFFFF
                seg.ack = w & 0xFFFFFFFF
                seg.vlan = vlan
                seg.tunnel = 0
                seg.depth = 0
                seg.notes = 0
                return TCP
    return _layers(seg, buf, start, captured, wire, linktype)


def _layers(seg: Segment, buf: bytes, start: i64, captured: i64, wire: i64, linktype: i64) -> i64:
    """Decode any frame, layer by layer."""
    seg.at = start
    seg.end = start + captured
    seg.wire_end = start + (wire if wire > captured else captured)
    seg.ip_id = -1
    seg.vlan = -1
    seg.tunnel = 0
    seg.depth = 0
    seg.notes = 0
    seg.detail = 0
    if seg.sums:
        seg.sums = []
    code = _follow(seg, buf, link(seg, buf, linktype))
    seg.fragment_skip = seg.fragment_data - start
    return code


def _follow(seg: Segment, buf: bytes, step: i64) -> i64:
    """Take steps until a layer answers with a code. Every step consumes bytes or adds to the bounded depth."""
    while step < 0:
        if step == NEXT_ETHERTYPE:
            step = ethertype(seg, buf)
        elif step == NEXT_IP:
            step = ip(seg, buf)
        elif step == NEXT_PROTOCOL:
            step = protocol(seg, buf)
        else:
            step = ethernet(seg, buf)
    return step


def decode_datagram(seg: Segment, buf: bytes, address_length: i64, protocol_number: i64, length: i64) -> i64:
    """Go on with a reassembled IP datagram, as `decode()` would have with a whole one; return a code.

    `buf` is the source address, the destination address (`address_length` bytes each: 4 or 16) and the payload of the
    datagram as far as it was captured; `length` is the length of that payload on the wire. `seg` keeps the VLAN, tunnel
    and identification of the fragment that completed the datagram; offsets in it count within `buf` from now on.
    """
    seg.addr = 0
    seg.addr_len = address_length
    seg.at = 2 * address_length
    seg.end = len(buf)
    seg.wire_end = seg.at + length
    seg.kind = protocol_number
    seg.detail = 0
    seg.sums = []
    code = _follow(seg, buf, NEXT_PROTOCOL)
    seg.fragment_skip = seg.fragment_data
    return code
