"""Standard INQUIRY data (SPC-5 6.7.2): what a logical unit says of itself."""

from __future__ import annotations

from typing import Final

from dissectors.fields import Node, Words
from dissectors.scsi.spc_words import DEVICE_TYPES, PERIPHERAL_QUALIFIERS
from dissectors.scsi.tables import announced, ascii_text, flag, group, listed, nodes, number, octets, rest, string
from dissectors.scsi.version_descriptors import VERSION_DESCRIPTORS

VERSIONS: Final = Words(
    {
        0x00: "No standard claimed",
        0x01: "SCSI-1",
        0x02: "SCSI-2",
        0x03: "SPC",
        0x04: "SPC-2",
        0x05: "SPC-3",
        0x06: "SPC-4",
        0x07: "SPC-5",
        0x08: "SPC-6",
    },
    other="Unknown standard",
)
_TPGS = Words(
    {
        0: "No asymmetric access",
        1: "Implicit asymmetric access",
        2: "Explicit asymmetric access",
        3: "Implicit and explicit",
    }
)

PERIPHERAL: Final = (
    number("qualifier", "Peripheral qualifier", 0, 1, 0xE0, "scsi.inquiry.qualifier", PERIPHERAL_QUALIFIERS),
    number("device_type", "Peripheral device type", 0, 1, 0x1F, "scsi.inquiry.devtype", DEVICE_TYPES, "hex"),
)

FIELDS: Final = (
    *PERIPHERAL,
    flag("rmb", "RMB, removable medium", 1, 0x80, "scsi.inquiry.removable"),
    flag("lu_cong", "LU_CONG", 1, 0x40),
    number("hot_pluggable", "HOT_PLUGGABLE", 1, 1, 0x30),
    number("version", "Version", 2, 1, 0, "scsi.inquiry.version", VERSIONS, "hex"),
    flag("norm_aca", "NORMACA", 3, 0x20, "scsi.inquiry.normaca"),
    flag("hi_sup", "HISUP", 3, 0x10, "scsi.inquiry.hisup"),
    number("response_data_format", "Response data format", 3, 1, 0x0F, "scsi.inquiry.rdf"),
    number("additional_length", "Additional length", 4, 1, 0, "scsi.inquiry.add_len"),
    flag("sccs", "SCCS, storage array controller", 5, 0x80, "scsi.inquiry.sccs"),
    flag("acc", "ACC, access controls (obsolete)", 5, 0x40, "scsi.inquiry.acc"),
    number("tpgs", "TPGS, asymmetric access", 5, 1, 0x30, "scsi.inquiry.tpgs", _TPGS),
    flag("third_party_copy", "3PC, third-party copy", 5, 0x08, "scsi.inquiry.tpc"),
    flag("protect", "PROTECT, protection information", 5, 0x01, "scsi.inquiry.protect"),
    flag("bque", "BQUE (obsolete)", 6, 0x80, "scsi.inquiry.bque"),
    flag("enc_serv", "ENCSERV, enclosure services", 6, 0x40, "scsi.inquiry.encserv"),
    flag("multi_p", "MULTIP, several ports", 6, 0x10, "scsi.inquiry.multip"),
    flag("m_chngr", "MCHNGR, attached to a medium changer", 6, 0x08, "scsi.inquiry.mchngr"),
    flag("addr16", "ADDR16", 6, 0x01),
    flag("wbus16", "WBUS16", 7, 0x20),
    flag("sync", "SYNC", 7, 0x10),
    flag("linked", "LINKED (obsolete)", 7, 0x08, "scsi.inquiry.linked"),
    flag("cmd_que", "CMDQUE, command queuing", 7, 0x02, "scsi.inquiry.cmdque"),
    string("vendor", "Vendor identification", 8, 8, "scsi.inquiry.vendor_id"),
    string("product", "Product identification", 16, 16, "scsi.inquiry.product_id"),
    string("revision", "Product revision level", 32, 4, "scsi.inquiry.product_rev"),
    octets("vendor_specific", "Vendor specific", 36, 20, "scsi.inquiry.vendor_specific"),
    number("clocking", "CLOCKING", 56, 1, 0x0C),
    flag("qas", "QAS", 56, 0x02),
    flag("ius", "IUS", 56, 0x01),
)
_DESCRIPTOR = number(
    "version_descriptor", "Version descriptor", 0, 2, 0, "scsi.inquiry.version_desc", VERSION_DESCRIPTORS, "hex"
)


def inquiry_data(data: bytes) -> list[Node]:
    """Standard INQUIRY data of any length."""
    if not data:
        return []
    end = min(len(data), data[4] + 5) if len(data) > 4 else len(data)
    text = DEVICE_TYPES(data[0] & 0x1F)
    if data[0] >> 5:
        text += f" ({PERIPHERAL_QUALIFIERS(data[0] >> 5).lower()})"
    if end > 8:
        names = (ascii_text(data[start : min(end, stop)]) for start, stop in ((8, 16), (16, 32), (32, 36)))
        text += ": " + " ".join(name for name in names if name)
    children = nodes(FIELDS, data, 0, end)
    claimed = listed(_DESCRIPTOR, data, 58, min(end, 74))
    children += [child for child in claimed if child.value]
    children += rest("Vendor specific", data, 96, end) if end > 96 else []
    if len(data) > 4:
        text = announced(text, data, data[4] + 5)
    result = [group("Standard INQUIRY data", data, 0, end, children, text)]
    return result + rest("Bytes after the INQUIRY data", data, end)
