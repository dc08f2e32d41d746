"""Persistent reservations (SPC-5 6.16, 6.17): what PERSISTENT RESERVE IN returns and PERSISTENT RESERVE OUT carries."""

from __future__ import annotations

from typing import Final

from dissectors.fields import Node
from dissectors.scsi.spc_words import PROTOCOLS, RESERVATION_SCOPES, RESERVATION_TYPES
from dissectors.scsi.tables import announced, flag, group, listed, nodes, number, octets, rest, utf8_text

READ_KEYS: Final = 0x00
READ_RESERVATION: Final = 0x01
REPORT_CAPABILITIES: Final = 0x02
READ_FULL_STATUS: Final = 0x03
REGISTER_AND_MOVE: Final = 0x07

_KEY = number("key", "Reservation key", 0, 8, 0, "scsi.spc.resv.key", base="hex")
_OWN_KEY = number("key", "Reservation key", 0, 8, 0, "scsi.persresv.reskey", base="hex")
_HEAD = (
    number("generation", "PRgeneration", 0, 4, 0, "scsi.persresvin.generation_number", base="hex"),
    number("additional_length", "Additional length", 4, 4, 0, "scsi.persresvin.additional_length"),
)
_RESERVATION = (
    _KEY,
    number("scope_address", "Scope-specific address (obsolete)", 8, 4, 0, "scsi.spc.resv.scopeaddr", base="hex"),
    number("scope", "Scope", 13, 1, 0xF0, "scsi.persresv.scope", RESERVATION_SCOPES),
    number("type", "Type", 13, 1, 0x0F, "scsi.persresv.type", RESERVATION_TYPES),
)
_CAPABILITIES = (
    number("length", "Length", 0, 2),
    flag("rlr_c", "RLR_C, replace lost reservation", 2, 0x80),
    flag("crh", "CRH, compatible reservation handling", 2, 0x10),
    flag("sip_c", "SIP_C, specify initiator ports", 2, 0x08),
    flag("atp_c", "ATP_C, all target ports", 2, 0x04),
    flag("ptpl_c", "PTPL_C, persist through power loss", 2, 0x01),
    flag("tmv", "TMV, type mask valid", 3, 0x80),
    number("allow_commands", "ALLOW COMMANDS", 3, 1, 0x70),
    flag("ptpl_a", "PTPL_A, persists through power loss now", 3, 0x01),
    flag("wr_ex_ar", "WR_EX_AR", 4, 0x80),
    flag("ex_ac_ro", "EX_AC_RO", 4, 0x40),
    flag("wr_ex_ro", "WR_EX_RO", 4, 0x20),
    flag("ex_ac", "EX_AC", 4, 0x08),
    flag("wr_ex", "WR_EX", 4, 0x02),
    flag("ex_ac_ar", "EX_AC_AR", 5, 0x01),
)
_FULL_STATUS = (
    _KEY,
    flag("all_tg_pt", "ALL_TG_PT", 12, 0x02, "scsi.persresv.control.all_tg_pt"),
    flag("r_holder", "R_HOLDER, holds the reservation", 12, 0x01),
    number("scope", "Scope", 13, 1, 0xF0, "scsi.persresv.scope", RESERVATION_SCOPES),
    number("type", "Type", 13, 1, 0x0F, "scsi.persresv.type", RESERVATION_TYPES),
    number("relative_target_port", "Relative target port identifier", 18, 2, 0, "scsi.persresv.rel_tpi"),
    number("additional_length", "Additional descriptor length", 20, 4),
)
_OUT = (
    _OWN_KEY,
    number("service_action_key", "Service action reservation key", 8, 8, 0, "scsi.persresv.sareskey", base="hex"),
    number("scope_address", "Scope-specific address (obsolete)", 16, 4, base="hex"),
    flag("spec_i_pt", "SPEC_I_PT", 20, 0x08, "scsi.persresv.control.spec_i_pt"),
    flag("all_tg_pt", "ALL_TG_PT", 20, 0x04, "scsi.persresv.control.all_tg_pt"),
    flag("aptpl", "APTPL", 20, 0x01, "scsi.persresv.control.aptpl"),
)
_MOVE = (
    _OWN_KEY,
    number("service_action_key", "Service action reservation key", 8, 8, 0, "scsi.persresv.sareskey", base="hex"),
    flag("unreg", "UNREG", 17, 0x02, "scsi.persresv.control.unreg"),
    flag("aptpl", "APTPL", 17, 0x01, "scsi.persresv.control.aptpl"),
    number("relative_target_port", "Relative target port identifier", 18, 2, 0, "scsi.persresv.rel_tpi"),
    number("transport_id_length", "TransportID length", 20, 4, 0, "scsi.persresv.transportid_len"),
)
_TRANSPORT_LENGTH = number("transport_id_length", "TransportID length", 24, 4, 0, "scsi.persresv.transportid_len")

_TRANSPORT_HEAD = (
    number("format", "TPID format", 0, 1, 0xC0),
    number("protocol", "Protocol identifier", 0, 1, 0x0F, "scsi.proto", PROTOCOLS),
)
_ISCSI: Final = 0x5
_PORT_NAMES = {
    0x0: octets("n_port_name", "N_Port name", 8, 8),
    0x4: octets("initiator_port", "Initiator port identifier", 8, 16),
    0x6: octets("sas_address", "SAS address", 4, 8),
}


def reserve_in_data(action: int, data: bytes) -> list[Node]:
    """What PERSISTENT RESERVE IN with this service action returned."""
    if action == REPORT_CAPABILITIES:
        length = int.from_bytes(data[:2], "big")
        found = nodes(_CAPABILITIES, data)
        on = [node.label.partition(",")[0] for node in found[1:] if node.value]
        return [
            group(
                "Persistent reservation capabilities", data, 0, len(data), found, announced(" ".join(on), data, length)
            )
        ]
    head = nodes(_HEAD, data)
    if len(data) < 8:
        return [group("Persistent reservation data", data, 0, len(data), head, "cut short")]
    length = 8 + int.from_bytes(data[4:8], "big")
    end = min(length, len(data))
    if action == READ_KEYS:
        label, found = "Registered keys", listed(_KEY, data, 8, end)
        text = ", ".join(node.text for node in found) or "none"
    elif action == READ_RESERVATION:
        label, found = "Reservation", nodes(_RESERVATION, data, 8, end)
        text = f"{found[3].text}, key {found[0].text}" if len(found) > 3 else "none" if length == 8 else ""
    elif action == READ_FULL_STATUS:
        label, found = "Registrations", _full_status(data, end)
        text = f"{len(found)} registrations"
    else:
        label, found, text = "Persistent reservation data", rest("Data", data, 8, end), ""
    result = group(label, data, 0, end, [*head, *found], announced(text, data, length))
    return [result, *rest("Bytes after the data", data, end)]


def _full_status(data: bytes, end: int) -> list[Node]:
    """The full status descriptors of data[8:end]."""
    found = []
    at = 8
    while at < end:
        extra = int.from_bytes(data[at + 20 : at + 24], "big") if at + 24 <= end else 0
        stop = min(end, at + 24 + extra)
        children = nodes(_FULL_STATUS, data, at, stop)
        text = f"key {children[0].text}" if children else "cut short"
        if at + 13 <= stop and data[at + 12] & 1:
            text += ", holds the reservation"
        if extra and at + 24 < stop:
            children.append(transport_id(data, at + 24, stop)[0])
            text += f", {children[-1].text}"
        found.append(group("Registration", data, at, stop, children, text))
        at += 24 + extra
    return found


def reserve_out_parameters(action: int, data: bytes) -> list[Node]:
    """What PERSISTENT RESERVE OUT with this service action sent."""
    if not data:
        return []
    moving = action == REGISTER_AND_MOVE
    children = nodes(_MOVE if moving else _OUT, data)
    at = 24
    if not moving and len(data) > 24:
        children += nodes((_TRANSPORT_LENGTH,), data)
        at = 28
    while at < len(data):
        node, at = transport_id(data, at, len(data))
        children.append(node)
    keys = [child.text for child in children[:2]]
    text = f"key {keys[0]}" + (f", service action key {keys[1]}" if len(keys) > 1 else "") if keys else ""
    return [group("Persistent reservation parameters", data, 0, len(data), children, text)]


def transport_id(data: bytes, at: int, end: int) -> tuple[Node, int]:
    """The TransportID (SPC-5 7.6.4) at `at`, and where the next one starts: the name of an initiator port."""
    protocol = data[at] & 0x0F
    size = 24
    if protocol == _ISCSI:
        size = 4 + (int.from_bytes(data[at + 2 : at + 4], "big") if at + 4 <= end else 0)
    stop = min(at + size, end)
    children = nodes(_TRANSPORT_HEAD, data, at, stop)
    text = PROTOCOLS(protocol)
    if protocol == _ISCSI:
        raw = bytes(data[at + 4 : stop])
        text = name = utf8_text(raw.split(b"\0")[0])
        if raw:
            children.append(Node("iSCSI name", name, name, at + 4, len(raw)))
    elif protocol in _PORT_NAMES:
        children += nodes((_PORT_NAMES[protocol],), data, at, stop)
        text = f"{text} {children[-1].text}" if len(children) > 2 else text
    else:
        children += rest("Port name", data, at + 1, stop)
    return Node(
        "TransportID", bytes(data[at:stop]), text, at, stop - at, 0, "scsi.persresv.transportid", children
    ), at + size
