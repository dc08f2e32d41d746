"""The addresses in the headers of a frame: MAC addresses and the IP addresses of its TCP segment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dissectors.net.checksum import ones_complement_sum

if TYPE_CHECKING:
    from dissectors.net.segment import Segment
    from iscsi_analyzer.redaction.addresses import Addresses

_MACS: Final = {1: (0, 6), 113: (6,), 276: (12,), 0: (), 101: (), 108: (), 12: (), 14: (), 228: (), 229: ()}
"Link type -> where MAC addresses stand in its header (Ethernet, Linux cooked; loopback and raw IP have none)."


class Headers:
    """Puts other addresses into frames, or leaves them."""

    def __init__(self, addresses: Addresses | None) -> None:
        """None: all addresses stay."""
        self._addresses = addresses
        self._macs: tuple[int, ...] = ()

    @property
    def changes(self) -> bool:
        """Whether addresses are to be changed at all."""
        return self._addresses is not None

    def can_change(self, seg: Segment, linktype: int) -> bool:
        """Whether all addresses of the frame are where they can be changed: not in headers of tunnels around it."""
        if self._addresses is None:
            return True
        self._macs = _MACS.get(linktype, ())
        return linktype in _MACS and not seg.depth

    def can_change_within(self, seg: Segment) -> bool:
        """Whether a datagram that was put together has no further addresses in it."""
        return self._addresses is None or not seg.depth

    def change(self, new: bytearray, seg: Segment, start: int) -> int:
        """Changes the frame `new`, of which `seg` was decoded when it stood at `start`, and its IPv4 checksum with it.
        By how much the sum of the IP addresses is larger now (RFC 1071)."""
        addresses = self._addresses
        if addresses is None:
            return 0
        for place in self._macs:
            new[place : place + 6] = addresses.mac(bytes(new[place : place + 6]))
        at, size = seg.addr - start, seg.addr_len
        before = ones_complement_sum(bytes(new[at : at + 2 * size]))
        for place in (at, at + size):
            new[place : place + size] = addresses.ip(bytes(new[place : place + size]))
        checksum = slice(at - 2, at)
        old = int.from_bytes(new[checksum], "big")
        moved = ones_complement_sum(bytes(new[at : at + 2 * size])) - before
        if size == 4 and old:
            new[checksum] = ((old - moved - 1) % 0xFFFF + 1).to_bytes(2, "big")
        return moved
