"""Reassembly of IP fragments (RFC 791 section 3.2, RFC 8200 section 4.5): bounded, and aware of where bytes came from.

Knows the fragments that `dissectors.net.decode` found, nothing of what they carry. Compiles with mypyc.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Final, final

from mypy_extensions import i64

from dissectors.net.segment import Segment

LIFETIME_NS: Final = 30_000_000_000
"Capture time that a datagram may take to become complete (RFC 791: 15 s, Linux: 30 s, RFC 8200: 60 s)."

_MAX_LENGTH: Final = 65535
# What an object costs besides its bytes, so that a flood of tiny fragments is bounded as well.
_PART_COST: Final = 200
_DATAGRAM_COST: Final = 600

# Both addresses, protocol, identification, VLAN, tunnel, tunnel number.
_Key = tuple[bytes, int, int, int, int, int]


@final
class Datagram:
    """A reassembled IP datagram.

    `buf` is source address, destination address (`address_length` bytes each) and the payload as far as it was
    captured; `length` is the length of the payload on the wire: more than `buf` holds if the last fragment was cut.
    """

    def __init__(
        self, buf: bytes, address_length: int, protocol: int, length: int, pieces: list[tuple[int, int, int]], ts: int
    ) -> None:
        self.buf = buf
        self.address_length = address_length
        self.protocol = protocol
        self.length = length
        # (offset in buf, length, position in the capture), in the order of the offsets; the addresses are in no piece.
        self.pieces = pieces
        # Time of the first fragment to arrive.
        self.first_ts = ts

    @property
    def source(self) -> bytes:
        return self.buf[: self.address_length]

    @property
    def destination(self) -> bytes:
        return self.buf[self.address_length : 2 * self.address_length]

    def trace(self, offset: int, length: int) -> list[tuple[int, int, int]]:
        """The pieces that hold buf[offset : offset + length], clipped to it: (offset in buf, length, position)."""
        found: list[tuple[int, int, int]] = []
        end = offset + length
        for first, size, position in self.pieces:
            start = max(first, offset)
            stop = min(first + size, end)
            if start < stop:
                found.append((start, stop - start, position + start - first))
        return found


@final
class _Part:
    """Bytes of a datagram that came in one piece: `length` bytes, of which `data` were kept."""

    def __init__(self, length: int, data: bytes, position: int) -> None:
        self.length = length
        self.data = data
        self.position = position


@final
class _Partial:
    """A datagram that is not complete."""

    def __init__(self, key: _Key, protocol: int, ts: int) -> None:
        self.key = key
        self.protocol = protocol
        self.ts = ts
        # Disjoint parts, sorted: the part that begins at starts[n] is parts[n].
        self.starts: list[int] = []
        self.parts: list[_Part] = []
        self.covered = 0
        # Length of the payload and how much of it can be had; -1 until the last fragment was seen.
        self.total = -1
        self.needed = -1
        self.cost = _DATAGRAM_COST
        # Bytes that the snap length took from the middle: nothing will come of it, and no bytes are kept.
        self.hopeless = False

    def agrees(self, start: int, end: int, more: bool) -> bool:
        """Could a fragment of [start, end) belong to this datagram, by what is known of its length?"""
        if self.total >= 0:
            return end == self.total if not more else end <= self.total
        return more or not self.starts or self.starts[-1] + self.parts[-1].length <= end

    def uncovered(self, start: int, end: int) -> list[tuple[int, int]]:
        """The ranges within [start, end) that no part covers."""
        free: list[tuple[int, int]] = []
        n = bisect_right(self.starts, start)
        if n > 0:
            start = max(start, self.starts[n - 1] + self.parts[n - 1].length)
        while start < end:
            if n == len(self.starts) or self.starts[n] >= end:
                free.append((start, end))
                break
            if self.starts[n] > start:
                free.append((start, self.starts[n]))
            start = self.starts[n] + self.parts[n].length
            n += 1
        return free

    def insert(self, start: int, part: _Part) -> None:
        """Add a part where nothing is covered."""
        n = bisect_right(self.starts, start)
        self.starts.insert(n, start)
        self.parts.insert(n, part)
        self.covered += part.length
        self.cost += _PART_COST + len(part.data)

    def give_up(self) -> None:
        """Forget the bytes, keep the account of what came."""
        self.hopeless = True
        for part in self.parts:
            self.cost -= len(part.data)
            part.data = b""

    def complete(self) -> bool:
        """Is every byte there that can be had?"""
        needed = self.total if self.hopeless else self.needed
        if self.total < 0 or self.covered < needed:
            return False
        at = 0
        for n in range(len(self.starts)):
            if self.starts[n] != at:
                break
            at += self.parts[n].length
        return at >= needed

    def datagram(self) -> Datagram:
        """What was collected; call it when `complete()`."""
        addresses = self.key[0]
        offset = len(addresses)
        pieces: list[tuple[int, int, int]] = []
        chunks = [addresses]
        at = 0
        for n in range(len(self.parts)):
            part = self.parts[n]
            if self.starts[n] != at:
                break
            chunks.append(part.data)
            pieces.append((offset + at, part.length, part.position))
            at += part.length
        return Datagram(b"".join(chunks), offset // 2, self.protocol, self.total, pieces, self.ts)


@final
class FragmentTable:
    """The datagrams that are being reassembled: at most `max_datagrams`, holding at most about `max_bytes`.

    The counters say what became of everything that came in; `counts()` gives them names.
    """

    def __init__(self, max_datagrams: int = 1024, max_bytes: int = 16 << 20) -> None:
        self.max_datagrams = max_datagrams
        self.max_bytes = max_bytes
        self.bytes_held = 0
        self._partials: dict[_Key, _Partial] = {}
        # Fragments
        self.fragments = 0
        self.duplicates = 0
        self.overlaps = 0
        self.malformed = 0
        # Datagrams
        self.completed = 0
        self.completed_cut = 0
        self.cut = 0
        self.timed_out = 0
        self.evicted_count = 0
        self.evicted_bytes = 0
        self.unfinished = 0

    def __len__(self) -> int:
        return len(self._partials)

    def counts(self) -> dict[str, int]:
        """Every counter that is not zero, by the words for it."""
        table = {
            "fragments": self.fragments,
            "fragments that repeat one already seen": self.duplicates,
            "fragments that overlap others (the first bytes to arrive were taken)": self.overlaps,
            "fragments with impossible offset or length": self.malformed,
            "datagrams reassembled": self.completed,
            "datagrams reassembled, their end cut by the snap length": self.completed_cut,
            "datagrams dropped: cut by the snap length": self.cut,
            "datagrams dropped: not complete after 30 s": self.timed_out,
            "datagrams dropped: too many at once": self.evicted_count,
            "datagrams dropped: too many bytes at once": self.evicted_bytes,
            "datagrams dropped: not complete at the end of the capture": self.unfinished,
        }
        return {words: count for words, count in table.items() if count}

    def add(self, seg: Segment, buf: bytes, ts: i64, position: i64, outer: Datagram | None = None) -> Datagram | None:
        """Take the fragment that `decode()` has just found in `buf`; return the datagram if that makes it complete.

        `position` is that of the first byte of the frame in the capture. If the fragment itself was found within
        a reassembled datagram (by `decode_datagram()`), `outer` is that datagram, and `position` is not used.
        """
        self.fragments += 1
        self._expire(ts)
        start: int = seg.fragment_offset
        length: int = seg.fragment_length
        captured: int = seg.fragment_captured
        more: bool = seg.fragment_more != 0
        end = start + length
        if length == 0 or end > _MAX_LENGTH or (more and length % 8 != 0):
            self.malformed += 1
            return None
        partial = self._partial(seg, buf, ts)
        if not partial.agrees(start, end, more):
            self.malformed += 1
            return None
        self.bytes_held -= partial.cost
        if start == 0:
            # RFC 8200 section 4.5: only the first fragment's next header counts.
            partial.protocol = seg.fragment_protocol
        if captured < length and more and not partial.hopeless:
            self.cut += 1
            partial.give_up()
        if not more:
            partial.total = end
            partial.needed = max(partial.needed, start + captured)
        stop = end if partial.hopeless else start + captured
        free = partial.uncovered(start, stop)
        fresh = 0
        for begin, finish in free:
            fresh += finish - begin
            at: int = seg.fragment_data + begin - start
            if partial.hopeless:
                partial.insert(begin, _Part(finish - begin, b"", 0))
            elif outer is None:
                place: int = position + seg.fragment_skip + begin - start
                partial.insert(begin, _Part(finish - begin, buf[at : at + finish - begin], place))
            else:
                for offset, size, origin in outer.trace(at, finish - begin):
                    partial.insert(begin + offset - at, _Part(size, buf[offset : offset + size], origin))
        if fresh == 0 and stop > start:
            self.duplicates += 1
        elif fresh < stop - start:
            self.overlaps += 1
        self.bytes_held += partial.cost
        if not partial.complete():
            self._shrink()
            return None
        self._forget(partial)
        if partial.hopeless:
            return None
        if partial.needed < partial.total:
            self.completed_cut += 1
        else:
            self.completed += 1
        return partial.datagram()

    def finish(self) -> None:
        """The capture is over: what is not complete never will be."""
        for partial in self._partials.values():
            self.unfinished += not partial.hopeless
        self._partials.clear()
        self.bytes_held = 0

    def _partial(self, seg: Segment, buf: bytes, ts: int) -> _Partial:
        """The unfinished datagram that a fragment belongs to, a new one if there is none."""
        first: int = seg.addr
        addresses = buf[first : first + 2 * seg.addr_len]
        # RFC 791 has the protocol identify the datagram, RFC 8200 does not.
        protocol: int = seg.fragment_protocol if seg.addr_len == 4 else -1
        tunnel_id: int = seg.tunnel_id if seg.tunnel else 0
        key = (addresses, protocol, int(seg.ip_id), int(seg.vlan), int(seg.tunnel), tunnel_id)
        partial = self._partials.get(key)
        if partial is not None and ts - partial.ts > LIFETIME_NS:
            self._time_out(partial)
            partial = None
        if partial is None:
            partial = _Partial(key, seg.fragment_protocol, ts)
            self._partials[key] = partial
            self.bytes_held += partial.cost
        return partial

    def _expire(self, ts: int) -> None:
        """Drop what has been waiting for too long; the oldest stand first."""
        while self._partials:
            partial = next(iter(self._partials.values()))
            if ts - partial.ts <= LIFETIME_NS:
                break
            self._time_out(partial)

    def _time_out(self, partial: _Partial) -> None:
        self.timed_out += not partial.hopeless
        self._forget(partial)

    def _shrink(self) -> None:
        """Drop the oldest until the bounds hold."""
        while len(self._partials) > self.max_datagrams or (self._partials and self.bytes_held > self.max_bytes):
            partial = next(iter(self._partials.values()))
            if not partial.hopeless:
                if len(self._partials) > self.max_datagrams:
                    self.evicted_count += 1
                else:
                    self.evicted_bytes += 1
            self._forget(partial)

    def _forget(self, partial: _Partial) -> None:
        del self._partials[partial.key]
        self.bytes_held -= partial.cost
