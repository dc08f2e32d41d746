"""Where we differ from tshark on purpose: every difference with its reason and a sample that shows it.

A difference that is not listed here is a failure; one that no longer occurs in its sample is one, too.
"""

from __future__ import annotations

from dataclasses import dataclass

OURS = "ours"
"We print a value and tshark none."
TSHARK = "tshark"
"tshark prints a value and we none."
VALUES = "values"
"Both print values, and they differ."


@dataclass(frozen=True)
class Difference:
    """A difference that is meant to be."""

    field: str
    side: str
    reason: str
    sample: str
    "The beginning of the name of a sample where it occurs."
    pdus: tuple[str, ...] = ()
    "The kinds of PDUs that show it; empty: all."


NOT_COMPARED = {
    "b01_": "deliberate violations: tshark shows many of these PDUs as plain TCP",
    "f02_": "tshark finds no PDU when the snap length cuts headers",
    "f14_ring_00003": "tshark shows the PDU that the file begins in the middle of as plain TCP",
    "f41_": "frames are missing: tshark loses the PDUs behind each gap",
    "f44_": "tshark finds nothing when only one direction was captured",
    "k10_": "tshark takes data digests for headers when LIO sends them in segments of their own",
    "k46_": "retransmissions: tshark numbers PDUs by the frame that its reassembly shows them in",
    "k47_": "reordering: tshark numbers PDUs by the frame that its reassembly shows them in",
    "k76_": "tshark takes data digests for headers when LIO sends them in segments of their own",
    "k84_": "tshark takes data digests for headers when LIO sends them in segments of their own",
    "m24_": "tshark takes a bad header digest for data",
    "m42_": "tshark shows pings as plain TCP when their tags are unusual",
    "m59_": "tshark shows unusual task management PDUs as plain TCP",
}
"Samples (by the beginning of their names) in which tshark does not find all PDUs, or not in their frames."

_LINKED = "we link every response to its request, and every request that continues another; tshark only SCSI ones"
_COMMAND_SET = "operation codes are printed for every PDU of a task; tshark leaves out responses without data"
_WITHOUT_S = "residuals mean nothing in a Data-In without the S bit"
_NO_LENGTHS = "tshark does not show the lengths in task management responses"

DIFFERENCES = (
    Difference("iscsi.I", OURS, "tshark does not show the I bit of a Login Request", "u03_", ("Login Request",)),
    Difference("iscsi.request_frame", OURS, _LINKED, "u03_"),
    Difference("iscsi.time", OURS, _LINKED, "k02_"),
    Difference("iscsi.padding", OURS, "tshark shows padding only after text, pings and immediate data", "f01_"),
    Difference("scsi.status", OURS, "tshark shows it only without sense data, and not for every response", "u03_"),
    Difference("scsi_sbc.opcode", OURS, _COMMAND_SET, "u03_"),
    Difference(
        "iscsi.cid", TSHARK, "a CID means nothing when the whole session is closed", "f01_", ("Logout Request",)
    ),
    Difference("scsi.lun", TSHARK, "a LUN means nothing without a Target Transfer Tag", "i01_"),
    Difference("iscsi.statsn", TSHARK, "StatSN means nothing in a login that was refused", "i05_", ("Login Response",)),
    Difference("iscsi.expcmdsn", TSHARK, "nor does ExpCmdSN", "i05_", ("Login Response",)),
    Difference("iscsi.maxcmdsn", TSHARK, "nor does MaxCmdSN", "i05_", ("Login Response",)),
    Difference("iscsi.statsn", TSHARK, "nor in a Data-In without the S bit", "i03_", ("SCSI Data-In",)),
    Difference("iscsi.scsidata.O", TSHARK, _WITHOUT_S, "i03_"),
    Difference("iscsi.scsidata.U", TSHARK, _WITHOUT_S, "i03_"),
    Difference("iscsi.scsidata.readresidualcount", TSHARK, _WITHOUT_S, "i03_"),
    Difference(
        "scsi.lun", VALUES, "tshark prints 0xffff in frames with several PDUs of a task", "f42_", ("SCSI Data-In",)
    ),
    Difference(
        "scsi_sbc.opcode", VALUES, "tshark prints those in the data of a report, too", "m52_", ("SCSI Data-In",)
    ),
    Difference("iscsi.datadigest32", OURS, "tshark found no data digests beside header digests", "m21_"),
    Difference("iscsi.totalahslength", OURS, _NO_LENGTHS, "t01_tgt_iSCSITMF_", ("Task Management Function Response",)),
    Difference(
        "iscsi.datasegmentlength", OURS, _NO_LENGTHS, "t01_tgt_iSCSITMF_", ("Task Management Function Response",)
    ),
    *(
        Difference(name, OURS, "tshark reads sense data only with a status other than GOOD", "m39_", ("SCSI Response",))
        for name in (
            "iscsi.scsiresponse.senselength",
            "scsi.sns.errtype",
            "scsi.sns.key",
            "scsi.sns.asc",
            "scsi.sns.ascq",
            "scsi.sns.ascascq",
        )
    ),
)
