"""The fields of PDUs that stand in their rows: number, frames, times, lengths, digests, what is wrong with their
capture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from dissectors.iscsi import layout as at
from iscsi_analyzer.query import field as f
from iscsi_analyzer.query.header import Place, captured, number, one_of, opcodes
from iscsi_analyzer.query.names import Names
from iscsi_analyzer.query.scope import Level, Mask, Scope
from iscsi_analyzer.query.values import Values
from iscsi_analyzer.store import rows
from iscsi_analyzer.store.columns import Array
from iscsi_analyzer.store.store import DIGEST_WORDS

TIME_FIRST, TIME_LAST, FRAME_FIRST, FRAME_LAST, CONNECTION, FLAGS, REQUEST, DATA_CAPTURED = 0, 8, 16, 20, 24, 28, 40, 44
"Offsets in the rows of PDUs (`store.rows`)."

_M32: Final = 0xFFFFFFFF
_SCSI: Final = frozenset((at.OP_SCSI_COMMAND, at.OP_SCSI_RESPONSE, at.OP_DATA_OUT, at.OP_DATA_IN))

DIRECTIONS: Final = Names({0: "T2I", 1: "I2T"}, {"to target": (1,), "to initiator": (0,)})
DIGESTS: Final = Names(dict(enumerate(DIGEST_WORDS)))


def _row(offset: int, kind: str = "<u4") -> f.Reader:
    return lambda scope: Values(scope.column(offset, kind))


def _of(compute: Callable[[Scope], Array]) -> f.Reader:
    return lambda scope: Values(compute(scope))


def _bits(shift: int, mask: int) -> f.Reader:
    """Bits of the flags."""
    return _of(lambda scope: scope.column(FLAGS, "<u4") >> np.uint32(shift) & np.uint32(mask))


def _flag(bit: int) -> f.Reader:
    return _bits(bit.bit_length() - 1, 1)


def _numbers(scope: Scope) -> Array:
    return scope.numbers() + 1


def _everywhere(scope: Scope) -> Array:
    return np.ones(scope.count, dtype=np.uint8)


def _protocol(name: str, about: str, where: Callable[[Scope], Mask] | None = None) -> f.QueryField:
    def read(scope: Scope) -> Values:
        return Values(_everywhere(scope), None if where is None else where(scope))

    return f.QueryField(name, f.PROTOCOL, Level.PDU, about, read)


def _lengths(scope: Scope) -> Array:
    """Bytes of whole PDUs: headers, data, padding and digests."""
    flags = scope.column(FLAGS, "<u4")
    data = number(scope, Place(at.AT_DATA_SEGMENT_LENGTH, 3, 0xFFFFFF))
    ahs = number(scope, Place(at.AT_TOTAL_AHS_LENGTH, 1, 0xFF)).astype(np.uint32)
    padded = data + np.uint32(3) & np.uint32(0xFFFFFFFC)
    header_digest = (flags >> np.uint32(rows.FLAG_HEADER_DIGEST.bit_length() - 1) & np.uint32(1)) << np.uint32(2)
    data_digest = (flags >> np.uint32(rows.FLAG_DATA_DIGEST.bit_length() - 1) & np.uint32(1)) << np.uint32(2)
    total: Array = np.uint32(48) + (ahs << np.uint32(2)) + padded + header_digest + np.where(data > 0, data_digest, 0)
    return total


def _header_captured(scope: Scope) -> Array:
    there = captured(scope)
    return np.full(scope.count, 48, dtype=np.uint8) if there is None else there


def _since_start(scope: Scope) -> Values:
    start = int(scope.moment.store.engine.first_ts)
    return Values(scope.column(TIME_LAST, "<i8") - start)


def _delta(scope: Scope) -> Values:
    """Time since the PDU before."""
    times = scope.moment.pdus.field(TIME_LAST, "<i8")
    chosen = scope.numbers()
    return Values(times[chosen] - times[np.maximum(chosen - 1, 0)])


def _ends(last: bool) -> Callable[[Scope], Array]:
    """Whether nothing was sent in the same direction of the connection before a PDU, or after it."""

    def compute(scope: Scope) -> Array:
        pdus = scope.moment.pdus
        to_target = pdus.field(FLAGS, "<u4") >> np.uint32(rows.FLAG_TO_TARGET.bit_length() - 1) & np.uint32(1)
        flows = pdus.field(CONNECTION, "<u4") << np.uint32(1) | to_target
        order = np.arange(len(flows)) if last else np.arange(len(flows))[::-1]
        ends = np.full(int(flows.max(initial=0)) + 1, -1, dtype=np.int64)
        ends[flows[order]] = order  # of several PDUs of a flow the last in this order stays
        chosen = scope.numbers()
        found: Array = (ends[flows[chosen]] == chosen).astype(np.uint8)
        return found

    return compute


def _own(name: str, kind: str, about: str, read: f.Reader, **more: Any) -> f.QueryField:
    return f.QueryField(f"iscsi.pdu.{name}", kind, Level.PDU, about, read, own=True, **more)


def _mark(name: str, about: str, bit: int) -> f.QueryField:
    return _own(name, f.BOOLEAN, about, _flag(bit), largest=1, flag=True)


def pdu_fields() -> list[f.QueryField]:
    """All of them."""
    pdu, u32 = Level.PDU, _M32
    return [
        _protocol("iscsi", "every PDU"),
        _protocol("frame", "every PDU: each came in a frame"),
        _protocol("tcp", "every PDU: each came over TCP"),
        _protocol("scsi", "SCSI Command, Response, Data-In, Data-Out", lambda scope: one_of(opcodes(scope), _SCSI)),
        f.QueryField("frame.number", f.NUMBER, pdu, "frame that completed the PDU", _row(FRAME_LAST), None, u32),
        f.QueryField("frame.time", f.TIME, pdu, "when that frame was captured", _row(TIME_LAST, "<i8")),
        f.QueryField("frame.time_epoch", f.TIME, pdu, "the same, in seconds since 1970", _row(TIME_LAST, "<i8")),
        f.QueryField("frame.time_relative", f.DURATION, pdu, "since the first frame of the capture", _since_start),
        f.QueryField("frame.time_delta", f.DURATION, pdu, "since the PDU before (Wireshark: the frame before)", _delta),
        _own("number", f.NUMBER, "number of the PDU", _of(_numbers), largest=u32),
        _own("first_frame", f.NUMBER, "frame with its first byte", _row(FRAME_FIRST), largest=u32),
        _own("time_first", f.TIME, "when its first byte was captured", _row(TIME_FIRST, "<i8")),
        _own("direction", f.NUMBER, "I2T or T2I", _flag(rows.FLAG_TO_TARGET), names=DIRECTIONS, largest=1),
        _own("length", f.NUMBER, "bytes of the whole PDU, with padding and digests", _of(_lengths), largest=u32),
        _own("header_captured", f.NUMBER, "bytes of its header in the capture", _of(_header_captured), largest=48),
        _own("data_captured", f.NUMBER, "bytes of its data in the capture", _row(DATA_CAPTURED), largest=u32),
        _own(
            "header_digest",
            f.NUMBER,
            "what the header digest says of the header",
            _bits(rows.HEADER_DIGEST_SHIFT, rows.DIGEST_MASK),
            names=DIGESTS,
            largest=rows.DIGEST_MASK,
        ),
        _own(
            "data_digest",
            f.NUMBER,
            "what the data digest says of the data",
            _bits(rows.DATA_DIGEST_SHIFT, rows.DIGEST_MASK),
            names=DIGESTS,
            largest=rows.DIGEST_MASK,
        ),
        _own(
            "first",
            f.BOOLEAN,
            "the first that its sender sent on the connection",
            _of(_ends(False)),
            largest=1,
            flag=True,
        ),
        _own(
            "last",
            f.BOOLEAN,
            "the last, so far, that its sender sent on the connection",
            _of(_ends(True)),
            largest=1,
            flag=True,
            looks_ahead=True,
        ),
        _mark("cut", "bytes of the PDU are missing from the capture", rows.FLAG_CUT),
        _mark("unfinished", "the stream or the capture ended before the PDU", rows.FLAG_UNFINISHED),
        _mark("odd", "its sender may not send such a header", rows.FLAG_ODD),
        _mark("resync", "the first PDU after bytes in which none was found", rows.FLAG_RESYNC),
        _mark("digests_inferred", "that digests are in use was told by the bytes", rows.FLAG_INFERRED),
    ]
