"""Sense data: why a command ended with CHECK CONDITION (SPC-5 4.4). Fixed (70h, 71h) and descriptor (72h, 73h) format.

Knows sense keys, additional sense codes and sense data descriptors. Never raises on wire data: what is missing is left
out.
"""

from __future__ import annotations

from typing import Final

from dissectors.fields import Node, Words, shifted
from dissectors.scsi.asc import asc_name
from dissectors.scsi.sense_descriptors import Facts, descriptor_nodes, fru_of, key_specific, named
from dissectors.scsi.sense_key import SENSE_KEYS, key_name
from dissectors.scsi.tables import flag, nodes, number, rest

FIXED: Final = "fixed"
DESCRIPTOR: Final = "descriptor"
UNKNOWN: Final = "unknown"

RESPONSE_CODES: Final = Words(
    {
        0x70: "Current error, fixed format",
        0x71: "Deferred error, fixed format",
        0x72: "Current error, descriptor format",
        0x73: "Deferred error, descriptor format",
        0x7F: "Vendor specific",
    },
    other="Unknown format",
)

_KEYS = Words(SENSE_KEYS)
_SPECIFIC = "scsi.sns.command_specific_information"
_CODE = number("response_code", "Response code", 0, 1, 0x7F, "scsi.sns.errtype", RESPONSE_CODES, "hex")
_FIXED_HEAD = (
    flag("valid", "VALID", 0, 0x80, "scsi.sns.valid"),
    _CODE,
    flag("filemark", "FILEMARK", 2, 0x80, "scsi.sns.filemark"),
    flag("eom", "EOM", 2, 0x40, "scsi.sns.eom"),
    flag("ili", "ILI", 2, 0x20, "scsi.sns.ili"),
    flag("sdat_ovfl", "SDAT_OVFL", 2, 0x10),
    number("sense_key", "Sense key", 2, 1, 0x0F, "scsi.sns.key", _KEYS, "hex"),
    number("information", "Information", 3, 4, 0, "scsi.sns.info", base="hex"),
    number("additional_sense_length", "Additional sense length", 7, 1, 0, "scsi.sns.addlen"),
    number("command_specific_information", "Command-specific information", 8, 4, 0, _SPECIFIC, base="hex"),
)
_DESCRIPTOR_HEAD = (
    _CODE,
    number("sense_key", "Sense key", 1, 1, 0x0F, "scsi.sns.key", _KEYS, "hex"),
    flag("sdat_ovfl", "SDAT_OVFL", 4, 0x80),
    number("additional_sense_length", "Additional sense length", 7, 1, 0, "scsi.sns.addlen"),
)


class Sense:
    """Decoded sense data. Numbers that the data does not hold are -1, or None where every value has a meaning."""

    __slots__ = (
        "asc",
        "ascq",
        "command_specific",
        "deferred",
        "detail",
        "format",
        "fru",
        "information",
        "key",
        "problem",
        "raw",
        "response_code",
    )

    raw: bytes
    response_code: int
    "The low 7 bits of the first byte; -1 if there is none."
    format: str
    "FIXED, DESCRIPTOR or UNKNOWN."
    deferred: bool
    "True if the error belongs to an earlier command."
    key: int
    "Sense key, 0 to 15."
    asc: int
    "Additional sense code."
    ascq: int
    "Additional sense code qualifier."
    information: int | None
    "The INFORMATION field if it is valid: the LBA concerned for block devices, the residue for tapes."
    command_specific: int | None
    "The COMMAND-SPECIFIC INFORMATION field, where the data has one that is not zero."
    fru: int
    "Field replaceable unit code, 0 if none is named."
    detail: str
    "The sense-key specific bytes in words: field pointer, progress, retry count; empty if they are not valid."
    problem: str
    "What is wrong with the data as it stands; empty if nothing is."

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.response_code = raw[0] & 0x7F if raw else -1
        self.format = {0x70: FIXED, 0x71: FIXED, 0x72: DESCRIPTOR, 0x73: DESCRIPTOR}.get(self.response_code, UNKNOWN)
        self.deferred = self.response_code in (0x71, 0x73)
        self.key = self.asc = self.ascq = -1
        self.information = self.command_specific = None
        self.fru = 0
        self.detail = self.problem = ""
        if self.format != UNKNOWN:
            if len(raw) < 8:
                self.problem = f"{len(raw)} bytes of sense data: too few for its header of 8"
            (_take_fixed if self.format == FIXED else _take_descriptors)(self)

    @property
    def key_name(self) -> str:
        """The sense key in words; empty if it is not there."""
        return key_name(self.key) if self.key >= 0 else ""

    @property
    def asc_name(self) -> str:
        """The additional sense code in words; empty if it is not there."""
        return asc_name(self.asc, self.ascq) if self.asc >= 0 and self.ascq >= 0 else ""

    @property
    def text(self) -> str:
        """One line: `ILLEGAL REQUEST: LOGICAL BLOCK ADDRESS OUT OF RANGE (5/21/00)`."""
        if not self.raw:
            return "no sense data"
        if self.format == UNKNOWN:
            what = "vendor specific sense data" if self.response_code == 0x7F else "sense data of an unknown format"
            return f"{what} (response code 0x{self.response_code:02x})"
        prefix = "deferred " if self.deferred else ""
        if self.key < 0:
            return f"{prefix}sense data cut short"
        if not self.asc_name:
            return f"{prefix}{self.key_name} ({self.key:X})"
        return f"{prefix}{self.key_name}: {self.asc_name} ({self.key:X}/{self.asc:02X}/{self.ascq:02X})"

    @property
    def summary(self) -> str:
        """The one line, and what the other fields add to it."""
        parts = [self.text]
        if self.detail:
            parts.append(self.detail)
        if self.information is not None:
            parts.append(f"information {self.information} (0x{self.information:x})")
        if self.command_specific is not None:
            parts.append(f"command-specific information 0x{self.command_specific:x}")
        if self.fru:
            parts.append(f"FRU 0x{self.fru:02x}")
        return ", ".join(parts)

    def tree(self, offset: int = 0) -> list[Node]:
        """The data as one node with its fields; `offset` is where it starts in the caller's buffer."""
        node = Node("Sense data", None, self.text, 0, len(self.raw))
        node.problem = self.problem
        if self.format == FIXED:
            node.children = _fixed_nodes(self.raw)
        elif self.format == DESCRIPTOR:
            node.children = _descriptor_nodes(self.raw)
        else:
            node.children = nodes((_CODE,), self.raw) + rest("Sense data", self.raw, 1)
        return shifted([node], offset)

    def __repr__(self) -> str:
        return f"Sense({self.text})"


def parse_sense(data: bytes) -> Sense:
    """Decode sense data of any length; iSCSI's SenseLength must have been removed."""
    return Sense(bytes(data))


def _limit(data: bytes) -> int:
    """Where the sense data ends by its own length field, and by what is there."""
    return min(len(data), 8 + data[7]) if len(data) >= 8 else len(data)


def _take_fixed(sense: Sense) -> None:
    """Take the facts of fixed format sense data over into `sense`."""
    data = sense.raw
    end = _limit(data)
    if end > 2:
        sense.key = data[2] & 0x0F
    if end >= 7 and data[0] & 0x80:
        sense.information = int.from_bytes(data[3:7], "big")
    if end >= 12:
        sense.command_specific = int.from_bytes(data[8:12], "big") or None
    if end >= 13:
        sense.asc = data[12]
        sense.ascq = data[13] if end > 13 else -1
    if end >= 15:
        sense.fru = data[14]
    if end >= 18 and data[15] & 0x80:
        sense.detail = key_specific(data, 15, sense.key).text


def _fixed_nodes(data: bytes) -> list[Node]:
    """The fields of fixed format sense data."""
    end = _limit(data)
    result = nodes(_FIXED_HEAD, data, 0, end)
    if end >= 13:
        result.append(named(data, 12, end))
    if end >= 15:
        result.append(fru_of(data, 14))
    if end >= 18:
        result.append(key_specific(data, 15, data[2] & 0x0F))
    return result + rest("Additional sense bytes", data, 18, end) + rest("Bytes after the sense data", data, end)


def _descriptors(data: bytes, end: int) -> list[tuple[Node, Facts]]:
    """The descriptors of descriptor format sense data that ends at `end`."""
    found = []
    at = 8
    while at + 2 <= end:
        found.append(descriptor_nodes(data, at, end, data[1] & 0x0F))
        at += 2 + data[at + 1]
    return found


def _take_descriptors(sense: Sense) -> None:
    """Take the facts of descriptor format sense data over into `sense`: the first descriptor that has one."""
    data = sense.raw
    end = _limit(data)
    if end > 1:
        sense.key = data[1] & 0x0F
    if end > 2:
        sense.asc = data[2]
        sense.ascq = data[3] if end > 3 else -1
    for _, facts in _descriptors(data, end):
        if sense.information is None:
            sense.information = facts.information
        sense.command_specific = sense.command_specific or facts.command_specific
        sense.fru = sense.fru or facts.fru
        sense.detail = sense.detail or facts.detail


def _descriptor_nodes(data: bytes) -> list[Node]:
    """The fields of descriptor format sense data."""
    end = _limit(data)
    result = nodes(_DESCRIPTOR_HEAD, data, 0, end)
    if end > 2:
        result.insert(2, named(data, 2, end))
    found = [node for node, _ in _descriptors(data, end)]
    at = found[-1].offset + found[-1].length if found else 8
    result += found + rest("Sense data descriptor cut short", data, at, end)
    return result + rest("Bytes after the sense data", data, end)
