"""Rules on what devices say of themselves, and on commands that do not fit it (SBC, SPC).

Not compiled: sees the data of commands that describe the device, and commands with a residual.
"""

from __future__ import annotations

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import Task
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.blame import judged
from iscsi_analyzer.rules.desk import INITIATOR, TARGET, Desk
from iscsi_analyzer.rules.header_fields import word
from iscsi_analyzer.rules.rare_notes import rare
from iscsi_analyzer.rules.rule import NOTE, Rule

REPORT_LUNS, READ_CAPACITY_10, SERVICE_ACTION_IN_16 = 0xA0, 0x25, 0x9E
READ_CAPACITY_16 = 0x10
"Service action."
TRANSFER_LENGTH = {
    0x28: (7, 2), 0x2A: (7, 2), 0x2E: (7, 2),
    0xA8: (6, 4), 0xAA: (6, 4), 0xAE: (6, 4),
    0x88: (10, 4), 0x8A: (10, 4), 0x8E: (10, 4),
}  # fmt: skip
"Reads and writes of 10, 12 and 16 bytes -> place and size of TRANSFER LENGTH in the CDB."
PROTECTION = 0xE0
"Bits of byte 1 of those CDBs: data of other lengths than that of the blocks may be transferred with them."

RULES = (
    Rule(
        "cdb-edtl-vs-transfer-length",
        NOTE,
        INITIATOR,
        "SBC",
        "The CDB is about {blocks} blocks of {size} bytes, the Expected Data Transfer Length is {expected}",
        "READ CAPACITY data of the logical unit, and the whole task",
        occasion="iscsi.opcode == scsi_command && "
        "iscsi.task.opcode in {0x28, 0x2a, 0x2e, 0xa8, 0xaa, 0xae, 0x88, 0x8a, 0x8e}",
    ),
    Rule(
        "report-luns-length",
        NOTE,
        TARGET,
        "SPC",
        "REPORT LUNS tells of a list of {length} bytes, which is no multiple of eight",
        "the REPORT LUNS data",
        occasion="iscsi.opcode == data_in && iscsi.task.opcode == 0xa0",
    ),
)


def see(follower: Follower, look: Look, desk: Desk) -> None:
    """A Data-In whose data was kept: judges it, or takes note of the block size that it tells."""
    task = look.task
    if task is None or not task.request or not task.cdb or not look.whole or word(look, 40):
        return
    data = look.data
    if task.operation == REPORT_LUNS and len(data) >= 4:
        report_luns_length(follower, look, desk, int.from_bytes(data[:4], "big"))
    elif task.operation == READ_CAPACITY_10 and len(data) >= 8:
        rare(follower).block_size(task.lun, int.from_bytes(data[4:8], "big"))
    elif task.operation == SERVICE_ACTION_IN_16 and task.cdb[1] & 0x1F == READ_CAPACITY_16 and len(data) >= 12:
        rare(follower).block_size(task.lun, int.from_bytes(data[8:12], "big"))


def moved(follower: Follower, look: Look, task: Task, desk: Desk) -> None:
    """A command ended well, and with a residual."""
    place = TRANSFER_LENGTH.get(task.operation)
    size = rare(follower).block_sizes.get(task.lun, 0)
    if place is not None and size and task.request and judged(follower, task):
        cdb = follower.connection.rows.header(task.request)[32:48]
        if not cdb[1] & PROTECTION:
            at, length = place
            cdb_edtl_vs_transfer_length(follower, look, task, int.from_bytes(cdb[at : at + length], "big"), size, desk)


def cdb_edtl_vs_transfer_length(follower: Follower, look: Look, task: Task, blocks: int, size: int, desk: Desk) -> None:
    """A command expects another amount of data than its CDB asks for.

    ## What it means
    The CDB of a read or write counts blocks, the command says beside how many bytes it expects to transfer. Mostly the
    two are the same. Here they are not, and the target reports the difference as a residual.

    ## Why it matters
    It explains the residual: nothing is wrong with the device. The initiator's driver has computed one of them wrongly,
    or takes the device's blocks for longer or shorter than they are.

    ## Example
        talk.open()
        capacity = talk.command(bytes((0x25,)) + bytes(9), read=8)
        talk.data_in(capacity, bytes((0, 0, 255, 255, 0, 0, 2, 0)), status=0)
        read = talk.command(bytes((0x28, 0, 0, 0, 0, 0, 0, 0, 8, 0)), read=512)
        talk.data_in(read, 512)
        talk.response(read, overflow=3584)

    ## When it is silent
    When READ CAPACITY was not seen, when the command ended without a residual, and for commands with protection
    information.

    ## Reference
    SBC
    """
    if blocks * size != task.length:
        facts: dict[str, object] = {"blocks": blocks, "size": size, "expected": task.length}
        session = follower.session.number
        desk.found(
            "cdb-edtl-vs-transfer-length",
            INITIATOR,
            session,
            follower.number,
            task.request,
            facts,
            look.number,
            task.tag,
        )


def report_luns_length(follower: Follower, look: Look, desk: Desk, length: int) -> None:
    """The list of logical units has an odd length.

    ## What it means
    The list has eight bytes for each logical unit, so its length is a multiple of eight, also if not all of it fits
    into what the initiator has room for.

    ## Why it matters
    The initiator finds fewer logical units than there are, or one that does not exist.

    ## Example
        talk.open()
        luns = talk.command(bytes((0xA0, 0, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0)), read=20)
        talk.data_in(luns, bytes((0, 0, 0, 12)) + bytes(16), status=0)

    ## When it is silent
    When the beginning of the data was not captured.

    ## Reference
    SPC
    """
    if length % 8:
        desk.report("report-luns-length", TARGET, follower, look, {"length": length})
