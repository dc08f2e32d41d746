"""PDUs whose opcode no standard defines: vendor-specific ranges without a plug-in, and opcodes that nobody assigned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dissectors.fields import BYTES, FLAG, Field
from dissectors.iscsi import common, pieces
from dissectors.iscsi import layout as at
from dissectors.iscsi.base import PduType

if TYPE_CHECKING:
    from dissectors.pdu import Pdu

GENERIC_FIELDS = (
    common.IMMEDIATE,
    common.OPCODE,
    Field("final", "F", at.AT_FLAGS, 1, at.FINAL_MASK, "iscsi.pdu.F", kind=FLAG),
    Field("specific_1", "Opcode-specific (1-3)", at.AT_FLAGS, 3, 0x7FFFFF, "", base="hex"),
    common.TOTAL_AHS_LENGTH,
    common.DATA_SEGMENT_LENGTH,
    Field("specific_8", "LUN or opcode-specific (8-15)", at.AT_LUN, 8, 0, "", base="hex"),
    common.INITIATOR_TASK_TAG,
    Field("specific_20", "Opcode-specific (20-47)", 20, 28, 0, "", kind=BYTES),
)
"What every header has in common, whatever its opcode. RFC 7143 section 11.2.1."


class _Generic(PduType):
    """What can be said of any PDU."""

    data_filter = "iscsi.vendorspecificdata"
    fields = GENERIC_FIELDS

    @classmethod
    def summary(cls, pdu: Pdu) -> list[str]:
        return [*pieces.tag(pdu, "ITT", "initiator_task_tag"), *pieces.immediate(pdu), *pieces.length(pdu)]


class VendorSpecific(_Generic):
    """An opcode left to vendors, 0x1c to 0x1e and 0x3c to 0x3e. RFC 7143 section 11.2.1.2."""


class Unknown(_Generic):
    """An opcode that is not assigned. RFC 7143 section 11.2.1.2."""

    data_filter = ""
