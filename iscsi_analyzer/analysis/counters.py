"""The counters of `iscsiadm -m session -s`, counted from the capture, so that both can be laid side by side.

The names are those that open-iscsi prints; what an initiator sends is tx, what it receives is rx. Octets are those of
whole PDUs: headers, data, padding and digests. The kernel counts from the beginning of a session: a capture that begins
later shows less.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from iscsi_analyzer.analysis.facts import Facts
from iscsi_analyzer.model import task as model
from iscsi_analyzer.store import rows

PDUS: Final = (
    ("noptx_pdus", 0x00),
    ("scsicmd_pdus", 0x01),
    ("tmfcmd_pdus", 0x02),
    ("login_pdus", 0x03),
    ("text_pdus", 0x04),
    ("dataout_pdus", 0x05),
    ("logout_pdus", 0x06),
    ("snack_pdus", 0x10),
    ("noprx_pdus", 0x20),
    ("scsirsp_pdus", 0x21),
    ("tmfrsp_pdus", 0x22),
    ("textrsp_pdus", 0x24),
    ("datain_pdus", 0x25),
    ("logoutrsp_pdus", 0x26),
    ("r2t_pdus", 0x31),
    ("async_pdus", 0x32),
    ("rjt_pdus", 0x3F),
)
"Counters and the opcodes that they count."


class Counters(msgspec.Struct, kw_only=True):
    """The counters of one session."""

    session: int
    "Number of the session."
    whole: bool
    "The capture has the session from its login on and lacks no byte of it, so far as it goes."
    txdata_octets: int
    "Bytes of the PDUs that the initiator sent."
    rxdata_octets: int
    "Bytes of the PDUs that it received."
    noptx_pdus: int
    "NOP-Outs."
    scsicmd_pdus: int
    "SCSI Commands."
    tmfcmd_pdus: int
    "Task Management Function Requests."
    login_pdus: int
    "Login Requests."
    text_pdus: int
    "Text Requests."
    dataout_pdus: int
    "Data-Outs."
    logout_pdus: int
    "Logout Requests."
    snack_pdus: int
    "SNACK Requests."
    noprx_pdus: int
    "NOP-Ins."
    scsirsp_pdus: int
    "SCSI Responses."
    tmfrsp_pdus: int
    "Task Management Function Responses."
    textrsp_pdus: int
    "Text Responses."
    datain_pdus: int
    "Data-Ins."
    logoutrsp_pdus: int
    "Logout Responses."
    r2t_pdus: int
    "R2Ts."
    async_pdus: int
    "Asynchronous Messages."
    rjt_pdus: int
    "Rejects."
    digest_err: int
    "PDUs from the target with a wrong header or data digest."
    timeout_err: int
    "Pings of the initiator that were still without an answer when the connection closed."
    digest_err_at_target: int
    "PDUs from the initiator with a wrong digest; iscsiadm does not show them."


def counters(facts: Facts) -> list[Counters]:
    """The counters of every session, in order."""
    count = len(facts.found.sessions.sessions) + 1
    session = facts.session_of[facts.pdu_connection]
    by_opcode = np.bincount(session << 6 | facts.opcode, minlength=count << 6).reshape(-1, 64)
    to_target = (facts.pdu_flags & rows.FLAG_TO_TARGET).astype(np.int64)
    side = session << 1 | to_target
    octets = np.bincount(side, weights=_lengths(facts), minlength=count << 1).reshape(-1, 2)
    wrong = np.bincount(side[_bad(facts)], minlength=count << 1).reshape(-1, 2)
    pings = facts.task("session")[(facts.task("kind") == model.KIND_NOP) & (facts.task("outcome") == model.CLOSED)]
    timeouts = np.bincount(pings, minlength=count)
    found = []
    for each in facts.sessions:
        number = int(each.number)
        found.append(
            Counters(
                session=number,
                whole=not each.assumed and not any(facts.lacks(connection) for connection in each.connections),
                txdata_octets=int(octets[number, 1]),
                rxdata_octets=int(octets[number, 0]),
                digest_err=int(wrong[number, 0]),
                digest_err_at_target=int(wrong[number, 1]),
                timeout_err=int(timeouts[number]),
                **{name: int(by_opcode[number, opcode]) for name, opcode in PDUS},
            )
        )
    return found


def _lengths(facts: Facts) -> NDArray[Any]:
    """The length of every PDU in its stream, by its header."""
    flags = facts.pdu_flags
    header = flags & rows.FLAG_HEADER_DIGEST != 0
    data = flags & rows.FLAG_DATA_DIGEST != 0
    padded = (facts.data_length + 3) & ~3
    found: NDArray[np.int64] = padded + 48 + 4 * (facts.ahs_length.astype(np.int64) + header + data)
    return found


def _bad(facts: Facts) -> NDArray[np.bool_]:
    flags = facts.pdu_flags
    header = (flags >> rows.HEADER_DIGEST_SHIFT) & rows.DIGEST_MASK == rows.DIGEST_BAD
    data = (flags >> rows.DATA_DIGEST_SHIFT) & rows.DIGEST_MASK == rows.DIGEST_BAD
    return np.asarray(header | data)
