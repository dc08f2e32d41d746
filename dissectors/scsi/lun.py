"""Logical unit numbers: the 8 bytes of a LUN field in every addressing method of SAM-5 (4.7), in numbers and in words.

Knows nothing of iSCSI or of commands. Never raises on wire data: a LUN cut short says so.
"""

from __future__ import annotations

from typing import Final

from dissectors.fields import Node

PERIPHERAL: Final = "peripheral device"
FLAT: Final = "flat space"
LOGICAL_UNIT: Final = "logical unit"
EXTENDED_FLAT: Final = "extended flat space"
LONG_EXTENDED_FLAT: Final = "long extended flat space"
WELL_KNOWN: Final = "well known logical unit"
NOT_SPECIFIED: Final = "logical unit not specified"
EXTENDED: Final = "extended logical unit"
MULTI_LEVEL: Final = "multi-level"
CUT: Final = "cut short"

WELL_KNOWN_UNITS: Final[dict[int, str]] = {
    0x01: "REPORT LUNS",
    0x02: "ACCESS CONTROLS",
    0x03: "TARGET LOG PAGES",
    0x04: "SECURITY PROTOCOL",
    0x05: "MANAGEMENT PROTOCOL",
    0x06: "TARGET COMMANDS",
}

_NO_LEVELS: Final = bytes(6)
_ADDRESS_METHODS: Final = (
    "Peripheral device addressing",
    "Flat space addressing",
    "Logical unit addressing",
    "Extended logical unit addressing",
)
_EXTENDED_METHODS: Final[dict[tuple[int, int], str]] = {
    (0, 1): "Well known logical unit",
    (1, 2): "Extended flat space addressing",
    (2, 2): "Long extended flat space addressing",
    (3, 15): "Logical unit not specified",
}


class Lun:
    """One decoded LUN field."""

    __slots__ = ("_levels", "method", "number", "problem", "raw", "text")

    raw: bytes
    "The bytes as they were given, at most 8."
    number: int
    """The integer that people use: the plain number in the peripheral (bus 0), flat and extended flat methods, and what
    Linux makes of the bytes (0xc101 for the REPORT LUNS well known unit) in the others; -1 if bytes are missing."""
    method: str
    "The addressing method in words: one of this module's constants. `multi-level` if a lower bus is passed."
    text: str
    "What to show: `1`, `flat 256`, `REPORT LUNS w-lun`, `bus 1, target 3 > 5`."
    problem: str
    "What is wrong with the field; empty if nothing is."

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.problem = ""
        self._levels: list[Node] = []
        if raw[:1] == b"\0" and raw[2:] == _NO_LEVELS:  # nearly every LUN there is
            self.method, self.text, self.number = PERIPHERAL, str(raw[1]), raw[1]
            return
        self.method, self.text, self.number = _walk(self)
        if len(raw) < 8:
            self.problem = f"{len(raw)} of 8 bytes"

    @property
    def linux(self) -> int:
        """The number under which the Linux kernel lists this unit (16640 for flat 256); missing bytes count as 0."""
        raw = self.raw.ljust(8, b"\0")
        return sum(int.from_bytes(raw[level : level + 2], "big") << (level * 8) for level in (0, 2, 4, 6))

    def tree(self, offset: int = 0) -> list[Node]:
        """The field as one node with the levels below it; `offset` is where the LUN starts in the caller's buffer."""
        node = Node("LUN", self.number if self.number >= 0 else None, self.text, offset, len(self.raw), 0, "scsi.lun")
        node.problem = self.problem
        if not self._levels:
            _walk(self)
        levels = self._levels[0].children if len(self._levels) == 1 else self._levels
        node.children = [_moved(level, offset) for level in levels]
        return [node]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Lun) and other.raw == self.raw

    def __hash__(self) -> int:
        return hash(self.raw)

    def __repr__(self) -> str:
        return f"Lun({self.raw.hex()}: {self.text})"


def parse_lun(lun: bytes) -> Lun:
    """Decode a LUN of 8 bytes (SAM-5 4.7); fewer are decoded as far as they go, further ones are ignored."""
    return Lun(bytes(lun[:8]))


def build_lun(number: int) -> bytes:
    """The 8 bytes that name the unit `number`, in the shortest method that does; ValueError beyond 40 bits."""
    if not 0 <= number < 1 << 40:
        raise ValueError(f"no addressing method holds LUN {number}")
    if number < 1 << 8:
        head = bytes((0, number))
    elif number < 1 << 14:
        head = (0x4000 | number).to_bytes(2, "big")
    elif number < 1 << 24:
        head = b"\xd2" + number.to_bytes(3, "big")
    else:
        head = b"\xe2" + number.to_bytes(5, "big")
    return head.ljust(8, b"\0")


def _walk(lun: Lun) -> tuple[str, str, int]:
    """Go down the levels until one ends the address; fills `lun._levels`, returns method, text and number."""
    raw = lun.raw
    texts: list[str] = []
    at = 0
    method = CUT
    number = -1
    while at < 8:
        if at + 2 > len(raw):
            return CUT, " > ".join([*texts, "cut short"]), -1
        node, method, number, used, ends = _level(raw, at)
        texts.append(node.text)
        lun._levels.append(node)
        at += used
        if ends:
            break
    if any(raw[at:]) and method != CUT:
        lun.problem = "bytes after the last level are not zero"
        texts.append(raw[at:].hex())
    if len(lun._levels) > 1:
        method, number = MULTI_LEVEL, lun.linux
    elif number < 0 and method != CUT:
        number = lun.linux
    return method, " > ".join(texts), number


def _level(raw: bytes, at: int) -> tuple[Node, str, int, int, bool]:
    """One level: its node, method, plain number (-1 if there is none), length, and whether the address ends here."""
    first, second = raw[at], raw[at + 1]
    kind = first >> 6
    if kind == 3:
        return _extended(raw, at)
    node = Node(f"Level {at // 2 + 1}", None, "", at, 2)
    node.children = [Node("Address method", kind, _ADDRESS_METHODS[kind], at, 1, 0xC0, "scsi.lun.address_mode")]
    if kind == 0:
        bus = first & 0x3F
        node.children.append(Node("Bus", bus, str(bus), at, 1, 0x3F, "scsi.bus"))
        if bus:
            node.text = f"bus {bus}, target {second}"
            node.children.append(Node("Target", second, str(second), at + 1, 1))
            return node, PERIPHERAL, -1, 2, False
        node.text = str(second)
        node.children.append(Node("LUN", second, str(second), at + 1, 1))
        return node, PERIPHERAL, second, 2, True
    if kind == 1:
        number = (first & 0x3F) << 8 | second
        node.text = f"flat {number}"
        node.children.append(Node("LUN", number, str(number), at, 2, 0x3FFF))
        return node, FLAT, number, 2, True
    target, bus, unit = first & 0x3F, second >> 5, second & 0x1F
    node.text = f"bus {bus}, target {target}, LUN {unit}"
    node.children += [
        Node("Target", target, str(target), at, 1, 0x3F, "scsi.target"),
        Node("Bus", bus, str(bus), at + 1, 1, 0xE0),
        Node("LUN", unit, str(unit), at + 1, 1, 0x1F),
    ]
    return node, LOGICAL_UNIT, -1, 2, True


def _extended(raw: bytes, at: int) -> tuple[Node, str, int, int, bool]:
    """One level of extended logical unit addressing: 2, 4, 6 or 8 bytes by its LENGTH field."""
    size, kind = raw[at] >> 4 & 3, raw[at] & 15
    used = 2 * size + 2
    value = raw[at + 1 : at + used]
    words = _EXTENDED_METHODS.get((size, kind), "Reserved")
    node = Node(f"Level {at // 2 + 1}", None, "", at, 1 + len(value))
    node.children = [
        Node("Address method", 3, _ADDRESS_METHODS[3], at, 1, 0xC0, "scsi.lun.address_mode"),
        Node("Length", size, f"{used} bytes", at, 1, 0x30, "scsi.lun.extended_address_method.len"),
        Node("Extended address method", kind, words, at, 1, 0x0F, "scsi.lun.extended_address_method"),
    ]
    if len(value) < used - 1:
        node.text = "cut short"
        return node, CUT, -1, 1 + len(value), True
    number = int.from_bytes(value, "big")
    if (size, kind) == (0, 1):
        node.text = f"{WELL_KNOWN_UNITS[number]} w-lun" if number in WELL_KNOWN_UNITS else f"w-lun 0x{number:02x}"
        method, result = WELL_KNOWN, -1
    elif kind == 2 and size in (1, 2):
        node.text = f"{'extended' if size == 1 else 'long extended'} flat {number}"
        method, result = (EXTENDED_FLAT if size == 1 else LONG_EXTENDED_FLAT), number
    elif (size, kind) == (3, 15):
        node.text, method, result = "not specified", NOT_SPECIFIED, -1
    else:
        node.text, method, result = f"extended method {kind}, 0x{value.hex()}", EXTENDED, -1
    name = "scsi.lun_long" if result >= 0 else ""
    node.children.append(Node("LUN", number, node.text, at + 1, used - 1, 0, name))
    return node, method, result, used, True


def _moved(node: Node, by: int) -> Node:
    """A copy of a node, `by` bytes further on."""
    children = [_moved(child, by) for child in node.children]
    return Node(
        node.label, node.value, node.text, node.offset + by, node.length, node.mask, node.filter, children, node.problem
    )
