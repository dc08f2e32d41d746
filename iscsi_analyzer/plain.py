"""The engine of runs without a compiler: reads the headers of the usual frame in one go.

HOT: compiled with the others, so that the tests can hold both engines against each other in either build; in use only
where nothing is compiled (see interpreted.py). The usual frame is plain data in order, over Ethernet or Linux cooked v1
and IPv4 without options: its addresses and ports, as they stand in it, are the key of its connection. Every other frame
goes through `Engine.frame`.
"""

from __future__ import annotations

from struct import Struct
from typing import Final

from mypy_extensions import i64

from iscsi_analyzer.engine import FIN_SYN_RST, Engine
from iscsi_analyzer.flows import ACK
from iscsi_analyzer.interpreted import INTERPRETED
from iscsi_analyzer.options import Options

ETHERNET: Final = 1
LINUX_COOKED: Final = 113

_HEADERS: Final = Struct(">IHHHxBxx12sIIHHH")
"""From the ethertype on: that, version and header length, and type of service; total length; identification; flags and
offset; protocol; both addresses and both ports; sequence and acknowledgement number; offset and flags; window;
checksum."""
_READ: Final = 56
"Bytes of a frame that this reads at most."

_M32: Final = 0xFFFFFFFF


def new_engine(options: Options) -> Engine:
    """The engine that suits this run."""
    return PlainEngine(options) if INTERPRETED else Engine(options)


class PlainEngine(Engine):
    """An engine with a short way for the usual frame."""

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        # The link type whose frames may be usual ones, -1 for none, and where the ethertype stands in them.
        self._usual_link: i64 = -1
        self._ethertype: i64 = 0

    def _count_link_type(self, linktype: i64) -> None:
        super()._count_link_type(linktype)
        usual = linktype in (ETHERNET, LINUX_COOKED) and not self._verify
        self._usual_link = linktype if usual else -1
        self._ethertype = 12 if linktype == ETHERNET else 14

    def frame(
        self, buf: bytes, start: i64, captured: i64, wire: i64, ts: i64, linktype: i64, position: i64, interface: i64
    ) -> None:
        if linktype == self._usual_link and captured >= _READ:
            at = start + self._ethertype
            kind: i64
            total: i64
            identity: i64
            fragment: i64
            protocol: i64
            key: bytes
            seq: i64
            ack: i64
            flags: i64
            window: i64
            checksum: i64
            kind, total, identity, fragment, protocol, key, seq, ack, flags, window, checksum = _HEADERS.unpack_from(
                buf, at
            )
            header = (flags >> 10) & 0x3C
            payload = at + 22 + header
            length = at + 2 + total - payload
            if (
                kind >> 8 == 0x080045
                and protocol == 6
                and identity
                and fragment & 0x3FFF == 0
                and flags & FIN_SYN_RST == 0
                and window
                and header >= 20
                and 0 <= length <= start + captured - payload
            ):
                direction = self._flows.get(key)
                # As in `Engine._segment`.
                if (
                    direction is not None
                    and seq == direction.next_seq
                    and not direction.waiting
                    and direction.zero_since < 0
                    and direction.fin_offset < 0
                    and direction.framer is not None
                    and not direction.connection.wary
                ):
                    peer = direction.peer
                    if ack == peer.next_seq or not flags & ACK or (ack - peer.next_seq) & _M32 >= 0x80000000:
                        self.frames += 1
                        if ts > self.last_ts:
                            self.last_ts = ts
                        mark: i64 = 0
                        if length:
                            mark = ((seq & 0x3FFFFFFF) << 32) | (identity << 16) | checksum
                        self._plain_data(direction, buf, payload, length, seq, ack, mark, ts, position - start)
                        return
        super().frame(buf, start, captured, wire, ts, linktype, position, interface)
