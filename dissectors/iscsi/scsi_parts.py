"""Where iSCSI meets SCSI: LUNs, CDBs, sense data and payload inside PDUs, as nodes and as pieces of summary lines.

The only module of the iSCSI dissectors that imports the SCSI ones (tables of words apart).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dissectors.fields import Node, shifted
from dissectors.iscsi import layout as at
from dissectors.iscsi.base import Segment, plain
from dissectors.scsi.cdb import parse_cdb
from dissectors.scsi.lun import parse_lun
from dissectors.scsi.sense import parse_sense

if TYPE_CHECKING:
    from dissectors.pdu import Pdu


def lun_text(lun: bytes) -> str:
    """What to call a LUN field of 8 bytes."""
    return parse_lun(lun).text


def lun_node(lun: bytes) -> Node:
    """The LUN field where it stands in a header, taken apart."""
    return parse_lun(lun).tree(at.AT_LUN)[0]


def sense_text(sense: bytes) -> str:
    """Sense data in one line."""
    return parse_sense(sense).text


def sense_node(sense: bytes, offset: int) -> Node:
    """Sense data as one node."""
    return parse_sense(sense).tree(offset)[0]


def cdb_summary(pdu: Pdu) -> tuple[str, str]:
    """The name of the command of a SCSI Command PDU and what it asks for: `READ(10)`, `LBA 2048, 8 blocks`."""
    if not pdu.cdb:
        return "", ""
    cdb = parse_cdb(pdu.cdb, pdu.context.device_type)
    return cdb.name, cdb.text.removeprefix(cdb.name).strip()


def cdb_node(pdu: Pdu) -> Node:
    """The CDB field of a SCSI Command with the fields that begin in its 16 bytes."""
    place = at.AT_CDB
    whole, *rest = parse_cdb(pdu.cdb, pdu.context.device_type).tree()
    node = Node("CDB", pdu.cdb, whole.text, place, at.CDB_LENGTH, problem=whole.problem)
    for part in (*whole.children, *rest):
        if part.offset < at.CDB_LENGTH:
            _clip(part, at.CDB_LENGTH)
            node.children.append(part)
    shifted(node.children, place)
    return node


def cdb_beyond_header(pdu: Pdu) -> list[Node]:
    """The fields of a long CDB that begin in its extension; offsets count from the extension's first byte."""
    if len(pdu.cdb) <= at.CDB_LENGTH:
        return []
    whole, *rest = parse_cdb(pdu.cdb, pdu.context.device_type).tree()
    parts = [part for part in (*whole.children, *rest) if part.offset >= at.CDB_LENGTH]
    return shifted(parts, -at.CDB_LENGTH)


def _clip(node: Node, end: int) -> None:
    """End a node, and what is below it, at `end`: the rest of the field stands in the extended CDB."""
    if node.offset + node.length > end:
        node.length = end - node.offset
        node.mask = 0
        node.text += " (continues in the extended CDB)"
        node.children = []


def data_in(pdu: Pdu, label: str, name: str) -> Segment:
    """Data that a command reads: plain bytes, and below them what the command says they mean."""
    from dissectors.scsi.data import decode_data  # only a field tree needs the decoders of all kinds of data

    node = plain(label, pdu.data, 0, name)
    if pdu.get("buffer_offset") == 0:
        node.children = decode_data(pdu.context.cdb, pdu.data, pdu.context.device_type)
    return Segment([node])


def data_out(pdu: Pdu, cdb: bytes, offset: int | None, label: str, name: str) -> Segment:
    """Data that the command `cdb` writes, `offset` bytes from its start: plain bytes, and below them what they mean."""
    from dissectors.scsi.data import decode_parameters

    node = plain(label, pdu.data, 0, name)
    if offset == 0:
        node.children = decode_parameters(cdb, pdu.data, pdu.context.device_type)
    return Segment([node])
