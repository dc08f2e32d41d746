"""From the rows of the store to the records of PDUs, in any order: the second pass, in full."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dissectors.fields import Node, Problem
from dissectors.iscsi import layout as at
from dissectors.iscsi.ahs import EXTENDED_CDB, Ahs, bidirectional_read_length
from dissectors.iscsi.keys import redact_pairs
from dissectors.iscsi.reject import rejected
from dissectors.iscsi.sense_segment import split_sense
from dissectors.iscsi.words import AHS_TYPES
from dissectors.pdu import Context, Pdu, dissect
from dissectors.scsi import decode_data, decode_parameters, parse_cdb, parse_sense
from iscsi_analyzer.export import quick_plans
from iscsi_analyzer.export.own_values import own_values
from iscsi_analyzer.export.pdu_record import (
    AhsRecord,
    DecodedField,
    NamedText,
    PduRecord,
    RejectedRecord,
    SenseRecord,
)
from iscsi_analyzer.export.related import Related
from iscsi_analyzer.export.time_text import decimal
from iscsi_analyzer.store import rows
from iscsi_analyzer.store.store import Row, Store

WITH_PAYLOAD = (at.OP_SCSI_COMMAND, at.OP_DATA_IN, at.OP_DATA_OUT)
NOT_ODD = frozenset(("header-truncated", "ahs-truncated", "data-truncated"))
"Problems that say only that the capture lacks bytes, which the record says in numbers."


class Pdus:
    """The PDUs of a store as records."""

    def __init__(self, store: Store, *, secrets: bool = False) -> None:
        """`secrets` shows the values of keys that carry them."""
        self._store = store
        self._secrets = secrets
        self.related = Related(store)

    def __iter__(self) -> Iterator[PduRecord]:
        for number, row in enumerate(self._store.rows(), 1):
            yield self.record(number, row)

    def record(self, number: int, row: Row | None = None) -> PduRecord:
        """The record of PDU `number`. Raises IndexError if there is none."""
        if row is None:
            row = self._store.row(number)
        pdu = self.dissect(number, row)
        flags = row.flags
        fields: dict[str, Any] = own_values(pdu.type.fields, pdu.values)
        if row.request:
            fields["request_pdu"] = row.request
            fields["request_frame"] = self._store.row(row.request).frame_last
        self._add_contents(fields, pdu, number, row)
        return PduRecord(
            number=number,
            frame=row.frame_last,
            frames=self._store.frames(row),
            time=decimal(row.time_first),
            time_last=decimal(row.time_last),
            session=self._store.followers[row.connection - 1].session.number,
            connection=row.connection,
            direction="I2T" if row.to_target else "T2I",
            opcode=pdu.opcode,
            opcode_name=pdu.name,
            immediate=bool(row.header[0] & at.IMMEDIATE_MASK),
            initiator_task_tag=pdu.get("initiator_task_tag"),
            total_ahs_length=row.header[at.AT_TOTAL_AHS_LENGTH],
            data_segment_length=row.data_segment_length,
            header_digest=row.header_digest,  # type: ignore[arg-type]
            data_digest=row.data_digest,  # type: ignore[arg-type]
            findings=self._store.verdicts.names(number),
            header_captured=row.header_captured,
            data_captured=row.data_captured,
            cut=bool(flags & rows.FLAG_CUT),
            unfinished=bool(flags & rows.FLAG_UNFINISHED),
            odd=bool(flags & rows.FLAG_ODD),
            resync=bool(flags & rows.FLAG_RESYNC),
            digests_inferred=bool(flags & rows.FLAG_INFERRED),
            **fields,
        )

    def dissect(self, number: int, row: Row, *, bytes_too: bool = False) -> Pdu:
        """The PDU taken apart. Data that the first pass did not keep are read from the capture only with `bytes_too`,
        and so are digests."""
        store = self._store
        context = Context()
        if row.opcode in (at.OP_LOGIN_REQUEST, at.OP_LOGIN_RESPONSE, at.OP_TEXT_REQUEST, at.OP_TEXT_RESPONSE):
            context.text_before = self.related.text_before(number)
        elif row.opcode in (at.OP_DATA_IN, at.OP_DATA_OUT):
            context.cdb = self.related.cdb(row.request)
            if row.request:
                context.device_type = self.related.device_type(number, store.row(row.request))
        elif row.opcode == at.OP_SCSI_COMMAND:
            context.device_type = self.related.device_type(number, row)
        data = store.kept_data(number) or b""
        if bytes_too:
            data = self._read(row, context)
        return dissect(row.header, store.ahs(number), data, captured=row.header_captured, context=context)

    def _decoded(self, pdu: Pdu, number: int, row: Row) -> list[DecodedField]:
        """What the data of the task mean so far."""
        data = self.related.data_before(number, row)
        device_type = pdu.context.device_type
        if pdu.opcode == at.OP_DATA_IN:
            return decoded(decode_data(pdu.context.cdb, data, device_type))
        return decoded(decode_parameters(pdu.cdb or pdu.context.cdb, data, device_type))

    def _read(self, row: Row, context: Context) -> bytes:
        """The data segment with its padding, from the capture; puts the digests into `context`."""
        raw = self._store.raw(row)
        place = at.BHS_LENGTH + 4 * row.header[at.AT_TOTAL_AHS_LENGTH]
        if row.flags & rows.FLAG_HEADER_DIGEST:
            context.header_digest = raw[place : place + at.DIGEST_LENGTH]
            place += at.DIGEST_LENGTH
        length = row.data_segment_length
        padded = (length + 3) & ~3
        if row.flags & rows.FLAG_DATA_DIGEST:
            context.data_digest = raw[place + padded : place + padded + at.DIGEST_LENGTH]
        if row.data_captured < length:
            return raw[place : place + row.data_captured]
        return raw[place : place + padded]

    def _add_contents(self, fields: dict[str, Any], pdu: Pdu, number: int, row: Row) -> None:
        """What stands behind the header, and what is odd."""
        if pdu.ahs_length:
            fields["ahs"] = [_ahs(item) for item in pdu.ahs_list]
        if pdu.opcode == at.OP_SCSI_COMMAND:
            fields.update(command(pdu))
        elif pdu.type.text:
            pairs = pdu.keys
            fields["keys"] = pairs if self._secrets else redact_pairs(pairs)
        elif pdu.opcode == at.OP_REJECT:
            inner = rejected(pdu)
            if inner is not None:
                fields["rejected"] = _rejected(inner)
        elif pdu.opcode in (at.OP_SCSI_RESPONSE, at.OP_ASYNC) and pdu.data:
            _, sense, _ = split_sense(pdu.data)
            if sense:
                fields["sense"] = sense_record(sense)
        if pdu.data and pdu.opcode in WITH_PAYLOAD and pdu.get("final"):
            fields["decoded"] = self._decoded(pdu, number, row) or None
        odd = odd_about(pdu)
        if odd:
            fields["problems"] = [NamedText(problem.name, problem.text) for problem in odd]


def odd_about(pdu: Pdu) -> list[Problem]:
    """What is odd about the bytes of a PDU, apart from bytes that the capture lacks."""
    found: list[Problem] | None = None
    if not pdu.ahs_length and len(pdu.header) == at.BHS_LENGTH:
        bits = quick_plans.fixed_bits().get(pdu.opcode)
        if bits is not None and int.from_bytes(pdu.header, "big") & bits[0] == bits[1]:
            # The header is as it should be: that is found quickly, and nearly always the case.
            if not pdu.data:
                return []
            if pdu.type.text:
                found = pdu.parsed_text.problems
    return [problem for problem in (pdu.problems if found is None else found) if problem.name not in NOT_ODD]


def command(pdu: Pdu) -> dict[str, Any]:
    """What a SCSI Command asks for."""
    cdb = pdu.cdb
    if not cdb:
        return {}
    parsed = parse_cdb(cdb, pdu.context.device_type)
    found: dict[str, Any] = {"cdb": cdb.hex(), "operation": parsed.name}
    if parsed.lba is not None:
        found["lba"] = parsed.lba
    if parsed.blocks is not None:
        found["transfer_length"] = parsed.blocks
    return found


def _ahs(item: Ahs) -> AhsRecord:
    record = AhsRecord(content=item.content.hex())
    if item.type >= 0:
        record.ahs_type, record.ahs_type_name = item.type, AHS_TYPES(item.type)
        record.ahs_length = item.length
    if item.type != EXTENDED_CDB and len(item.content) >= 4:
        record.bidirectional_read_expected_data_transfer_length = bidirectional_read_length(
            bytes((0, item.length & 0xFF, item.type, 0)) + item.content
        )
    return record


def _rejected(inner: Pdu) -> RejectedRecord:
    record = RejectedRecord(
        opcode=inner.opcode,
        opcode_name=inner.name,
        immediate=bool(inner.header[0] & at.IMMEDIATE_MASK) if inner.header else False,
        initiator_task_tag=inner.get("initiator_task_tag"),
        total_ahs_length=inner.get("total_ahs_length"),
        data_segment_length=inner.get("data_segment_length"),
        **own_values(inner.type.fields, inner.values),
    )
    for name, value in command(inner).items() if inner.opcode == at.OP_SCSI_COMMAND else ():
        setattr(record, name, value)
    return record


def sense_record(data: bytes) -> SenseRecord:
    sense = parse_sense(data)
    return SenseRecord(
        key=sense.key if sense.key >= 0 else None,
        key_name=sense.key_name,
        asc=sense.asc if sense.asc >= 0 else None,
        ascq=sense.ascq if sense.ascq >= 0 else None,
        text=sense.text,
        deferred=sense.deferred,
        information=sense.information,
        detail=sense.detail,
        problem=sense.problem,
    )


def decoded(nodes: list[Node]) -> list[DecodedField]:
    """Nodes of decoded data as records."""
    return [
        DecodedField(
            node.label,
            node.text,
            node.value.hex() if isinstance(node.value, bytes) else node.value,
            decoded(node.children),
            node.problem,
        )
        for node in nodes
    ]
