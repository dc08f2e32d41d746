"""Log pages (SPC-5 7.3): header and parameters of LOG SENSE and LOG SELECT, the values of parameters as numbers."""

from __future__ import annotations

from dissectors.fields import Node
from dissectors.scsi.spc_words import LOG_PAGES
from dissectors.scsi.tables import announced, flag, group, listed, nodes, number, rest

_LOG_HEAD = (
    flag("ds", "DS", 0, 0x80),
    flag("spf", "SPF, subpage format", 0, 0x40),
    number("page_code", "Page code", 0, 1, 0x3F, "scsi.log.pagecode", LOG_PAGES, "hex"),
    number("subpage_code", "Subpage code", 1, base="hex"),
    number("page_length", "Page length", 2, 2, 0, "scsi.log.page_length"),
)
_PARAMETER = (
    number("parameter_code", "Parameter code", 0, 2, 0, "scsi.log.parameter_code", base="hex"),
    flag("du", "DU", 2, 0x80, "scsi.log.pf.du"),
    flag("ds", "DS, not saved", 2, 0x40, "scsi.log.pf.ds"),
    flag("tsd", "TSD", 2, 0x20, "scsi.log.pf.tsd"),
    flag("etc", "ETC, threshold comparison", 2, 0x10, "scsi.log.pf.etc"),
    number("tmc", "TMC", 2, 1, 0x0C, "scsi.log.pf.tmc"),
    number("format", "Format and linking", 2, 1, 0x03),
    number("parameter_length", "Parameter length", 3, 1, 0, "scsi.log.param_len"),
)
_LOG_PAGE = number("page", "Supported page", 0, 1, 0x3F, "", LOG_PAGES, "hex")


def log_data(data: bytes) -> list[Node]:
    """LOG SENSE data, or LOG SELECT parameters of one page: header and parameters, whose values are shown raw."""
    if not data:
        return []
    children = nodes(_LOG_HEAD, data)
    length = 4 + int.from_bytes(data[2:4], "big") if len(data) >= 4 else 4
    end = min(length, len(data))
    code, subpage = data[0] & 0x3F, data[1] if len(data) > 1 and data[0] & 0x40 else 0
    if code == 0 and not subpage:
        children += listed(_LOG_PAGE, data, 4, end)
    elif code == 0 or subpage == 0xFF:
        children += rest("Pages and subpages", data, 4, end)
    else:
        children += _log_parameters(data, end)
    result = group(f"Log page {LOG_PAGES(code)} (0x{code:02x})", data, 0, end, children, announced("", data, length))
    return [result, *rest("Bytes after the page", data, end)]


def _log_parameters(data: bytes, end: int) -> list[Node]:
    """The log parameters of data[4:end]."""
    found = []
    at = 4
    while at < end:
        size = data[at + 3] if at + 4 <= end else 0
        stop = min(end, at + 4 + size)
        parts = nodes(_PARAMETER, data, at, stop)
        raw = bytes(data[at + 4 : stop])
        if raw:
            text = f"{int.from_bytes(raw, 'big')}" if len(raw) <= 8 else raw.hex()
            parts.append(Node("Parameter value", raw, text, at + 4, len(raw), 0, "scsi.log.param_data"))
        code = f"0x{int.from_bytes(data[at : at + 2], 'big'):04x}" if at + 2 <= end else "cut short"
        found.append(group("Parameter", data, at, stop, parts, f"{code}: {parts[-1].text}" if raw else code))
        at += 4 + size
    return found
