"""Every code of the iSCSI standards in words, reserved and vendor ranges included.

Tables only. RFC 7143 section 11, with the additions of RFC 7144; where both speak, the newer one has the word.
"""

from __future__ import annotations

from dissectors.fields import Words
from dissectors.iscsi import layout as at
from dissectors.scsi.status import STATUSES

RESERVED = "reserved"
UNASSIGNED = "unassigned"
VENDOR = "vendor-specific"

# Opcodes, RFC 7143 section 11.2.1.2
OPCODES = Words(
    {
        at.OP_NOP_OUT: "NOP-Out",
        at.OP_SCSI_COMMAND: "SCSI Command",
        at.OP_TASK_MANAGEMENT_REQUEST: "Task Management Function Request",
        at.OP_LOGIN_REQUEST: "Login Request",
        at.OP_TEXT_REQUEST: "Text Request",
        at.OP_DATA_OUT: "SCSI Data-Out",
        at.OP_LOGOUT_REQUEST: "Logout Request",
        at.OP_SNACK: "SNACK Request",
        at.OP_NOP_IN: "NOP-In",
        at.OP_SCSI_RESPONSE: "SCSI Response",
        at.OP_TASK_MANAGEMENT_RESPONSE: "Task Management Function Response",
        at.OP_LOGIN_RESPONSE: "Login Response",
        at.OP_TEXT_RESPONSE: "Text Response",
        at.OP_DATA_IN: "SCSI Data-In",
        at.OP_LOGOUT_RESPONSE: "Logout Response",
        at.OP_R2T: "R2T",
        at.OP_ASYNC: "Asynchronous Message",
        at.OP_REJECT: "Reject",
    },
    (
        (at.OP_VENDOR_INITIATOR_FIRST, at.OP_VENDOR_INITIATOR_LAST, "Vendor-specific"),
        (at.OP_VENDOR_TARGET_FIRST, at.OP_VENDOR_TARGET_LAST, "Vendor-specific"),
    ),
    "Unknown",
)

# Flags
IMMEDIATE = Words({0: "queued delivery", 1: "immediate delivery"})
FINAL = Words({0: "more follow", 1: "last of the sequence"})
FINAL_FIXED = Words({0: "clear", 1: "set"})
SET = Words({0: "no", 1: "yes"})
TRANSIT = Words({0: "stay in this stage", 1: "ready to move to the next stage"})
CONTINUE = Words({0: "text is complete", 1: "text continues in the next PDU"})

# Login, sections 11.12.3 and 11.13.5
LOGIN_STAGES = Words(
    {
        at.STAGE_SECURITY: "SecurityNegotiation",
        at.STAGE_OPERATIONAL: "LoginOperationalNegotiation",
        2: RESERVED,
        at.STAGE_FULL_FEATURE: "FullFeaturePhase",
    }
)
LOGIN_STATUS_CLASSES = Words(
    {0: "Success", 1: "Redirection", 2: "Initiator Error", 3: "Target Error"},
    other=RESERVED,
)
LOGIN_STATUS = Words(
    {
        0x0000: "Success",
        0x0101: "Target moved temporarily",
        0x0102: "Target moved permanently",
        0x0200: "Initiator error",
        0x0201: "Authentication failure",
        0x0202: "Authorization failure",
        0x0203: "Not found",
        0x0204: "Target removed",
        0x0205: "Unsupported version",
        0x0206: "Too many connections",
        0x0207: "Missing parameter",
        0x0208: "Can't include in session",
        0x0209: "Session type not supported",
        0x020A: "Session does not exist",
        0x020B: "Invalid during login",
        0x0300: "Target error",
        0x0301: "Service unavailable",
        0x0302: "Out of resources",
    },
    (
        (0x0000, 0x00FF, "Success, reserved detail"),
        (0x0100, 0x01FF, "Redirection, reserved detail"),
        (0x0200, 0x02FF, "Initiator error, reserved detail"),
        (0x0300, 0x03FF, "Target error, reserved detail"),
    ),
    RESERVED,
)
"Status-Class and Status-Detail as one 16-bit number."

ISID_TYPES = Words({0: "OUI", 1: "EN", 2: "Random", 3: RESERVED})

# SCSI Command and Response, sections 11.3.1.1 and 11.4
TASK_ATTRIBUTES = Words(
    {0: "Untagged", 1: "Simple", 2: "Ordered", 3: "Head of queue", 4: "ACA"},
    other=RESERVED,
)
SCSI_RESPONSES = Words(
    {0x00: "Command completed at target", 0x01: "Target failure"},
    ((0x80, 0xFF, VENDOR),),
    RESERVED,
)
SCSI_STATUS = Words(STATUSES, other=RESERVED)

# Task management, sections 11.5.1 and 11.6.1; RFC 7144 sections 6.3 and 6.4
TMF_FUNCTIONS = Words(
    {
        1: "ABORT TASK",
        2: "ABORT TASK SET",
        3: "CLEAR ACA",
        4: "CLEAR TASK SET",
        5: "LOGICAL UNIT RESET",
        6: "TARGET WARM RESET",
        7: "TARGET COLD RESET",
        8: "TASK REASSIGN",
        9: "QUERY TASK",
        10: "QUERY TASK SET",
        11: "I_T NEXUS RESET",
        12: "QUERY ASYNCHRONOUS EVENT",
    },
    other=UNASSIGNED,
)
TMF_RESPONSES = Words(
    {
        0: "Function complete",
        1: "Task does not exist",
        2: "LUN does not exist",
        3: "Task still allegiant",
        4: "Task allegiance reassignment not supported",
        5: "Task management function not supported",
        6: "Function authorization failed",
        7: "Function succeeded",
        255: "Function rejected",
    },
    other=RESERVED,
)

# Logout, sections 11.14.1 and 11.15.1
LOGOUT_REASONS = Words(
    {0: "close the session", 1: "close the connection", 2: "remove the connection for recovery"},
    other=RESERVED,
)
IMPLICIT_LOGOUT_REASONS = Words(
    {
        0: "session reinstatement",
        1: "connection reinstatement at ErrorRecoveryLevel 0 or 1",
        2: "connection reinstatement at ErrorRecoveryLevel 2",
    },
    other=RESERVED,
)
"What a login that replaces a session or connection does to the old one, by the logout reason it stands for."
LOGOUT_RESPONSES = Words(
    {0: "closed successfully", 1: "CID not found", 2: "connection recovery not supported", 3: "cleanup failed"},
    other=RESERVED,
)

# SNACK, section 11.16.1
SNACK_TYPES = Words({0: "Data/R2T SNACK", 1: "Status SNACK", 2: "DataACK", 3: "R-Data SNACK"}, other=RESERVED)
SNACK_DATA_R2T = 0
SNACK_STATUS = 1
SNACK_DATA_ACK = 2
SNACK_R_DATA = 3

# Asynchronous Message, section 11.9.1
ASYNC_EVENTS = Words(
    {
        0: "SCSI asynchronous event",
        1: "Logout requested",
        2: "Connection drop notification",
        3: "Session drop notification",
        4: "Negotiation requested",
        5: "Task termination",
    },
    ((248, 255, VENDOR),),
    UNASSIGNED,
)

# Reject, section 11.17.1
REJECT_REASONS = Words(
    {
        0x01: RESERVED,
        0x02: "Data (payload) digest error",
        0x03: "SNACK Reject",
        0x04: "Protocol Error",
        0x05: "Command not supported",
        0x06: "Immediate command reject, too many immediate commands",
        0x07: "Task in progress",
        0x08: "Invalid data ack",
        0x09: "Invalid PDU field",
        0x0A: "Long op reject, no Target Transfer Tag, out of resources",
        0x0B: "Negotiation Reset (deprecated)",
        0x0C: "Waiting for Logout",
    },
    other=UNASSIGNED,
)
REJECT_MAY_RESEND = frozenset((0x02, 0x03, 0x06, 0x0A))
"Reasons after which the rejected PDU may be sent again as it was."

# Additional header segments, section 11.2.2.1
AHS_TYPES = Words(
    {0: RESERVED, 1: "Extended CDB", 2: "Bidirectional Read Expected Data Transfer Length"},
    other=RESERVED,
)

# Reserved tag
TAGS = Words({at.RESERVED_TAG: "none"}, other="")
