"""Reject."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dissectors.fields import Field, Node, Problem
from dissectors.iscsi import common, pieces, words
from dissectors.iscsi import layout as at
from dissectors.iscsi.base import PduType, Segment, plain

if TYPE_CHECKING:
    from dissectors.pdu import Pdu


class Reject(PduType):
    """The target refuses a PDU and sends its header back. RFC 7143 section 11.17."""

    opcode = at.OP_REJECT
    name = "Reject"
    fields = (
        common.OPCODE,
        common.FINAL_FIXED,
        Field("reason", "Reason", at.AT_REASON, 1, 0, "iscsi.reject.reason", words.REJECT_REASONS, "hex"),
        common.NO_AHS,
        common.DATA_SEGMENT_LENGTH,
        common.NO_TASK_TAG,
        *common.STATUS_NUMBERS,
        Field(
            "data_sn",
            "DataSN/R2TSN",
            at.AT_DATA_SN,
            4,
            0,
            "iscsi.datasn",
            valid=common.when("Reason is Protocol Error, for a Data/R2T SNACK", reason=(0x04,)),
        ),
    )

    @classmethod
    def segment(cls, pdu: Pdu, secrets: bool) -> Segment:
        inner = rejected(pdu)
        if inner is None:
            return Segment()
        size = len(inner.header) + len(inner.ahs)
        header = Node("Rejected PDU", None, inner.summary(), 0, size, children=_without_filters(inner.tree()))
        segment = Segment([header])
        if len(inner.header) < at.BHS_LENGTH:
            header.problem = f"{len(inner.header)} of 48 header bytes"
            segment.problems.append(Problem("reject-header-short", header.problem, 0, size))
        if pdu.data[size:]:
            segment.nodes.append(plain("Vendor-specific data", pdu.data[size:], size, "iscsi.vendorspecificdata"))
        return segment

    @classmethod
    def summary(cls, pdu: Pdu) -> list[str]:
        inner = rejected(pdu)
        return [
            *pieces.word(pdu, "reason", words.REJECT_REASONS),
            *pieces.number(pdu, "StatSN", "stat_sn"),
            *([f"of [{inner.summary()}]"] if inner is not None else []),
        ]


def rejected(pdu: Pdu) -> Pdu | None:
    """The header that a Reject quotes, with its additional segments; None if the Reject quotes nothing."""
    from dissectors.pdu import dissect  # the table of all types holds this module, too

    if not pdu.data:
        return None
    header = pdu.data[: at.BHS_LENGTH]
    ahs_length = header[at.AT_TOTAL_AHS_LENGTH] * 4 if len(header) == at.BHS_LENGTH else 0
    return dissect(header, pdu.data[at.BHS_LENGTH : at.BHS_LENGTH + ahs_length])


def _without_filters(nodes: list[Node]) -> list[Node]:
    """The nodes without filter names: what a Reject quotes is no PDU of its own, and must not match as one."""
    for node in nodes:
        node.filter = ""
        _without_filters(node.children)
    return nodes
