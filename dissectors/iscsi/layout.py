"""Where everything stands in the 48 bytes of a Basic Header Segment: opcodes, offsets and masks, written once.

The declarations of the second pass and the compiled first pass both read these constants, so they cannot disagree.
Constants only: no imports beyond `Final`, no code. RFC 7143 section 11, RFC 7144 sections 5 and 6.

`AT_*` is the offset of a field's first byte in the header. `*_MASK` of one-byte fields is relative to that byte.
"""

from __future__ import annotations

from typing import Final

# Sizes in bytes
BHS_LENGTH: Final = 48
AHS_HEADER_LENGTH: Final = 4  # AHSLength, AHSType and the first type-specific byte
DIGEST_LENGTH: Final = 4
PAD: Final = 4  # segments are padded to multiples of this
CDB_LENGTH: Final = 16  # what fits the header; longer CDBs continue in an AHS

# Values with a meaning of their own
RESERVED_TAG: Final = 0xFFFFFFFF  # "no task", "no transfer": ITT and TTT
MASK_32: Final = 0xFFFFFFFF
MASK_24: Final = 0xFFFFFF
DEFAULT_PORT: Final = 3260
SYSTEM_PORT: Final = 860

# Byte 0: opcode and the immediate bit (section 11.2.1.1, 11.2.1.2)
AT_OPCODE: Final = 0
OPCODE_RESERVED_MASK: Final = 0x80
IMMEDIATE_MASK: Final = 0x40
OPCODE_MASK: Final = 0x3F
TARGET_OPCODE_MASK: Final = 0x20  # set in every opcode that a target sends

# Initiator opcodes
OP_NOP_OUT: Final = 0x00
OP_SCSI_COMMAND: Final = 0x01
OP_TASK_MANAGEMENT_REQUEST: Final = 0x02
OP_LOGIN_REQUEST: Final = 0x03
OP_TEXT_REQUEST: Final = 0x04
OP_DATA_OUT: Final = 0x05
OP_LOGOUT_REQUEST: Final = 0x06
OP_SNACK: Final = 0x10
OP_VENDOR_INITIATOR_FIRST: Final = 0x1C
OP_VENDOR_INITIATOR_LAST: Final = 0x1E

# Target opcodes
OP_NOP_IN: Final = 0x20
OP_SCSI_RESPONSE: Final = 0x21
OP_TASK_MANAGEMENT_RESPONSE: Final = 0x22
OP_LOGIN_RESPONSE: Final = 0x23
OP_TEXT_RESPONSE: Final = 0x24
OP_DATA_IN: Final = 0x25
OP_LOGOUT_RESPONSE: Final = 0x26
OP_R2T: Final = 0x31
OP_ASYNC: Final = 0x32
OP_VENDOR_TARGET_FIRST: Final = 0x3C
OP_VENDOR_TARGET_LAST: Final = 0x3E
OP_REJECT: Final = 0x3F

# Byte 1: flags, and in some PDUs a code beside them
AT_FLAGS: Final = 1
FINAL_MASK: Final = 0x80
READ_MASK: Final = 0x40  # SCSI Command
WRITE_MASK: Final = 0x20  # SCSI Command
ATTR_MASK: Final = 0x07  # SCSI Command
TRANSIT_MASK: Final = 0x80  # Login
CONTINUE_MASK: Final = 0x40  # Login, Text
CSG_MASK: Final = 0x0C  # Login
CSG_SHIFT: Final = 2
NSG_MASK: Final = 0x03  # Login
FUNCTION_MASK: Final = 0x7F  # Task Management Function Request
REASON_CODE_MASK: Final = 0x7F  # Logout Request
SNACK_TYPE_MASK: Final = 0x0F  # SNACK Request
BIDI_OVERFLOW_MASK: Final = 0x10  # SCSI Response: o
BIDI_UNDERFLOW_MASK: Final = 0x08  # SCSI Response: u
OVERFLOW_MASK: Final = 0x04  # SCSI Response, Data-In: O
UNDERFLOW_MASK: Final = 0x02  # SCSI Response, Data-In: U
ACKNOWLEDGE_MASK: Final = 0x40  # Data-In: A
STATUS_MASK: Final = 0x01  # Data-In: S

# Bytes 2 and 3: specific to the opcode
AT_PRI: Final = 2  # SCSI Command (RFC 7144)
PRI_MASK: Final = 0xF0
PRI_SHIFT: Final = 4
AT_RESPONSE: Final = 2  # SCSI, Task Management Function and Logout Response
AT_STATUS: Final = 3  # SCSI Response, Data-In
AT_REASON: Final = 2  # Reject
AT_VERSION_MAX: Final = 2  # Login
AT_VERSION_MIN: Final = 3  # Login Request
AT_VERSION_ACTIVE: Final = 3  # Login Response

# Bytes 4 to 7: what follows the header
AT_TOTAL_AHS_LENGTH: Final = 4  # in units of four bytes
AT_DATA_SEGMENT_LENGTH: Final = 5  # three bytes; without padding and digest

# Bytes 8 to 15
AT_LUN: Final = 8
AT_ISID: Final = 8  # six bytes
ISID_T_MASK: Final = 0xC0  # of byte 8
ISID_A_MASK: Final = 0x3F  # of byte 8
AT_ISID_B: Final = 9
AT_ISID_C: Final = 11
AT_ISID_D: Final = 12
AT_TSIH: Final = 14
AT_STATUS_QUALIFIER: Final = 8  # SCSI Response (RFC 7144)
AT_ADDITIONAL_RESPONSE: Final = 8  # Task Management Function Response, three bytes (RFC 7144)

# Bytes 16 to 23: tags
AT_INITIATOR_TASK_TAG: Final = 16
AT_TARGET_TRANSFER_TAG: Final = 20
AT_SNACK_TAG: Final = 20  # SCSI Response, R-Data SNACK
AT_EXPECTED_DATA_TRANSFER_LENGTH: Final = 20  # SCSI Command
AT_REFERENCED_TASK_TAG: Final = 20  # Task Management Function Request
AT_CID: Final = 20  # Login Request, Logout Request

# Bytes 24 to 35: numbers. Initiator PDUs
AT_CMD_SN: Final = 24
AT_EXP_STAT_SN: Final = 28
AT_REF_CMD_SN: Final = 32  # Task Management Function Request
AT_CDB: Final = 32  # SCSI Command, sixteen bytes
# Target PDUs
AT_STAT_SN: Final = 24
AT_EXP_CMD_SN: Final = 28
AT_MAX_CMD_SN: Final = 32

# Bytes 36 to 47
AT_DATA_SN: Final = 36  # Data-Out, Data-In; Reject: DataSN/R2TSN
AT_R2T_SN: Final = 36  # R2T
AT_EXP_DATA_SN: Final = 36  # SCSI Response, Task Management Function Request
AT_STATUS_CLASS: Final = 36  # Login Response
AT_STATUS_DETAIL: Final = 37  # Login Response
AT_ASYNC_EVENT: Final = 36  # Asynchronous Message
AT_ASYNC_VCODE: Final = 37
AT_PARAMETER1: Final = 38
AT_PARAMETER2: Final = 40
AT_PARAMETER3: Final = 42
AT_BUFFER_OFFSET: Final = 40  # Data-Out, Data-In, R2T
AT_BIDI_RESIDUAL_COUNT: Final = 40  # SCSI Response
AT_BEG_RUN: Final = 40  # SNACK Request
AT_TIME2WAIT: Final = 40  # Logout Response
AT_TIME2RETAIN: Final = 42  # Logout Response
AT_RESIDUAL_COUNT: Final = 44  # SCSI Response, Data-In
AT_DESIRED_LENGTH: Final = 44  # R2T
AT_RUN_LENGTH: Final = 44  # SNACK Request

# Login stages (CSG, NSG)
STAGE_SECURITY: Final = 0
STAGE_OPERATIONAL: Final = 1
STAGE_FULL_FEATURE: Final = 3
