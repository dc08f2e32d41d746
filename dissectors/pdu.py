"""iSCSI PDUs: from bytes to values, field tree, text keys, problems and a summary line, and from values to bytes.

The front door of the iSCSI dissectors. `dissect` never raises on wire data, whatever is missing or wrong; `build`
raises on values that do not fit, since those are a caller's mistake. `values_of` is the quick way to a header's
values alone.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Final, TypeVar, overload

from dissectors.fields import Field, Node, Problem, Value, shifted
from dissectors.iscsi import digest, header_tree, scsi_parts
from dissectors.iscsi import layout as at
from dissectors.iscsi.ahs import Ahs, ahs_nodes, full_cdb, parse_ahs
from dissectors.iscsi.base import COMMON_FIELDS, Context, PduType, Segment, plain
from dissectors.iscsi.generic import Unknown
from dissectors.iscsi.keys import Text, parse_text
from dissectors.iscsi.pdu_types import PDU_TYPES, sender_of, type_of
from dissectors.iscsi.words import OPCODES

__all__ = ["COMMON_FIELDS", "PDU_TYPES", "Context", "Pdu", "build", "dissect", "sender_of", "type_of", "values_of"]

Result = TypeVar("Result")


class Pdu:
    """One PDU: its bytes, the values of its header, and on demand everything else.

    Offsets in `tree()` and `problems` count from the first byte of the header, as the PDU stood on the wire (with
    digests, if `context` says that they are in use).
    """

    def __init__(self, header: bytes, ahs: bytes, data: bytes, captured: int, context: Context | None) -> None:
        self.header = bytes(header[: max(0, min(captured, at.BHS_LENGTH))])
        "The header as far as it was captured."
        self.context = context or Context()
        self.opcode = self.header[0] & at.OPCODE_MASK if self.header else -1
        "The opcode; -1 if not even that was captured."
        self.type: type[PduType] = type_of(self.opcode) if self.header else Unknown
        self.values: dict[str, int | bytes] = (
            self.type.plan.values(self.header)
            if len(self.header) == at.BHS_LENGTH
            else self.type.plan.values_cut(self.header)
        )
        "Name -> value of every field that was captured whole."
        self.ahs_length = self.get("total_ahs_length", 0) * 4
        "Bytes of additional header segments on the wire."
        self.ahs = bytes(ahs[: self.ahs_length])
        length = self.get("data_segment_length", len(data))
        self.data = bytes(data[:length])
        "The data segment as far as it was captured, without padding."
        self.padding = bytes(data[length : length + digest.padding(length)])
        self._crashes: dict[str, Problem] = {}

    @overload
    def get(self, name: str) -> int | None: ...

    @overload
    def get(self, name: str, default: int) -> int: ...

    def get(self, name: str, default: int | None = None) -> int | None:
        """The value of a number field; `default` if the PDU has no such field or its bytes were not captured."""
        value = self.values.get(name, default)
        return value if isinstance(value, int) else default

    @property
    def name(self) -> str:
        """The PDU's name: `SCSI Command`, `Vendor-specific (0x1c)`, `Unknown (0x2a)`."""
        if not self.header:
            return "Unknown"
        return self.type.name or f"{OPCODES(self.opcode)} (0x{self.opcode:02x})"

    @property
    def unassigned(self) -> bool:
        """True if no standard and no vendor range claims the opcode."""
        return self.type is Unknown

    @property
    def data_offset(self) -> int:
        """Where the data segment starts on the wire."""
        return at.BHS_LENGTH + self.ahs_length + (0 if self.context.header_digest is None else at.DIGEST_LENGTH)

    @property
    def cdb(self) -> bytes:
        """The CDB of a SCSI Command with its extension, as far as captured; empty for other types."""
        return full_cdb(self.header, self.ahs) if self.opcode == at.OP_SCSI_COMMAND else b""

    @cached_property
    def ahs_list(self) -> list[Ahs]:
        """The additional header segments."""
        return parse_ahs(self.ahs)

    @cached_property
    def parsed_text(self) -> Text:
        """The text of a login or text PDU, taken apart; empty for other types."""
        if not self.type.text:
            return Text()
        cut = len(self.data) < self.get("data_segment_length", 0)
        return parse_text(self.data, before=self.context.text_before, unfinished=cut or self.get("continued") == 1)

    @property
    def keys(self) -> list[tuple[str, str]]:
        """The key=value pairs of a login or text PDU, secrets included: for show, use `keys.redact_pairs`."""
        return [(pair.key, pair.value) for pair in self.parsed_text.pairs]

    @cached_property
    def problems(self) -> list[Problem]:
        """Everything odd about the bytes: header, additional segments, data segment, and plug-ins that crashed."""
        found = header_tree.header_problems(self)
        for item in self.ahs_list:
            found += [_moved(problem, at.BHS_LENGTH) for problem in item.problems]
        self._header_nodes()
        found += [_moved(problem, self.data_offset) for problem in self._segment(False).problems]
        self.summary()
        return found + [self._crashes[what] for what in sorted(self._crashes)]

    def tree(self, secrets: bool = False) -> list[Node]:
        """The field tree. Values of keys that carry secrets are left out unless `secrets`."""
        nodes = self._header_nodes()
        nodes += ahs_nodes(self.ahs_list, at.BHS_LENGTH, scsi_parts.cdb_beyond_header(self))
        nodes += header_tree.header_digest_nodes(self)
        if self.data:
            nodes += shifted(self._segment(secrets).nodes, self.data_offset)
        return nodes + header_tree.data_end_nodes(self)

    def summary(self) -> str:
        """One line for people, in the RFC's terms."""
        nothing: list[str] = []
        pieces = self._call("summary", lambda: [str(piece) for piece in self.type.summary(self)], nothing)
        return " ".join([self.name, *pieces])

    def _header_nodes(self) -> list[Node]:
        def explain(row: Field, node: Node) -> None:
            self._call("explain", lambda: self.type.explain(row, node, self), None)

        return header_tree.header_nodes(self, explain)

    def _segment(self, secrets: bool) -> Segment:
        if not self.data:
            return Segment()
        crashed = Segment([plain(self.type.data_label, self.data, 0, self.type.data_filter)])
        return self._call("segment", lambda: _checked(self.type.segment(self, secrets)), crashed)

    def _call(self, what: str, work: Callable[[], Result], otherwise: Result) -> Result:
        """What `work` returns. If a plug-in raises in it: `otherwise`, and a problem to show."""
        if not self.type.foreign:
            return work()
        try:
            return work()
        except Exception as error:
            text = f"{self.type.__name__}.{what}: {type(error).__name__}: {error}"
            self._crashes[what] = Problem("dissector-crashed", text, 0, len(self.header))
            return otherwise


def dissect(
    header: bytes,
    ahs: bytes = b"",
    data: bytes = b"",
    *,
    captured: int = at.BHS_LENGTH,
    context: Context | None = None,
) -> Pdu:
    """Dissect one PDU. Never raises on wire data.

    `header` holds up to 48 bytes, of which the first `captured` were really captured; `ahs` the additional header
    segments; `data` the data segment, with or without its padding. Each may be shorter than the header's lengths say.
    Digests go into `context`.
    """
    return Pdu(header, ahs, data, captured, context)


_QUICK: Final = {pdu_type.opcode: pdu_type.quick.values for pdu_type in PDU_TYPES}


def values_of(header: bytes) -> dict[str, int | bytes]:
    """The values of the opcode's own fields, quickly: all but COMMON_FIELDS, and no object but the dict.

    Numbers and flags are integers, a LUN the integer of its 8 bytes, an ISID that of its 6, a CDB 16 bytes. A header
    cut short yields the fields that are whole.
    """
    if len(header) < at.BHS_LENGTH:
        return type_of(header[0] & at.OPCODE_MASK).quick.values_cut(header) if header else {}
    opcode = header[0] & at.OPCODE_MASK
    values = _QUICK.get(opcode)
    return values(header) if values is not None else type_of(opcode).quick.values(header)


def build(
    what: str | int | Pdu,
    *,
    ahs: bytes | None = None,
    data: bytes | None = None,
    header_digest: bool | bytes = False,
    data_digest: bool | bytes = False,
    **values: Value,
) -> bytes:
    """The bytes of a PDU: header, additional segments, digests if asked for, data and padding.

    `what` is a name, an opcode, or a dissected PDU to start from (its reserved bits come along, so that
    `build(dissect(b)) == b`). `values` are fields by name; lengths follow from `ahs` and `data` unless they are
    given. A digest is computed for True, taken as it is for bytes. Raises LookupError for an unknown name, TypeError
    for an unknown field, ValueError for a value that does not fit.
    """
    start: dict[str, Value] = {}
    if isinstance(what, Pdu):
        pdu_type, header, padding = what.type, what.type.plan.reserved_bits(what.header), what.padding
        start.update(what.values)
        segments, payload = what.ahs, what.data
    else:
        pdu_type, opcode = _lookup(what)
        header, segments, payload, padding = bytearray(at.BHS_LENGTH), b"", b"", b""
        start.update({row.name: row.default for row in pdu_type.plan.fields if row.default})
        start["opcode"] = opcode
    if ahs is not None:
        segments = ahs + bytes(digest.padding(len(ahs)))
        start["total_ahs_length"] = len(segments) // 4
    if data is not None:
        payload, padding = data, bytes(digest.padding(len(data)))
        start["data_segment_length"] = len(data)
    pdu_type.plan.write(header, {**start, **values})
    body = bytes(header) + segments
    tail = payload + padding
    if header_digest:
        body += digest.header_digest(body) if header_digest is True else header_digest
    if data_digest and tail:
        tail += digest.data_digest(tail) if data_digest is True else data_digest
    return body + tail


def _lookup(what: str | int) -> tuple[type[PduType], int]:
    """The type and opcode that `what` names."""
    if isinstance(what, int):
        if not 0 <= what <= at.OPCODE_MASK:
            raise LookupError(f"no opcode {what:#x}")
        return type_of(what), what
    for pdu_type in PDU_TYPES:
        if pdu_type.name.lower() == what.lower():
            return pdu_type, pdu_type.opcode
    raise LookupError(f"no PDU {what!r}; there are {', '.join(pdu_type.name for pdu_type in PDU_TYPES)}")


def _checked(segment: Segment) -> Segment:
    """The segment, if a plug-in really returned one."""
    if not isinstance(segment, Segment):
        raise TypeError(f"segment returned {type(segment).__name__}")
    return segment


def _moved(problem: Problem, by: int) -> Problem:
    return problem._replace(offset=problem.offset + by)
