"""The initiator session ID (RFC 7143 section 11.12.5): 48 bits, of which the first two say how to read the rest."""

from __future__ import annotations

from typing import Final, NamedTuple

from dissectors.fields import Node
from dissectors.iscsi import layout as at
from dissectors.iscsi.words import ISID_TYPES

OUI: Final = 0
ENTERPRISE_NUMBER: Final = 1
RANDOM: Final = 2


class Isid(NamedTuple):
    """The parts of an ISID, by the letters of the RFC's figure, and what they mean together."""

    t: int
    "Type: OUI, ENTERPRISE_NUMBER, RANDOM or 3 (reserved)."
    a: int
    b: int
    c: int
    d: int
    authority: int
    "Naming authority: 22 bits of OUI, 24 bits of enterprise number or random number; -1 for the reserved type."
    qualifier: int
    "24 bits for an OUI, 16 otherwise; -1 for the reserved type."

    @property
    def text(self) -> str:
        """The meaning in words."""
        kind = ISID_TYPES(self.t)
        if self.t == OUI:
            oui = self.authority.to_bytes(3, "big").hex("-")
            return f"{kind} {oui}, qualifier 0x{self.qualifier:06x}"
        if self.t == ENTERPRISE_NUMBER:
            return f"{kind} {self.authority}, qualifier 0x{self.qualifier:04x}"
        if self.t == RANDOM:
            return f"{kind} 0x{self.authority:06x}, qualifier 0x{self.qualifier:04x}"
        return f"{kind} type"


def parse_isid(isid: int) -> Isid:
    """Take a 48-bit ISID apart."""
    t = isid >> 46 & 3
    a = isid >> 40 & 0x3F
    b = isid >> 24 & 0xFFFF
    c = isid >> 16 & 0xFF
    d = isid & 0xFFFF
    if t == OUI:
        return Isid(t, a, b, c, d, a << 16 | b, c << 16 | d)
    if t in (ENTERPRISE_NUMBER, RANDOM):
        return Isid(t, a, b, c, d, b << 8 | c, d)
    return Isid(t, a, b, c, d, -1, -1)


def isid_nodes(isid: int) -> list[Node]:
    """The parts as tree nodes, where they stand in a login header."""
    parts = parse_isid(isid)
    return [
        Node("T", parts.t, f"{ISID_TYPES(parts.t)} ({parts.t})", at.AT_ISID, 1, at.ISID_T_MASK, "iscsi.isid.t"),
        Node("A", parts.a, f"0x{parts.a:02x}", at.AT_ISID, 1, at.ISID_A_MASK, "iscsi.isid.a"),
        Node("B", parts.b, f"0x{parts.b:04x}", at.AT_ISID_B, 2, 0, "iscsi.isid.b"),
        Node("C", parts.c, f"0x{parts.c:02x}", at.AT_ISID_C, 1, 0, "iscsi.isid.c"),
        Node("D", parts.d, f"0x{parts.d:04x}", at.AT_ISID_D, 2, 0, "iscsi.isid.d"),
    ]
