"""Where Wireshark and we are known to differ: a small rule for each limit, with the sentence that explains it.

The first rule that applies to a difference explains it. What none explains is unexpected. Limits are those of
Wireshark's iSCSI dissector as seen at work (4.0 and 4.4); a test holds each rule to samples that show it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from iscsi_analyzer.crosscheck.connections import Circumstances
from iscsi_analyzer.crosscheck.difference import FRAME, OURS, PDU, VALUES, WIRESHARK, Difference

SIDES: Final = (OURS, WIRESHARK, VALUES)


class Known(NamedTuple):
    """A known limit."""

    name: str
    sentence: str
    fields: tuple[str, ...] = ()
    "The fields that it is about, or PDU or FRAME; a name that ends with a dot stands for all that begin with it."
    sides: tuple[str, ...] = SIDES
    kinds: tuple[str, ...] = ()
    "The kinds of PDUs; empty: all."
    where: Callable[[Circumstances], bool] | None = None
    "In which circumstances; None: in all."
    when: Callable[[Difference], bool] | None = None
    "Further conditions."

    def explains(self, difference: Difference) -> bool:
        """Whether the difference is this one."""
        return (
            any(
                difference.field == name or (name.endswith(".") and difference.field.startswith(name))
                for name in self.fields
            )
            and difference.side in self.sides
            and (not self.kinds or difference.kind in self.kinds)
            and (self.where is None or self.where(difference.around))
            and (self.when is None or self.when(difference))
        )


TASK: Final = ("iscsi.request_frame", "iscsi.time", "scsi.lun", "scsi.status", "scsi_sbc.", "scsi.sns.")
"Fields that Wireshark prints for a PDU because of others of its task."
TIED: Final = ("iscsi.request_frame", "iscsi.time")
DATA: Final = ("SCSI Data-In", "SCSI Data-Out", "SCSI Response", "R2T")
LOGIN_REFUSED: Final = ("iscsi.statsn", "iscsi.expcmdsn", "iscsi.maxcmdsn")
RESIDUALS: Final = ("iscsi.scsidata.O", "iscsi.scsidata.U", "iscsi.scsidata.readresidualcount")
LENGTHS: Final = ("iscsi.totalahslength", "iscsi.datasegmentlength")
OF_HEADER: Final = ("iscsi.headerdigest32", "iscsi.datadigest32", "iscsi.immediatedata", "iscsi.padding")
TEXT_SHOWN: Final = 200
"Wireshark cuts texts that are longer than about this."

KNOWN: Final = (
    # --- PDUs that one side does not show, or in another frame ---
    Known(
        "cut-header",
        "Wireshark finds no PDU where the snap length cuts its basic header",
        (PDU,), (OURS,), where=lambda around: around.header_cut,
    ),
    Known(
        "begins-in-the-middle",
        "Wireshark shows a PDU of which the capture lacks the beginning or end as plain TCP",
        (PDU,), (OURS,), where=lambda around: around.cut,
    ),
    Known(
        "behind-a-gap",
        "Wireshark loses PDUs behind bytes that the capture lacks",
        (PDU,), where=lambda around: around.gap,
    ),
    Known(
        "data-digest-apart",
        "Wireshark decides by trial whether data digests are in use, and takes a digest that comes in a segment of its "
        "own for the next header: it loses the PDUs behind it",
        (PDU,), where=lambda around: around.data_digest,
    ),
    Known(
        "unusual-header",
        "Wireshark shows a segment as plain TCP if its first header looks unlikely: a ping with tag 0, reserved "
        "bits, codes that it does not know, lengths that are too large",
        (PDU,), (OURS,), where=lambda around: around.unusual,
    ),
    Known(
        "behind-an-unusual-header",
        "Wireshark shows no more PDUs of a direction behind a header that looked unlikely to it",
        (PDU,), (OURS,), where=lambda around: around.behind_unusual,
    ),
    Known(
        "frame-without-digest",
        "Wireshark shows a PDU in the frame with its last data, we in the one that completes it with its data digest",
        (FRAME,), where=lambda around: around.data_digest,
    ),
    Known(
        "frame-of-reassembly",
        "with segments lost, repeated or out of order, Wireshark shows a PDU in the frame with which its reassembly "
        "went on, we in the one that brought its last byte",
        (FRAME,), where=lambda around: around.reordered,
    ),
    # --- digests ---
    Known(
        "bad-header-digest",
        "Wireshark takes a bad header digest for data, and the data digest for none",
        OF_HEADER, where=lambda around: around.header_digest and around.bad_digest,
    ),
    Known(
        "data-digest-not-seen",
        "Wireshark decides by trial, on one PDU, whether data digests are in use, and did not see these",
        ("iscsi.datadigest32",), (OURS,), where=lambda around: around.data_digest,
    ),
    # --- fields of one PDU ---
    Known(
        "login-immediate", "Wireshark does not show the I bit of a Login Request",
        ("iscsi.I",), (OURS,), ("Login Request",),
    ),
    Known(
        "links",
        "we link every response to its request, and every request that continues another; Wireshark only SCSI ones",
        TIED, (OURS,),
        (
            "Login Request", "Login Response", "Text Request", "Text Response", "Logout Response", "NOP-In", "NOP-Out",
            "Task Management Function Response", "R2T", "Reject", "Asynchronous Message", "SNACK Request",
        ),
    ),
    Known(
        "padding", "Wireshark shows padding only after text, pings and immediate data", ("iscsi.padding",), (OURS,),
    ),
    Known(
        "logout-cid", "a CID means nothing when the whole session is closed",
        ("iscsi.cid",), (WIRESHARK,), ("Logout Request",),
    ),
    Known(
        "lun-without-tag", "a LUN means nothing without a Target Transfer Tag",
        ("scsi.lun",), (WIRESHARK,), ("NOP-Out", "NOP-In", "Text Request", "Text Response", "SCSI Data-Out"),
    ),
    Known(
        "lun-of-reset", "a LUN means nothing in task management functions about the whole target or a connection",
        ("scsi.lun",), (WIRESHARK,), ("Task Management Function Request",),
    ),
    Known(
        "lun-of-unknown-task",
        "the command of the task is not in the capture: Wireshark prints the LUN field all the same, or 0xffff",
        ("scsi.lun",), (WIRESHARK,), DATA,
    ),
    Known(
        "refused-login-numbers", "StatSN, ExpCmdSN and MaxCmdSN mean nothing in a login that was refused",
        LOGIN_REFUSED, (WIRESHARK,), ("Login Response",),
    ),
    Known(
        "no-status-statsn", "StatSN means nothing in a Data-In without the S bit",
        ("iscsi.statsn",), (WIRESHARK,), ("SCSI Data-In",),
    ),
    Known(
        "no-status-residuals", "residuals mean nothing in a Data-In without the S bit",
        RESIDUALS, (WIRESHARK,), ("SCSI Data-In",),
    ),
    Known(
        "task-management-lengths", "Wireshark does not show the lengths in task management responses",
        LENGTHS, (OURS,), ("Task Management Function Response",),
    ),
    Known(
        "sense-with-good", "Wireshark reads sense data only with a status other than GOOD",
        ("iscsi.scsiresponse.senselength", "scsi.sns."), (OURS,), ("SCSI Response",),
    ),
    Known(
        "scsi-status", "Wireshark shows scsi.status only without sense data, and not for every response",
        ("scsi.status",), (OURS,),
    ),
    Known(
        "long-text", "Wireshark cuts long texts",
        ("iscsi.keyvalue",), (VALUES,), when=lambda found: max(map(len, found.ours)) > TEXT_SHOWN,
    ),
    Known(
        "vendor-header", "Wireshark shows no tags of vendor-specific PDUs",
        ("iscsi.initiatortasktag",), (OURS,), when=lambda found: found.kind.startswith("Vendor-specific"),
    ),
    Known(
        "status-again", "a status that came before has no time of its own; Wireshark times it once more",
        ("iscsi.time",), (WIRESHARK,), ("SCSI Data-In", "SCSI Response"),
    ),
    # --- fields that come from the whole task, or the whole frame ---
    Known(
        "report-in-data", "Wireshark prints LUNs and operation codes in the data of a report, too",
        ("scsi.lun", "scsi_sbc.opcode"), (VALUES,), ("SCSI Data-In",),
        when=lambda found: set(found.ours) < set(found.wireshark),
    ),
    Known(
        "variable-length-cdb",
        "the operation code of a variable-length CDB belongs to no command set until its service action is read; "
        "Wireshark prints it as one of disks",
        ("scsi_sbc.opcode",), (WIRESHARK,), when=lambda found: found.wireshark == ("0x7f",),
    ),
    Known(
        "operation-code",
        "operation codes are printed for every PDU of a task; Wireshark leaves out responses without data",
        ("scsi_sbc.opcode",), (OURS,), ("SCSI Response",),
    ),
    Known(
        "task-behind-a-gap", "bytes are missing from the capture, and Wireshark lost PDUs of the task with them",
        TASK, where=lambda around: around.gap,
    ),
    Known(
        "task-out-of-order",
        "segments were lost, repeated or out of order: Wireshark ties and times tasks by the frames of its reassembly",
        TASK, where=lambda around: around.reordered,
    ),
    Known(
        "task-with-data-digest", "Wireshark lost PDUs of the task, or sees them complete before their data digest",
        TASK, where=lambda around: around.data_digest,
    ),
    Known(
        "unknown-device", "Wireshark knows no device behind the LUN, and so no command set",
        ("scsi_sbc.",), (OURS,), ("SCSI Command", "SCSI Data-In", "SCSI Data-Out"),
    ),
)  # fmt: skip


def explanation(difference: Difference) -> Known | None:
    """The rule that explains a difference; None if it is unexpected."""
    return next((known for known in KNOWN if known.explains(difference)), None)
