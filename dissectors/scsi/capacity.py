"""What block devices answer about their blocks (SBC-4): capacity, LBA status; and the UNMAP parameter list."""

from __future__ import annotations

from typing import Final

from dissectors.fields import Node, Words
from dissectors.scsi.tables import announced, flag, group, nodes, number, rest

_CAPACITY_10 = (
    number("returned_lba", "Returned logical block address", 0, 4, 0, "scsi_sbc.returned_lba"),
    number("block_length", "Logical block length", 4, 4, 0, "scsi_sbc.blocksize"),
)
_CAPACITY_16 = (
    number("returned_lba", "Returned logical block address", 0, 8, 0, "scsi_sbc.lba64_add"),
    number("block_length", "Logical block length", 8, 4, 0, "scsi_sbc.blocksize"),
    number("rc_basis", "RC_BASIS", 12, 1, 0x30),
    number("p_type", "P_TYPE, protection type", 12, 1, 0x0E),
    flag("prot_en", "PROT_EN, protection enabled", 12, 0x01, "scsi_sbc.prot_en"),
    number("p_i_exponent", "P_I_EXPONENT", 13, 1, 0xF0, "scsi_sbc.p_i_exponent"),
    number("lbppbe", "Logical blocks per physical block exponent", 13, 1, 0x0F, "scsi_sbc.lbppbe"),
    flag("lbpme", "LBPME, provisioning management", 14, 0x80, "scsi_sbc.lbpme"),
    flag("lbprz", "LBPRZ, unmapped blocks read as zeros", 14, 0x40, "scsi_sbc.lbprz"),
    number("lowest_aligned_lba", "Lowest aligned LBA", 14, 2, 0x3FFF, "scsi_sbc.lalba"),
)
PROVISIONING: Final = Words(
    {0: "Mapped or unknown", 1: "Deallocated", 2: "Anchored", 3: "Mapped", 4: "Unknown"}, other="Reserved"
)
_STATUS_HEAD = (number("data_length", "Parameter data length", 0, 4, 0, "scsi_sbc.get_lba_status.data_length"),)
_STATUS = (
    number("lba", "Logical block address", 0, 8, 0, "scsi_sbc.get_lba_status.start_lba"),
    number("blocks", "Number of logical blocks", 8, 4, 0, "scsi_sbc.get_lba_status.num_blocks"),
    number("status", "Provisioning status", 12, 1, 0x0F, "scsi_sbc.get_lba_status.provisioning_type", PROVISIONING),
)
_UNMAP_HEAD = (
    number("data_length", "UNMAP data length", 0, 2, 0, "scsi_sbc.unmap.data_length"),
    number(
        "descriptors_length", "Block descriptor data length", 2, 2, 0, "scsi_sbc.unmap.block_descriptor_data_length"
    ),
)
_UNMAP = (
    number("lba", "Logical block address", 0, 8, 0, "scsi_sbc.unmap.lba"),
    number("blocks", "Number of logical blocks", 8, 4, 0, "scsi_sbc.unmap.num_blocks"),
)


def capacity_data(data: bytes, long: bool) -> list[Node]:
    """READ CAPACITY data: 32 bytes of READ CAPACITY(16) if `long`, else 8 of READ CAPACITY(10)."""
    if not data:
        return []
    size, width = (32, 8) if long else (8, 4)
    children = nodes(_CAPACITY_16 if long else _CAPACITY_10, data)
    text = ""
    if len(data) >= width + 4:
        last = int.from_bytes(data[:width], "big")
        length = int.from_bytes(data[width : width + 4], "big")
        if last == 0xFFFFFFFF and not long:
            text = f"more than 2^32 blocks of {length} bytes"
        else:
            text = f"{last + 1} blocks of {length} bytes, {binary_size((last + 1) * length)}"
    label = "READ CAPACITY(16) data" if long else "READ CAPACITY(10) data"
    return [
        group(label, data, 0, size, children, announced(text, data, size if not long else width + 4)),
        *rest("Bytes after the capacity", data, size),
    ]


def binary_size(size: int) -> str:
    """A number of bytes for people: `1.5 GiB`."""
    unit = min(max(size.bit_length() - 1, 0) // 10, 6)
    value = f"{size / (1 << 10 * unit):.1f}".removesuffix(".0")
    return f"{value} {('bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB')[unit]}"


def lba_status_data(data: bytes) -> list[Node]:
    """GET LBA STATUS data of any length."""
    if not data:
        return []
    length = 4 + int.from_bytes(data[:4], "big") if len(data) >= 4 else 4
    end = min(length, len(data))
    children = nodes(_STATUS_HEAD, data)
    ranges = 0
    for at in range(8, end, 16):
        parts = nodes(_STATUS, data, at, end)
        text = f"LBA {parts[0].text}, {parts[1].text} blocks, {parts[2].text}" if len(parts) > 2 else "cut short"
        children.append(group("LBA status", data, at, min(at + 16, end), parts, text))
        ranges += 1
    result = group("GET LBA STATUS data", data, 0, end, children, announced(f"{ranges} ranges", data, length))
    return [result, *rest("Bytes after the data", data, end)]


def unmap_parameters(data: bytes) -> list[Node]:
    """The UNMAP parameter list: which blocks to give back."""
    if not data:
        return []
    end = len(data)
    if len(data) >= 4:
        end = min(end, 8 + int.from_bytes(data[2:4], "big"))
    children = nodes(_UNMAP_HEAD, data)
    ranges = blocks = 0
    for at in range(8, end, 16):
        parts = nodes(_UNMAP, data, at, end)
        text = "cut short"
        if len(parts) > 1:
            text = f"LBA {parts[0].text}, {parts[1].text} blocks"
            blocks += int.from_bytes(data[at + 8 : at + 12], "big")
        children.append(group("Block descriptor", data, at, min(at + 16, end), parts, text))
        ranges += 1
    text = f"{ranges} ranges, {blocks} blocks"
    result = group("UNMAP parameters", data, 0, end, children, text)
    return [result, *rest("Bytes after the descriptors", data, end)]
