"""iSCSI PDUs built with `struct` alone: the tests' own opinion of RFC 7143 section 11, shared with no dissector.

`header()` makes any 48-byte header from named fields; `Pdu` is one PDU as it was sent, with the places in the capture
that hold it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

I2T = "I2T"
T2I = "T2I"

NOP_OUT, COMMAND, TMF_REQUEST, LOGIN_REQUEST, TEXT_REQUEST, DATA_OUT, LOGOUT_REQUEST, SNACK = 0, 1, 2, 3, 4, 5, 6, 0x10
NOP_IN, RESPONSE, TMF_RESPONSE, LOGIN_RESPONSE, TEXT_RESPONSE, DATA_IN, LOGOUT_RESPONSE = range(0x20, 0x27)
R2T, ASYNC, REJECT = 0x31, 0x32, 0x3F

NONE = 0xFFFFFFFF
"The reserved value of both task tags."

_COMMON = {"lun": (8, 8), "initiator_task_tag": (16, 4)}
_REQUEST = {"cmd_sn": (24, 4), "exp_stat_sn": (28, 4)}
_ANSWER = {"stat_sn": (24, 4), "exp_cmd_sn": (28, 4), "max_cmd_sn": (32, 4)}
_TTT = {"target_transfer_tag": (20, 4)}
_LOGIN = {"version_max": (2, 1), "isid": (8, 6), "tsih": (14, 2)}

LAYOUTS: dict[int, dict[str, tuple[int, int]]] = {
    NOP_OUT: {**_REQUEST, **_TTT},
    COMMAND: {**_REQUEST, "expected_data_transfer_length": (20, 4), "priority": (2, 1), "cdb": (32, 16)},
    TMF_REQUEST: {**_REQUEST, "referenced_task_tag": (20, 4), "ref_cmd_sn": (32, 4), "exp_data_sn": (36, 4)},
    LOGIN_REQUEST: {**_REQUEST, **_LOGIN, "version_min": (3, 1), "cid": (20, 2)},
    TEXT_REQUEST: {**_REQUEST, **_TTT},
    DATA_OUT: {**_TTT, "exp_stat_sn": (28, 4), "data_sn": (36, 4), "buffer_offset": (40, 4)},
    LOGOUT_REQUEST: {**_REQUEST, "cid": (20, 2)},
    SNACK: {**_TTT, "exp_stat_sn": (28, 4), "beg_run": (40, 4), "run_length": (44, 4)},
    NOP_IN: {**_ANSWER, **_TTT},
    RESPONSE: {
        **_ANSWER,
        "response": (2, 1),
        "status": (3, 1),
        "status_qualifier": (8, 2),
        "snack_tag": (20, 4),
        "exp_data_sn": (36, 4),
        "bidirectional_read_residual_count": (40, 4),
        "residual_count": (44, 4),
    },
    TMF_RESPONSE: {**_ANSWER, "response": (2, 1)},
    LOGIN_RESPONSE: {
        **_ANSWER,
        **_LOGIN,
        "version_active": (3, 1),
        "status_class": (36, 1),
        "status_detail": (37, 1),
    },
    TEXT_RESPONSE: {**_ANSWER, **_TTT},
    DATA_IN: {
        **_ANSWER,
        **_TTT,
        "status": (3, 1),
        "data_sn": (36, 4),
        "buffer_offset": (40, 4),
        "residual_count": (44, 4),
    },
    LOGOUT_RESPONSE: {**_ANSWER, "response": (2, 1), "time2wait": (40, 2), "time2retain": (42, 2)},
    R2T: {**_ANSWER, **_TTT, "r2t_sn": (36, 4), "buffer_offset": (40, 4), "desired_data_length": (44, 4)},
    ASYNC: {
        **_ANSWER,
        "async_event": (36, 1),
        "async_vcode": (37, 1),
        "parameter1": (38, 2),
        "parameter2": (40, 2),
        "parameter3": (42, 2),
    },
    REJECT: {**_ANSWER, "reason": (2, 1), "data_sn": (36, 4)},
}
"Fields of each opcode: name -> (offset, bytes). Flags, lengths, LUN and initiator task tag are common to all."


def header(
    opcode: int,
    flags: int = 0x80,
    *,
    immediate: bool = False,
    total_ahs_length: int = 0,
    data_segment_length: int = 0,
    patch: Mapping[int, bytes] | None = None,
    **fields: int | bytes,
) -> bytes:
    """A 48-byte header. TotalAHSLength counts 4-byte words; `patch` writes bytes at offsets, last of all.

    A name that the opcode does not have raises TypeError; an unknown opcode has only the common fields.
    """
    out = bytearray(48)
    out[0] = opcode | (0x40 if immediate else 0)
    out[1] = flags
    out[4:8] = (total_ahs_length << 24 | data_segment_length).to_bytes(4, "big")
    layout = LAYOUTS.get(opcode, {})
    for name, value in fields.items():
        place = layout.get(name) or _COMMON.get(name)
        if place is None:
            raise TypeError(f"opcode 0x{opcode:02x} has no field {name!r}")
        offset, width = place
        out[offset : offset + width] = (
            value.to_bytes(width, "big") if isinstance(value, int) else value.ljust(width, b"\0")[:width]
        )
    for offset, value in (patch or {}).items():
        out[offset : offset + len(value)] = value
    return bytes(out)


def lun(number: int) -> int:
    """The 8-byte LUN field of a single-level LUN: peripheral addressing below 256, flat addressing up to 16383 (SAM-5
    4.7)."""
    return number << 48 if number < 256 else (0x4000 | number) << 48


def keys(pairs: Mapping[str, str] | list[tuple[str, str]]) -> bytes:
    """Text keys as they stand in a data segment: `key=value`, each ended by a zero byte (RFC 7143 section 6.1)."""
    items = pairs.items() if isinstance(pairs, Mapping) else pairs
    return b"".join(f"{key}={value}".encode() + b"\0" for key, value in items)


def _crc_table() -> tuple[int, ...]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return tuple(table)


CRC_TABLE = _crc_table()


@lru_cache(maxsize=512)
def crc32c(data: bytes) -> int:
    """CRC32C (Castagnoli) of `data`; iSCSI sends it with the least significant byte first (RFC 7143 section 13.1)."""
    crc = 0xFFFFFFFF
    table = CRC_TABLE
    for byte in data:
        crc = crc >> 8 ^ table[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def digest(data: bytes) -> bytes:
    """The four bytes of a digest over `data`."""
    return crc32c(data).to_bytes(4, "little")


@dataclass(slots=True)
class Pdu:
    """One PDU as it was put on the wire: the truth that an analysis of the capture is compared with."""

    direction: str
    "I2T or T2I."
    header: bytes
    "The basic header segment, 48 bytes."
    data: bytes = b""
    "The data segment without padding."
    ahs: bytes = b""
    header_digest: bytes = b""
    "Empty if there is none."
    padding: bytes = b""
    data_digest: bytes = b""
    connection: int = 0
    "Number of the TCP connection in the capture, from 0."
    offset: int = 0
    "Where it starts in the bytes of its direction."
    end: int = 0
    "Where it ends there."
    spans: list[tuple[int, int, int]] = field(default_factory=list)
    "Where the capture holds it: (frame index, offset in the frame, length), in order."

    @property
    def opcode(self) -> int:
        """The opcode without the immediate bit."""
        return self.header[0] & 0x3F

    @property
    def parts(self) -> list[bytes]:
        """Header with AHS and header digest; data with padding; data digest. Empty parts are left out."""
        pieces = [self.header + self.ahs + self.header_digest, self.data + self.padding, self.data_digest]
        return [piece for piece in pieces if piece]

    @property
    def wire(self) -> bytes:
        """All bytes of the PDU."""
        return b"".join(self.parts)

    @property
    def size(self) -> int:
        """Bytes of the whole PDU."""
        return 48 + len(self.ahs) + len(self.header_digest) + len(self.data) + len(self.padding) + len(self.data_digest)

    def word(self, offset: int) -> int:
        """The 32-bit field at an offset of the header."""
        return int.from_bytes(self.header[offset : offset + 4], "big")
