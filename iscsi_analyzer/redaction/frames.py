"""The frames of a capture without what is private: payload by what it is to iSCSI, headers with checksums that are as
good as they were.

Bytes that came twice become the same bytes twice. What belongs to no PDU is overwritten, and what is no TCP segment
of an iSCSI connection is left out.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from dissectors.net.checksum import Checksum, ones_complement_sum
from dissectors.net.checksum import tcp as tcp_checksum
from dissectors.net.codes import FRAGMENT, TCP, reason
from dissectors.net.decode import decode, decode_datagram
from dissectors.net.segment import Segment
from iscsi_analyzer.export import pcapng_order as order
from iscsi_analyzer.export.pcapng_copy import UNCHANGED, Editor, Options
from iscsi_analyzer.redaction.headers import Headers
from iscsi_analyzer.redaction.places import Places

if TYPE_CHECKING:
    from iscsi_analyzer.redaction.fragments import Fragments
    from iscsi_analyzer.redaction.plans import Plans
    from iscsi_analyzer.redaction.what import What
    from iscsi_analyzer.store.store import Store
    from iscsi_analyzer.streams.fragments import Datagram

FILLER: Final = b"\xff"
"""What undecoded bytes become. Zeros would look like headers of pings."""
MADE: Final = 16
"Datagrams whose fragments may be mixed."
_M32: Final = 0xFFFFFFFF
_KEPT_OPTIONS: Final = {
    order.SECTION: frozenset((2, 3, 4)),
    order.INTERFACE: frozenset((2, 3, 8, 9, 12, 13, 14, 15, 16, 17)),
    order.STATISTICS: frozenset(range(2, 9)),
    order.PACKET: frozenset((2, 4, 5, 6)),
    order.OLD_PACKET: frozenset((2,)),
}
"Block type -> options that can hold nothing private: no comments, addresses, filters, and no hashes of what was there."
_NAMED: Final = {order.SECTION: frozenset((2, 3, 4)), order.INTERFACE: frozenset((2, 3, 12, 15))}
"Those that name the host or its hardware."


class Redactor(Editor):
    """Changes the frames of a capture whose first pass is over."""

    def __init__(
        self, store: Store, places: Places, plans: Plans, headers: Headers, fragments: Fragments, what: What
    ) -> None:
        self.left_out: Counter[str] = Counter()
        "Frames that were left out, by what they were."
        self.zeroed = 0
        "Bytes of user data that were zeroed."
        self.overwritten = 0
        "Bytes that belong to no PDU."
        self.dropped_blocks = 0
        self.dropped_options = 0
        self._store = store
        self._places = places
        self._plans = plans
        self._headers = headers
        self._fragments = fragments
        self._what = what
        self._ports = store.found.ports
        self._seg = Segment()
        self._whole = Segment()
        self._made: dict[int, bytes | None] = {}
        "Datagrams that came in fragments, by the place of their first byte: as they are to be."
        self._anchors: dict[bytes, tuple[int, int, int]] = {}
        "Direction, by its addresses and ports -> a sequence number, the stream, and the offset of that byte in it."

    def frame(
        self, number: int, buf: bytes, start: int, captured: int, wire: int, linktype: int, position: int
    ) -> bytes | None:
        """See `Editor.frame`."""
        seg = self._seg
        code = decode(seg, buf, start, captured, wire, linktype)
        if code == FRAGMENT:
            fragment = self._fragment(buf, start, captured, linktype, position)
            if fragment is not None:
                return fragment
        key = buf[seg.addr : seg.addr + 2 * seg.addr_len] + buf[seg.tcp : seg.tcp + 4] if code == TCP else b""
        if key not in self._places.keys and not self._says_nothing(buf, key):
            if self._what.keep_undecoded:
                return UNCHANGED
            words = reason(code, seg.detail)
            self.left_out["TCP without iSCSI" if key else "IP fragments" if code == FRAGMENT else words] += 1
            return None
        if not self._headers.can_change(seg, linktype):
            self.left_out["frames whose addresses are in several headers"] += 1
            return None
        new = bytearray(buf[start : start + captured])
        payload, size = seg.payload - start, seg.captured
        kept_to = self._payload(new, payload, size, key, position + payload)
        if seg.captured == seg.length:  # what follows is padding, or a trailer of whoever captured
            new[payload + size :] = bytes(len(new) - payload - size)
        changed = self._headers.changes or new != buf[start : start + captured]
        if changed:
            self._checksum(new, buf, start)
        if self._what.cut and kept_to < payload + size:
            del new[kept_to:]
            changed = True
        return bytes(new) if changed else UNCHANGED

    def _fragment(self, buf: bytes, start: int, captured: int, linktype: int, position: int) -> bytes | None:
        """A fragment of a datagram with a segment of iSCSI; None for others, and for those that nobody put together."""
        seg = self._seg
        found = self._fragments.of(position + seg.fragment_skip, seg.fragment_captured)
        if found is None or not self._headers.can_change(seg, linktype):
            return None
        datagram, at = found
        new = bytearray(buf[start : start + captured])
        moved = self._headers.change(new, seg, start)
        first = datagram.pieces[0][2]
        if first not in self._made:
            if len(self._made) == MADE:
                del self._made[next(iter(self._made))]
            self._made[first] = self._datagram(datagram, moved)
        whole = self._made[first]
        if whole is None:
            return None
        data, size = seg.fragment_data - start, seg.fragment_captured
        new[data : data + size] = whole[at : at + size]
        if size == seg.fragment_length:
            new[data + size :] = bytes(len(new) - data - size)
        return bytes(new)

    def _datagram(self, datagram: Datagram, moved: int) -> bytes | None:
        """A whole datagram as it is to be, addresses aside, whose sum has `moved`; None if it is none of iSCSI."""
        outer, self._seg = self._seg, self._whole
        try:
            seg, buf = self._seg, datagram.buf
            seg.depth = seg.notes = 0
            code = decode_datagram(seg, buf, datagram.address_length, datagram.protocol, datagram.length)
            key = buf[seg.addr : seg.addr + 2 * seg.addr_len] + buf[seg.tcp : seg.tcp + 4]
            if code != TCP or key not in self._places.keys or not self._headers.can_change_within(seg):
                return None
            new = bytearray(buf)
            seq = seg.seq
            for offset, size, position in datagram.trace(seg.payload, seg.captured):
                seg.seq = (seq + offset - seg.payload) & _M32
                self._payload(new, offset, size, key, position)
            seg.seq = seq
            if moved or new != buf:
                self._sums(new, buf, 0, moved)
            return bytes(new)
        finally:
            self._seg = outer

    def _says_nothing(self, buf: bytes, key: bytes) -> bool:
        """Whether a segment without data belongs to a connection that never got so far as iSCSI."""
        tcp = self._seg.tcp
        ports = (int.from_bytes(buf[tcp : tcp + 2], "big"), int.from_bytes(buf[tcp + 2 : tcp + 4], "big"))
        return bool(key) and not self._seg.length and not self._ports.isdisjoint(ports)

    # --- payload ---

    def _payload(self, new: bytearray, payload: int, size: int, key: bytes, position: int) -> int:
        """Redacts `size` bytes of stream data that stand at `payload` in the frame. Where user data begins that reaches
        to the end of them, or else that end."""
        at = 0
        tail = 0
        for piece in self._places.pieces(position, size):
            begin = piece.position - position
            if begin > at:
                self._elsewhere(new, payload, at, begin, key)
            self._anchors[key] = ((self._seg.seq + begin) & _M32, piece.stream, piece.offset)
            tail = self._stream(new, payload + begin, piece.length, piece.stream, piece.offset)
            at = begin + piece.length
        if at < size:
            tail = self._elsewhere(new, payload, at, size, key)
        return payload + size - tail

    def _elsewhere(self, new: bytearray, payload: int, begin: int, end: int, key: bytes) -> int:
        """Bytes that the analysis did not use, as they came before or never fitted: what stands at their place in the
        stream tells what they are."""
        anchor = self._anchors.get(key)
        if anchor is None:
            self._overwrite(new, payload + begin, payload + end)
            return 0
        seq, stream, offset = anchor
        distance = (self._seg.seq + begin - seq + 0x80000000 & _M32) - 0x80000000
        return self._stream(new, payload + begin, end - begin, stream, offset + distance)

    def _stream(self, new: bytearray, at: int, size: int, stream: int, offset: int) -> int:
        """Redacts bytes of a stream, of which the first stands at `at` in the frame. How many of the last ones are user
        data."""
        done = offset
        tail = 0
        for part in self._places.streams[stream].parts(offset, offset + size, self._store):
            if part.start > done:
                self._overwrite(new, at + done - offset, at + part.start - offset)
            tail = self._pdu(new, at + part.start - offset, part.pdu, part.skip, part.end - part.start)
            done = part.end
        if done < offset + size:
            self._overwrite(new, at + done - offset, at + size)
            tail = 0
        return tail

    def _pdu(self, new: bytearray, at: int, pdu: int, skip: int, size: int) -> int:
        """Redacts bytes of a PDU, which stand at `at` and begin `skip` bytes into it."""
        tail = 0
        for change in self._plans.of(pdu):
            first, last = max(change.start, skip), min(change.end, skip + size)
            if first >= last:
                continue
            if change.data is None:
                self.zeroed += last - first
                tail = last - first if last == skip + size else 0
                new[at + first - skip : at + last - skip] = bytes(last - first)
            else:
                new[at + first - skip : at + last - skip] = change.data[first - change.start : last - change.start]
        return tail

    def _overwrite(self, new: bytearray, begin: int, end: int) -> None:
        self.overwritten += end - begin
        new[begin:end] = FILLER * (end - begin)

    # --- headers ---

    def _checksum(self, new: bytearray, buf: bytes, start: int) -> None:
        """Other addresses, and the checksums that go with the new bytes."""
        self._sums(new, buf, start, self._headers.change(new, self._seg, start))

    def _sums(self, new: bytearray, buf: bytes, start: int, moved: int) -> None:
        """The TCP checksum of new bytes, and of addresses whose sum has `moved`: as good or bad as it was. One that an
        adapter was to compute stays what it was, but for the addresses. Then those of tunnels around the segment."""
        seg = self._seg
        begin, end = seg.tcp - start, seg.payload + seg.captured - start
        state = tcp_checksum(buf, seg) if seg.checksum >= 0 else None
        if state is Checksum.OFFLOADED:
            if moved and seg.checksum:
                new[begin + 16 : begin + 18] = _folded(seg.checksum + moved)
        elif state is not None:  # else the capture ends before it
            moved += ones_complement_sum(bytes(new[begin:end])) - ones_complement_sum(buf[seg.tcp : start + end])
            if moved:
                new[begin + 16 : begin + 18] = _folded(seg.checksum - moved)
        self._tunnels(new, buf, start)

    def _tunnels(self, new: bytearray, buf: bytes, start: int) -> None:
        """The checksums of tunnels around the segment: as good or bad as they were, and absent where they were (RFC 768
        allows that, RFC 7348 wishes it)."""
        if not self._seg.depth:
            return
        for first, place, end in reversed(self._seg.sums):
            old = int.from_bytes(buf[place : place + 2], "big")
            moved = ones_complement_sum(bytes(new[first - start : end - start])) - ones_complement_sum(buf[first:end])
            if old and moved:
                new[place - start : place - start + 2] = _folded(old - moved)

    # --- blocks ---

    def options(self, kind: int, found: Options) -> Options:
        """See `Editor.options`."""
        kept = _KEPT_OPTIONS.get(kind, frozenset())
        if self._what.names:
            kept -= _NAMED.get(kind, frozenset())
        left = [each for each in found if each[0] in kept]
        self.dropped_options += len(found) - len(left)
        return left

    def keeps_block(self, kind: int) -> bool:
        """See `Editor.keeps_block`. Names, keys of encrypted traffic, journals, and what nobody knows."""
        self.dropped_blocks += 1
        return False


def _folded(total: int) -> bytes:
    """A sum as the 16 bits of RFC 1071; never zero, which would say that there is none."""
    return ((total - 1) % 0xFFFF + 1).to_bytes(2, "big")
