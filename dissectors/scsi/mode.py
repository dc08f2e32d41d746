"""Mode parameters (SPC-5 7.5, SBC-4 6.5): header, block descriptors and pages of MODE SENSE and MODE SELECT."""

from __future__ import annotations

from typing import Final

from dissectors.fields import Node
from dissectors.scsi.mode_pages import PAGES
from dissectors.scsi.spc_words import MODE_PAGES, MODE_SUBPAGES, mode_page_filter
from dissectors.scsi.tables import announced, flag, group, nodes, number, rest

_DEVICE_SPECIFIC = "scsi.cdb.mode.device_specific_parameter"


_HEADER_6 = (
    number("mode_data_length", "Mode data length", 0, 1, 0, "scsi.cdb.mode.mode_data_length"),
    number("medium_type", "Medium type", 1, 1, 0, "scsi.cdb.mode.medium_type", base="hex"),
    number("device_specific", "Device-specific parameter", 2, 1, 0, _DEVICE_SPECIFIC, base="hex"),
    flag("wp", "WP, write protected", 2, 0x80),
    flag("dpofua", "DPOFUA, DPO and FUA supported", 2, 0x10),
    number("block_descriptor_length", "Block descriptor length", 3, 1, 0, "scsi.cdb.mode.block_descriptor_length"),
)
_HEADER_10 = (
    number("mode_data_length", "Mode data length", 0, 2, 0, "scsi.cdb.mode.mode_data_length"),
    number("medium_type", "Medium type", 2, 1, 0, "scsi.cdb.mode.medium_type", base="hex"),
    number("device_specific", "Device-specific parameter", 3, 1, 0, _DEVICE_SPECIFIC, base="hex"),
    flag("wp", "WP, write protected", 3, 0x80),
    flag("dpofua", "DPOFUA, DPO and FUA supported", 3, 0x10),
    flag("longlba", "LONGLBA", 4, 0x01, "scsi.cdb.mode.longlba"),
    number("block_descriptor_length", "Block descriptor length", 6, 2, 0, "scsi.cdb.mode.block_descriptor_length"),
)
_SHORT_BLOCK = (
    number("blocks", "Number of blocks", 0, 4, 0, "scsi.blockdescs.no_of_blocks"),
    number("block_length", "Block length", 4, 4, 0x00FFFFFF, "scsi.blockdescs.block_length"),
)
_DENSITY_BLOCK = (
    number("density_code", "Density code", 0, 1, 0, "scsi.blockdescs.density_code", base="hex"),
    number("blocks", "Number of blocks", 1, 3, 0, "scsi.blockdescs.no_of_blocks"),
    number("block_length", "Block length", 5, 3, 0, "scsi.blockdescs.block_length"),
)
_LONG_BLOCK = (
    number("blocks", "Number of blocks", 0, 8, 0, "scsi.blockdescs.no_of_blocks64"),
    number("block_length", "Block length", 12, 4, 0, "scsi.blockdescs.block_length"),
)
_PAGE_HEAD: Final = (
    flag("ps", "PS, parameters saveable", 0, 0x80, "scsi.spc.modepage.ps"),
    flag("spf", "SPF, subpage format", 0, 0x40, "scsi.spc.modepage.spf"),
    number("page_code", "Page code", 0, 1, 0x3F, "scsi.mode.sbc.pagecode", MODE_PAGES, "hex"),
)
_SHORT_PAGE = (*_PAGE_HEAD, number("page_length", "Page length", 1, 1, 0, "scsi.spc.modepage.plen"))
_LONG_PAGE = (
    *_PAGE_HEAD,
    number("subpage_code", "Subpage code", 1, 1, 0, "scsi.mode.spc.subpagecode", base="hex"),
    number("page_length", "Page length", 2, 2, 0, "scsi.spc.modepage.plen"),
)


def mode_data(data: bytes, long_header: bool, device_type: int | None = None, sense: bool = True) -> list[Node]:
    """Mode parameters of any length: the 8-byte header of the 10-byte commands if `long_header`, else that of 4 bytes.

    With `sense` (MODE SENSE) the mode data length counts; MODE SELECT reserves it.
    """
    size = 8 if long_header else 4
    header = nodes(_HEADER_10 if long_header else _HEADER_6, data)
    if len(data) < size:
        return [group("Mode parameters", data, 0, len(data), header, "cut short")] if data else []
    length = int.from_bytes(data[:2], "big") + 2 if long_header else data[0] + 1
    end = min(max(length, size), len(data)) if sense else len(data)
    blocks = int.from_bytes(data[6:8], "big") if long_header else data[3]
    at = min(size + blocks, end)
    children = [group("Mode parameter header", data, 0, size, header)]
    children += _blocks(data, size, at, long_header and bool(data[4] & 1), device_type)
    while at < end:
        page, at = _page(data, at, end)
        children.append(page)
    pages = [child.label for child in children if child.label.startswith("Mode page")]
    text = announced(", ".join(label.removeprefix("Mode page ") for label in pages), data, length if sense else 0)
    return [group("Mode parameters", data, 0, end, children, text), *rest("Bytes after the pages", data, end)]


def _blocks(data: bytes, start: int, end: int, long_lba: bool, device_type: int | None) -> list[Node]:
    """The block descriptors of data[start:end]."""
    fields = _LONG_BLOCK if long_lba else _SHORT_BLOCK if device_type in (None, 0, 4, 7, 14, 20) else _DENSITY_BLOCK
    size = 16 if long_lba else 8
    found = []
    for at in range(start, end, size):
        parts = nodes(fields, data, at, end)
        text = ", ".join(f"{part.label.lower()} {part.text}" for part in parts)
        found.append(group("Block descriptor", data, at, min(at + size, end), parts, text))
    return found


def _page(data: bytes, at: int, end: int) -> tuple[Node, int]:
    """The mode page at `at`, and where the next one starts; `end` is where the parameters end."""
    code, subpage = data[at] & 0x3F, 0
    if data[at] & 0x40:
        subpage = data[at + 1] if at + 1 < end else 0
        head, size = nodes(_LONG_PAGE, data, at, end), 4
        length = int.from_bytes(data[at + 2 : at + 4], "big") if at + 4 <= end else 0
    else:
        head, size = nodes(_SHORT_PAGE, data, at, end), 2
        length = data[at + 1] if at + 2 <= end else 0
    stop = min(at + size + length, end)
    fields = PAGES.get((code, subpage), ())
    children = [*head, *nodes(fields, data, at, stop)]
    if not fields:
        children += rest("Page data", data, at + size, stop)
    number_text = f"0x{code:02x}" + (f"/0x{subpage:02x}" if data[at] & 0x40 else "")
    on = [
        child.label
        for child in children[len(head) :]
        if child.value and child.mask and child.mask & (child.mask - 1) == 0
    ]
    name = MODE_SUBPAGES.get((code, subpage)) or MODE_PAGES(code)
    children[2].filter = mode_page_filter(code)
    page = group(f"Mode page {name} ({number_text})", data, at, stop, children)
    page.text = ", ".join(label.partition(",")[0] for label in on)
    return page, at + size + length
