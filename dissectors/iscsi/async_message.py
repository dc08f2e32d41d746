"""Asynchronous Message."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dissectors.fields import Field, Node
from dissectors.iscsi import common, pieces, words
from dissectors.iscsi import layout as at
from dissectors.iscsi.base import PduType, Segment
from dissectors.iscsi.sense_segment import first_sense, sense_segment

if TYPE_CHECKING:
    from dissectors.pdu import Pdu

SCSI_EVENT = 0
LOGOUT_REQUESTED = 1
CONNECTION_DROP = 2
SESSION_DROP = 3
NEGOTIATION_REQUESTED = 4
TASK_TERMINATION = 5
_VENDOR = tuple(range(248, 256))

_PARAMETERS = {
    (LOGOUT_REQUESTED, "parameter3"): "seconds to log out",
    (CONNECTION_DROP, "parameter1"): "CID",
    (CONNECTION_DROP, "parameter2"): "Time2Wait",
    (CONNECTION_DROP, "parameter3"): "Time2Retain",
    (SESSION_DROP, "parameter2"): "Time2Wait",
    (SESSION_DROP, "parameter3"): "Time2Retain",
    (NEGOTIATION_REQUESTED, "parameter3"): "seconds to start",
}
"What the parameters of an event mean; those not named are reserved, except in vendor-specific events."


def _parameter(name: str, label: str, offset: int) -> Field:
    """A parameter, meaningful in the events that give it a meaning and in vendor-specific ones."""
    events = tuple(event for event, parameter in _PARAMETERS if parameter == name) + _VENDOR
    valid = common.when("the AsyncEvent gives it a meaning", async_event=events)
    return Field(name, label, offset, 2, 0, f"iscsi.{name}", valid=valid)


class AsyncMessage(PduType):
    """The target reports an event that nobody asked for. RFC 7143 section 11.9."""

    opcode = at.OP_ASYNC
    name = "Asynchronous Message"
    fields = (
        common.OPCODE,
        common.FINAL_FIXED,
        common.NO_AHS,
        common.DATA_SEGMENT_LENGTH,
        replace(
            common.LUN,
            valid=common.when(
                "AsyncEvent is a SCSI event or a task termination", async_event=(SCSI_EVENT, TASK_TERMINATION)
            ),
        ),
        common.NO_TASK_TAG,
        *common.STATUS_NUMBERS,
        Field("async_event", "AsyncEvent", at.AT_ASYNC_EVENT, 1, 0, "iscsi.asyncevent", words.ASYNC_EVENTS),
        Field(
            "async_vcode",
            "AsyncVCode",
            at.AT_ASYNC_VCODE,
            1,
            0,
            "iscsi.eventvendorcode",
            base="hex",
            valid=common.when("AsyncEvent is vendor-specific", async_event=_VENDOR),
        ),
        _parameter("parameter1", "Parameter1", at.AT_PARAMETER1),
        _parameter("parameter2", "Parameter2", at.AT_PARAMETER2),
        _parameter("parameter3", "Parameter3", at.AT_PARAMETER3),
    )

    @classmethod
    def explain(cls, row: Field, node: Node, pdu: Pdu) -> None:
        meaning = _PARAMETERS.get((pdu.get("async_event", -1), row.name))
        if meaning:
            node.text += f" ({meaning})"

    @classmethod
    def segment(cls, pdu: Pdu, secrets: bool) -> Segment:
        return sense_segment(pdu.data, "AsyncEventData", "iscsi.asynceventdata")

    @classmethod
    def summary(cls, pdu: Pdu) -> list[str]:
        event = pdu.get("async_event")
        meanings = [
            f"{meaning} {pdu.get(name)}"
            for (of_event, name), meaning in _PARAMETERS.items()
            if of_event == event and pdu.get(name) is not None
        ]
        return [
            *pieces.word(pdu, "async_event", words.ASYNC_EVENTS),
            *meanings,
            *(pieces.lun(pdu) if event in (SCSI_EVENT, TASK_TERMINATION) else []),
            *first_sense(pdu.data),
            *pieces.number(pdu, "StatSN", "stat_sn"),
        ]
