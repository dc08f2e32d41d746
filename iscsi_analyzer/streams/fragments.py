"""Reassembly of IP fragments (RFC 791 section 3.2, RFC 8200 section 4.5): bounded, and always able to say where bytes came from.

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


@final
class Datagram:
    """A reassembled IP datagram.

    `buf` is source address, destination address (`address_length` bytes each) and the payload as far as it was captured;
    `length` is the length of the payload on the wire: greater than that in `buf` if the snap length cut the last fragment.
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

    def __init__(self, addresses: bytes, protocol: int, ts: int) -> None:
        self.addresses = addresses
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
        if self.total < 0 or self.covered < self.needed:
            return False
        at = 0
        for n in range(len(self.starts)):
            if self.starts[n] != at:
                break
            at += self.parts[n].length
        return at >= self.needed

    def datagram(self) -> Datagram:
        """What was collected; call it when `complete()`."""
        address_length = len(self.addresses) // 2
        offset = len(self.addresses)
        pieces: list[tuple[int, int, int]] = []
        chunks = [self.addresses]
        at = 0
        for n in range(len(self.parts)):
            part = self.parts[n]
            if self.starts[n] != at:
                break
            chunks.append(part.data)
            pieces.append((offset + at, part.length, part.position))
            at += part.length
        return Datagram(b"".join(chunks), address_length, self.protocol, self.total, pieces, self.ts)


@final
class FragmentTable:
    """The datagrams that are being reassembled: at most `max_datagrams`, holding at most about `max_bytes`.

    The counters say what became of everything that came in; `counts()` gives them names.
    """

    def __init__(self, max_datagrams: int = 1024, max_bytes: int = 16 << 20) -> None:
        self.max_datagrams = max_datagrams
        self.max_bytes = max_bytes
        self.bytes_held = 0
        self._partials: dict[bytes, _Partial] = {}
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

        `position` is the position in the capture of the first byte of the frame. If the fragment itself was found within a
        reassembled datagram (by `decode_datagram()`), `outer` is that datagram, and `position` is not used.
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
        first: int = seg.addr
        address_length: int = seg.addr_len
        addresses = buf[first : first + 2 * address_length]
        key = _key(seg, addresses)
        partial = self._partials.get(key)
        if partial is None:
            partial = _Partial(addresses, seg.fragment_protocol, ts)
            self._partials[key] = partial
            self.bytes_held += partial.cost
        self.bytes_held -= partial.cost
        self._take(partial, seg, buf, start, length, captured, more, position, outer)
        self.bytes_held += partial.cost
        if partial.complete():
            self._forget(key, partial)
            if partial.hopeless:
                return None
            if partial.needed < partial.total:
                self.completed_cut += 1
            else:
                self.completed += 1
            return partial.datagram()
        self._shrink()
        return None
