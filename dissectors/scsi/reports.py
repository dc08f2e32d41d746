"""Parameter data of the reports of SPC-5: REPORT LUNS and the states of target port groups."""

from __future__ import annotations

from typing import Final

from dissectors.fields import Node, Words
from dissectors.scsi.lun import parse_lun
from dissectors.scsi.tables import announced, flag, group, nodes, number, rest

_LUN_HEAD = (number("lun_list_length", "LUN list length", 0, 4, 0, "scsi.reportluns.lun_list_length"),)

ACCESS_STATES: Final = Words(
    {
        0x0: "Active/optimized",
        0x1: "Active/non-optimized",
        0x2: "Standby",
        0x3: "Unavailable",
        0x4: "Logical block dependent",
        0xE: "Offline",
        0xF: "Transitioning",
    },
    other="Reserved",
)
_STATUS_CODES = Words(
    {
        0: "No status",
        1: "Altered by SET TARGET PORT GROUPS",
        2: "Altered by implicit asymmetric access",
    },
    other="Reserved",
)
_RETURN_LENGTH = (number("return_data_length", "Return data length", 0, 4),)
_EXTENDED_HEAD = (
    number("format_type", "Format type", 4, 1, 0x70),
    number("implicit_transition_time", "Implicit transition time (s)", 5),
)
_GROUP = (
    flag("pref", "PREF, preferred", 0, 0x80),
    number("state", "Asymmetric access state", 0, 1, 0x0F, "", ACCESS_STATES),
    flag("t_sup", "T_SUP, transitioning", 1, 0x80),
    flag("o_sup", "O_SUP, offline", 1, 0x40),
    flag("lbd_sup", "LBD_SUP, logical block dependent", 1, 0x10),
    flag("u_sup", "U_SUP, unavailable", 1, 0x08),
    flag("s_sup", "S_SUP, standby", 1, 0x04),
    flag("an_sup", "AN_SUP, active/non-optimized", 1, 0x02),
    flag("ao_sup", "AO_SUP, active/optimized", 1, 0x01),
    number("target_port_group", "Target port group", 2, 2),
    number("status_code", "Status code", 5, 1, 0, "", _STATUS_CODES),
    number("vendor_specific", "Vendor specific", 6, base="hex"),
    number("ports", "Target port count", 7),
)
_PORT = number("relative_target_port", "Relative target port identifier", 2, 2)
_SET_GROUP = (
    number("state", "Asymmetric access state", 0, 1, 0x0F, "", ACCESS_STATES),
    number("target_port_group", "Target port group", 2, 2),
)


def luns_data(data: bytes) -> list[Node]:
    """REPORT LUNS data of any length."""
    if not data:
        return []
    length = 8 + int.from_bytes(data[:4], "big") if len(data) >= 4 else 8
    end = min(length, len(data))
    children = nodes(_LUN_HEAD, data)
    units = [parse_lun(data[at : min(at + 8, end)]) for at in range(8, end, 8)]
    for index, lun in enumerate(units):
        children += lun.tree(8 + 8 * index)
        children[-1].problem = ""
    text = f"{len(units)} logical units: " + ", ".join(lun.text for lun in units[:16]) if units else "no logical unit"
    if len(units) > 16:
        text += ", ..."
    result = group("REPORT LUNS data", data, 0, end, children, announced(text, data, length))
    return [result, *rest("Bytes after the list", data, end)]


def port_groups_data(data: bytes, extended: bool) -> list[Node]:
    """REPORT TARGET PORT GROUPS data of any length; `extended` if the CDB asked for the extended header."""
    if not data:
        return []
    length = 4 + int.from_bytes(data[:4], "big") if len(data) >= 4 else 4
    end = min(length, len(data))
    children = nodes(_RETURN_LENGTH + (_EXTENDED_HEAD if extended else ()), data, 0, end)
    at = 8 if extended else 4
    states = []
    while at < end:
        ports = data[at + 7] if at + 8 <= end else 0
        stop = min(end, at + 8 + 4 * ports)
        parts = nodes(_GROUP, data, at, stop)
        text = "cut short"
        if at + 4 <= stop:
            text = f"group {int.from_bytes(data[at + 2 : at + 4], 'big')} {ACCESS_STATES(data[at] & 15).lower()}"
            text += ", preferred" if data[at] & 0x80 else ""
        states.append(text)
        for port in range(at + 8, stop, 4):
            parts += nodes((_PORT,), data, port, stop)
        children.append(group("Target port group", data, at, stop, parts, text))
        at += 8 + 4 * ports
    result = group("Target port groups", data, 0, end, children, announced("; ".join(states), data, length))
    return [result, *rest("Bytes after the groups", data, end)]


def set_port_groups_parameters(data: bytes) -> list[Node]:
    """The SET TARGET PORT GROUPS parameter list."""
    children = [
        group("Target port group", data, at, min(at + 4, len(data)), nodes(_SET_GROUP, data, at))
        for at in range(4, len(data), 4)
    ]
    for child in children:
        child.text = ", ".join(part.text for part in child.children)
    return [group("Target port groups to set", data, 0, len(data), children)] if data else []
