"""Which IP datagrams came in fragments, and where in the capture their bytes lie: looked up before frames are changed.

The checksum of a segment stands in its first fragment and covers all of them, so a fragment can be changed only by who
knows the others. Memory grows with the fragments, not with what they carry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dissectors.net.codes import FRAGMENT
from dissectors.net.decode import decode
from dissectors.net.segment import Segment
from iscsi_analyzer.sources.sink import FirstFrames, FrameSink
from iscsi_analyzer.streams.fragments import Datagram, FragmentTable

if TYPE_CHECKING:
    from iscsi_analyzer.run import Analysis


class Scattered(NamedTuple):
    """A datagram that came in fragments, without its bytes."""

    addresses: bytes
    protocol: int
    length: int
    pieces: tuple[tuple[int, int, int], ...]
    "(offset, length, position in the capture): offsets count from the addresses, which come first."


class Fragments:
    """The datagrams of a capture by the places of their fragments."""

    def __init__(self, analysis: Analysis) -> None:
        """Reads the capture again if it has fragments. Raises SourceError."""
        self._read_span = analysis.store.read_span
        self._by_position: dict[int, Scattered] = {}
        self._latest: tuple[Scattered, Datagram] | None = None
        if analysis.engine.fragments.fragments:
            collector = _Collector(self._by_position)
            with analysis.capture.again() as capture:
                sink = FirstFrames(collector, analysis.engine.frames)
                while capture.step(sink):
                    pass

    def of(self, position: int, length: int) -> tuple[Datagram, int] | None:
        """The datagram that the fragment belongs to whose `length` bytes of data lie at this place of the capture, with
        its bytes, and where those of the fragment are in it. None if they were not used for any."""
        scattered = self._by_position.get(position)
        if scattered is None:
            return None
        at = next((offset for offset, size, place in scattered.pieces if place == position and size == length), -1)
        if at < 0:
            return None
        if self._latest is None or self._latest[0] is not scattered:
            self._latest = (scattered, self._whole(scattered))
        return self._latest[1], at

    def _whole(self, scattered: Scattered) -> Datagram:
        """The datagram, read from the capture again."""
        parts = [scattered.addresses]
        parts += [self._read_span(position, size).ljust(size, b"\0") for _, size, position in scattered.pieces]
        return Datagram(
            b"".join(parts), len(scattered.addresses) // 2, scattered.protocol, scattered.length,
            list(scattered.pieces), 0,
        )  # fmt: skip


class _Collector(FrameSink):
    """Puts fragments together as the engine does, and remembers where they were."""

    def __init__(self, found: dict[int, Scattered]) -> None:
        self._found = found
        self._seg = Segment()
        self._table = FragmentTable()

    def frame(
        self, buf: bytes, start: int, captured: int, wire: int, ts: int, linktype: int, position: int, interface: int
    ) -> None:
        """See `FrameSink.frame`."""
        seg = self._seg
        if decode(seg, buf, start, captured, wire, linktype) != FRAGMENT:
            return
        datagram = self._table.add(seg, buf, ts, position)
        if datagram is None:
            return
        scattered = Scattered(
            datagram.buf[: 2 * datagram.address_length], datagram.protocol, datagram.length, tuple(datagram.pieces)
        )
        for _, _, place in scattered.pieces:
            self._found[place] = scattered
