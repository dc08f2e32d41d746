"""CRC32C digests (RFC 7143 section 13.1): of the header with its AHS, and of data with its padding.

The `crc32c` package does the work when it is installed; otherwise a table does, slower with the same results.
"""

from __future__ import annotations

from collections.abc import Callable

from dissectors.iscsi.layout import DIGEST_LENGTH, MASK_32, PAD

Buffer = bytes | bytearray | memoryview

_REFLECTED_POLYNOMIAL = 0x82F63B78


def _make_table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = value >> 1 ^ _REFLECTED_POLYNOMIAL if value & 1 else value >> 1
        table.append(value)
    return tuple(table)


_TABLE = _make_table()


def crc32c_by_table(data: Buffer, value: int = 0) -> int:
    """CRC32C of `data`, continuing from `value`, the CRC of what came before. Pure Python."""
    table = _TABLE
    crc = value ^ MASK_32
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ MASK_32


def _choose() -> Callable[[Buffer, int], int]:
    """The package's function, or the table's. Imported late: the package takes longer to load than all dissectors."""
    try:
        from crc32c import crc32c as by_package
    except ImportError:
        return crc32c_by_table
    return by_package


_chosen: Callable[[Buffer, int], int] | None = None


def crc32c(data: Buffer, value: int = 0) -> int:
    """CRC32C of `data`, continuing from `value`, the CRC of what came before. An integer of 32 bits."""
    global _chosen
    if _chosen is None:
        _chosen = _choose()
    return _chosen(data, value)


def accelerated() -> bool:
    """Whether the package does the work."""
    return _choose() is not crc32c_by_table


def wire(value: int) -> bytes:
    """The four digest bytes as they stand on the wire: least significant byte of the CRC first."""
    return value.to_bytes(DIGEST_LENGTH, "little")


def header_digest(header: Buffer, ahs: Buffer = b"") -> bytes:
    """The header digest on the wire of a 48-byte header and its additional header segments (padding included)."""
    return wire(crc32c(ahs, crc32c(header)))


def data_digest(data_with_padding: Buffer) -> bytes:
    """The data digest on the wire. It covers the padding, so hand in the data segment with its pad bytes."""
    return wire(crc32c(data_with_padding))


def padding(length: int) -> int:
    """How many pad bytes (0 to 3) follow a segment of `length` bytes."""
    return -length % PAD
