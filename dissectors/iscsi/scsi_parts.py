"""Where iSCSI meets SCSI: LUNs, CDBs, sense data and payload inside PDUs, as nodes and as pieces of summary lines.

The only module of the iSCSI dissectors that imports the SCSI ones (tables of words apart).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dissectors.fields import Node
from dissectors.iscsi import layout as at
from dissectors.iscsi.base import Segment, plain
from dissectors.scsi import parse_lun
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


def cdb_text(cdb: bytes) -> str:
    """The name of the command: `READ(10)`."""
    return f"opcode 0x{cdb[0]:02x}" if cdb else "no CDB"


def cdb_details(cdb: bytes) -> str:
    """What the command asks for, in one line."""
    return cdb.hex()


def cdb_in_header(cdb: bytes) -> tuple[str, list[Node]]:
    """Text and parts of the CDB field of a SCSI Command; parts beyond its 16 bytes are left to the AHS that holds
    them."""
    return cdb_text(cdb), []


def payload(pdu: Pdu, cdb: bytes, offset: int | None, label: str, name: str) -> Segment:
    """Data of a SCSI command: plain bytes, and below them what the command says they mean."""
    return Segment([plain(label, pdu.data, 0, name)])
