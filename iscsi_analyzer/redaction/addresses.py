"""Other IP and MAC addresses: equal where they were equal, and as long when written out, so that text does not move.

Addresses that say nothing (loopback, unspecified, multicast, broadcast) stay; every number keeps its count of digits.
"""

from __future__ import annotations

import ipaddress
from typing import Final

from iscsi_analyzer.redaction.pseudonyms import Pseudonyms

_RANGES: Final = ((1, 9), (10, 99), (100, 223))
"Octets of one, two and three digits that stand for others."


class Addresses:
    """Remembers which address stands for which."""

    def __init__(self, pseudonyms: Pseudonyms) -> None:
        self._pseudonyms = pseudonyms

    def ip(self, address: bytes) -> bytes:
        """The address that stands for one of 4 or 16 bytes."""
        if len(address) == 4:
            if address[0] in (0, 127) or address[0] >= 224:
                return address
            return self._pseudonyms.of("IPv4", address, lambda random: _octets(address, random))
        if not any(address[:15]) or address[0] == 0xFF:
            return address
        if address[:12] == bytes(10) + b"\xff\xff":
            return address[:12] + self.ip(address[12:])
        return self._pseudonyms.of("IPv6", address, lambda random: _groups(address, random))

    def mac(self, address: bytes) -> bytes:
        """The MAC address that stands for one of 6 bytes; those of groups stay."""
        if address[0] & 1 or not any(address):
            return address
        return self._pseudonyms.of("MAC", address, lambda random: b"\x02" + random[1:6])

    @staticmethod
    def is_literal(host: str) -> bool:
        """Whether a host is written as an address."""
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return False
        return True

    def literal(self, host: str) -> str:
        """The text of the address that stands for a literal one; question marks if it cannot be as long."""
        parsed = ipaddress.ip_address(host.partition("%")[0])
        if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped and "." in host:
            head, colon, tail = host.rpartition(":")
            return head + colon + self.literal(tail)
        other = ipaddress.ip_address(self.ip(parsed.packed)).compressed
        zone = host[len(host.partition("%")[0]) :]
        text = other.upper() if host != host.lower() else other
        return text + zone if len(text) + len(zone) == len(host) else "?" * len(host)


def _octets(address: bytes, random: bytes) -> bytes:
    """Octets with as many digits."""
    found = bytearray(address)
    for place, octet in enumerate(address):
        low, high = _RANGES[len(str(octet)) - 1]
        found[place] = low + random[place] % (high - low + 1) if octet else 0
    return bytes(found)


def _groups(address: bytes, random: bytes) -> bytes:
    """Groups with as many hexadecimal digits; link-local ones stay link-local."""
    found = bytearray(address)
    for at in range(2 if address[0] == 0xFE else 0, 16, 2):
        digits = len(f"{int.from_bytes(address[at : at + 2], 'big'):x}")
        if any(address[at : at + 2]):
            low, high = 16 ** (digits - 1), 16**digits - 1
            number = low + int.from_bytes(random[at : at + 2], "big") % (high - low + 1)
            found[at : at + 2] = number.to_bytes(2, "big")
    return bytes(found)
