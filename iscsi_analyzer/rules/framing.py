"""Rules on the form of headers: opcodes, reserved and fixed bits, additional headers (RFC 7143 sections 11 and 11.2).

Compiled. Sees every PDU, so one comparison of the header with the bits that its opcode fixes comes first; what differs
is looked at closer.
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i64_be
from mypy_extensions import i64

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules import data_out_fields, digest_place, framing_ahs, framing_data, framing_lengths
from iscsi_analyzer.rules.desk import INITIATOR, TARGET, Desk, sender
from iscsi_analyzer.rules.digest import sent_unasked
from iscsi_analyzer.rules.rule import ERROR, NOTE, WARNING, Rule
from iscsi_analyzer.store.rows import (
    DIGEST_BAD,
    DIGEST_MASK,
    DIGEST_OK,
    FLAG_ODD,
    FLAG_RESYNC,
    FLAG_UNFINISHED,
    HEADER_DIGEST_SHIFT,
)
from iscsi_analyzer.streams.context import UNKNOWN
from iscsi_analyzer.streams.pdu import PduInHand
from iscsi_analyzer.streams.plausible import (
    KIND_AHS,
    KIND_FIXED_F,
    KIND_NO_DATA,
    KIND_TO_INITIATOR,
    KIND_TO_TARGET,
    KIND_VENDOR,
    KINDS,
    reserved_bits,
)

_RESERVED_BIT: Final = 0x80
_IMMEDIATE: Final = 0x40
_FINAL: Final = 0x80
_OPCODE: Final = 0x3F
_TOTAL_AHS: Final = 0xFF000000

UNUSUAL: Final = FLAG_ODD | FLAG_UNFINISHED | FLAG_RESYNC

_STREAM: Final = "an unbroken view of the connection, and its digests"

RULES = (
    Rule(
        "opcode-wrong-direction",
        ERROR,
        "either",
        "RFC 7143 section 11.2.1.2",
        "Opcode 0x{opcode:02x} belongs to the {owner}, the {sender} sent it{doubt}",
        _STREAM,
        occasion="iscsi",
    ),
    Rule(
        "opcode-unassigned",
        ERROR,
        "either",
        "RFC 7143 section 11.2.1.2",
        "The {sender} sent opcode 0x{opcode:02x}, which has no meaning{doubt}",
        _STREAM,
        occasion="iscsi",
    ),
    Rule(
        "bhs-reserved-msb",
        NOTE,
        "either",
        "RFC 7143 section 11",
        "The first bit of the header is reserved and set (byte 0 is 0x{byte:02x}){doubt}",
        _STREAM,
        occasion="iscsi",
    ),
    Rule(
        "bhs-i-bit-reserved",
        NOTE,
        "either",
        "RFC 7143 sections 11, 11.7 and 11.16",
        "A PDU with opcode 0x{opcode:02x} is marked as immediate, which only requests with a CmdSN can be",
        occasion="iscsi.pdu.direction == T2I || iscsi.opcode in {data_out, snack}",
    ),
    Rule(
        "bhs-reserved-field-nonzero",
        NOTE,
        "either",
        "RFC 7143 section 11",
        "Reserved bits are set in a PDU with opcode 0x{opcode:02x}, byte {offset}: 0x{bits:02x}",
        occasion="iscsi",
    ),
    Rule(
        "bhs-fixed-f-bit-clear",
        WARNING,
        "either",
        "RFC 7143 sections 11.4 to 11.6, 11.8, 11.9 and 11.14 to 11.19",
        "The first bit of byte 1 is clear in a PDU with opcode 0x{opcode:02x}, it is always set there",
        occasion="iscsi.opcode in {scsi_response, tmf, r2t, async, logout, snack, reject, nop}",
    ),
)


def _fixed() -> tuple[bytes, bytes, bytes]:
    """For each opcode: the bits that are fixed, how they are, and how many words of eight bytes have any."""
    masks = bytearray()
    values = bytearray()
    counts = bytearray()
    for opcode in range(64):
        mask = bytearray(reserved_bits(opcode))
        value = bytearray(48)
        kind = KINDS[opcode]
        if kind & (KIND_TO_TARGET | KIND_TO_INITIATOR) and not kind & KIND_VENDOR:
            mask[0] |= _RESERVED_BIT
            if kind & KIND_FIXED_F:
                mask[1] |= _FINAL
                value[1] = _FINAL
            if not kind & KIND_AHS:
                mask[4] = 0xFF
            if kind & KIND_NO_DATA:
                mask[5:8] = b"\xff\xff\xff"
        elif kind & KIND_VENDOR:
            mask[0] = _OPCODE  # never right, so that they are looked at closer
        masks += mask
        values += value
        counts.append(max((at // 8 + 1 for at in range(48) if mask[at]), default=1))
    return bytes(masks), bytes(values), bytes(counts)


_FIXED: Final = _fixed()
_MASKS: Final = _FIXED[0]
_VALUES: Final = _FIXED[1]
_WORDS: Final = _FIXED[2]


def see(follower: Follower, look: Look, pdu: PduInHand, desk: Desk) -> None:
    """Runs the rules of this topic on one PDU, whatever it is."""
    header = look.header
    opcode = look.opcode
    at = opcode * 48
    first = read_i64_be(header, 0)
    unlike = (first ^ read_i64_be(_VALUES, at)) & read_i64_be(_MASKS, at)
    words: i64 = _WORDS[opcode]
    index: i64 = 1
    while index < words:
        unlike |= read_i64_be(header, index * 8) & read_i64_be(_MASKS, at + index * 8)
        index += 1
    if unlike or look.row & UNUSUAL:
        _closer(follower, look, pdu, desk)
        if look.row & FLAG_UNFINISHED:
            framing_lengths.pdu_truncated_at_close(follower, look, desk)
    if look.data_length:
        framing_lengths.see(follower, look, desk)
        if look.data_length & 3:
            framing_data.unaligned(follower, look, pdu, desk)
    elif opcode & 0x1F == 0x05:
        framing_data.empty(follower, look, desk)
    if opcode == 0x01 and (first & _TOTAL_AHS or header[32] == framing_ahs.VARIABLE_LENGTH) and look.whole:
        framing_ahs.see(follower, look, pdu.ahs, desk)


def _closer(follower: Follower, look: Look, pdu: PduInHand, desk: Desk) -> None:
    """A header that is not as its opcode wants it, or whose opcode is none of the sender's."""
    digest = (look.row >> HEADER_DIGEST_SHIFT) & DIGEST_MASK
    if digest == DIGEST_BAD:
        return  # it was not sent like this, or its receiver drops it
    if look.odd:
        if digest_place.in_place_of_header(follower, look, pdu, desk):
            return
        if digest == DIGEST_OK or _certain(follower):
            if not sent_unasked(follower, look, pdu, desk):
                _odd(follower, look, desk)
        return
    if look.row & FLAG_RESYNC:
        framing_data.resumed(follower, look, pdu, desk)
    if KINDS[look.opcode] & KIND_VENDOR:
        framing_data.opcode_vendor_specific(follower, look, desk)
        return
    header = look.header
    if header[0] & _IMMEDIATE and _MASKS[look.opcode * 48] & _IMMEDIATE:
        bhs_i_bit_reserved(follower, look, desk)
    if KINDS[look.opcode] & KIND_FIXED_F and not header[1] & _FINAL:
        bhs_fixed_f_bit_clear(follower, look, desk)
    bhs_reserved_field_nonzero(follower, look, desk)
    framing_lengths.dsl_nonzero_where_forbidden(follower, look, desk)


def _certain(follower: Follower) -> bool:
    """Whether a header stands where one has to stand, as far as the lengths before it were right."""
    if follower.losses or follower.session.assumed:
        return False
    return follower.header_digest != UNKNOWN and follower.data_digest != UNKNOWN and not follower.inferred


def _odd(follower: Follower, look: Look, desk: Desk) -> None:
    """A header that its sender may not send: says what is wrong about it first of all."""
    kind: i64 = KINDS[look.opcode]
    if not kind & (KIND_TO_TARGET | KIND_TO_INITIATOR):
        opcode_unassigned(follower, look, desk)
    elif not kind & (KIND_TO_TARGET if look.to_target else KIND_TO_INITIATOR):
        opcode_wrong_direction(follower, look, desk)
    elif look.header[4] and not kind & KIND_AHS:
        if look.to_target:
            framing_lengths.totalahs_nonzero(follower, look, desk, _doubt(look))
        else:
            framing_lengths.ahs_on_response(follower, look, desk, _doubt(look))
    if look.header[0] & _RESERVED_BIT:
        bhs_reserved_msb(follower, look, desk)


def _doubt(look: Look) -> str:
    """What there is to say if no PDU follows where the header says: then it may be no header."""
    if look.row & FLAG_UNFINISHED:
        return "; no PDU follows where its lengths lead, so the lengths of the PDU before it may have been wrong"
    return ""


def opcode_wrong_direction(follower: Follower, look: Look, desk: Desk) -> None:
    """A PDU has an opcode that only the other side sends.

    ## What it means
    Opcodes below 0x20 are the initiator's, the others the target's. This PDU goes the wrong way. Or it is no PDU: if
    the one before it had a wrong length, other bytes stand where the next header should be. Either is its sender's
    fault.

    ## Why it matters
    The receiver loses track of the stream and has to drop the connection.

    ## Example
        talk.open()
        talk.send("T2I", 0x01, initiator_task_tag=5)
        talk.test_unit_ready()

    ## When it is silent
    When anything of the connection is missing, or its digests are not known; if header digests are in use, when that of
    the PDU is wrong.

    ## Reference
    RFC 7143 section 11.2.1.2
    """
    facts: dict[str, object] = {
        "opcode": look.opcode,
        "owner": TARGET if look.to_target else INITIATOR,
        "sender": sender(look),
        "doubt": _doubt(look),
    }
    desk.report("opcode-wrong-direction", sender(look), follower, look, facts)


def opcode_unassigned(follower: Follower, look: Look, desk: Desk) -> None:
    """A PDU has an opcode that nobody sends.

    ## What it means
    The opcode has no meaning in RFC 7143, nor is it one of those for vendors. Or it is no PDU: if the one before it had
    a wrong length, other bytes stand where the next header should be. Either is its sender's fault.

    ## Why it matters
    The receiver rejects it, or loses track of the stream and drops the connection.

    ## Example
        talk.open()
        talk.send("I2T", 0x07, initiator_task_tag=5)
        talk.test_unit_ready()

    ## When it is silent
    When anything of the connection is missing, or its digests are not known; if header digests are in use, when that of
    the PDU is wrong.

    ## Reference
    RFC 7143 section 11.2.1.2
    """
    facts: dict[str, object] = {"opcode": look.opcode, "sender": sender(look), "doubt": _doubt(look)}
    desk.report("opcode-unassigned", sender(look), follower, look, facts)


def bhs_reserved_msb(follower: Follower, look: Look, desk: Desk) -> None:
    """The first bit of a header is set.

    ## What it means
    Bit 0 of byte 0 is reserved. Drafts before the first RFC used it to mark retries.

    ## Why it matters
    Receivers that compare the whole byte with the opcodes do not recognise the PDU.

    ## Example
        talk.open()
        talk.command(patch={0: b"\\x81"})
        talk.command()

    ## When it is silent
    As `opcode-unassigned`.

    ## Reference
    RFC 7143 section 11
    """
    facts: dict[str, object] = {"byte": look.header[0], "doubt": _doubt(look)}
    desk.report("bhs-reserved-msb", sender(look), follower, look, facts)


def bhs_i_bit_reserved(follower: Follower, look: Look, desk: Desk) -> None:
    """A PDU that cannot be immediate is marked as immediate.

    ## What it means
    The I bit belongs to requests that carry a CmdSN. In PDUs of the target, in Data-Out and in SNACK it is reserved.

    ## Why it matters
    Receivers that compare the whole byte with the opcodes do not recognise the PDU.

    ## Example
        talk.open()
        talk.nop_in(immediate=True)

    ## When it is silent
    When the header digest of the PDU is wrong.

    ## Reference
    RFC 7143 sections 11, 11.7 and 11.16
    """
    desk.report("bhs-i-bit-reserved", sender(look), follower, look, {"opcode": look.opcode})


def bhs_reserved_field_nonzero(follower: Follower, look: Look, desk: Desk) -> None:
    """Reserved bits of a header are set.

    ## What it means
    Every bit that RFC 7143 leaves undefined in a header has to be sent as 0. Some here are not; the finding names the
    first byte with such bits.

    ## Why it matters
    Today nobody reads them. A later version of the protocol may give them a meaning that was not meant.

    ## Example
        talk.open()
        talk.nop_out(patch={2: b"\\x01"})

    ## When it is silent
    When the header digest of the PDU is wrong. Fields that are reserved only in some PDUs of a kind have rules of their
    own.

    ## Reference
    RFC 7143 section 11
    """
    mask = reserved_bits(look.opcode)
    for offset in range(1, 48):
        bits = look.header[offset] & mask[offset]
        if bits:
            if look.opcode == 0x05 and 24 <= offset < 28:
                data_out_fields.dataout_cmdsn_field(follower, look, desk)
                return
            facts: dict[str, object] = {"opcode": look.opcode, "offset": offset, "bits": bits}
            desk.report("bhs-reserved-field-nonzero", sender(look), follower, look, facts)
            return


def bhs_fixed_f_bit_clear(follower: Follower, look: Look, desk: Desk) -> None:
    """A bit is clear that is always set.

    ## What it means
    PDUs that are never continued have a constant 1 where others have the F bit. Here it is 0.

    ## Why it matters
    Strict receivers reject the PDU, others do not look.

    ## Example
        talk.open()
        talk.send("I2T", 0x00, 0x00, initiator_task_tag=7, target_transfer_tag=0xffffffff)

    ## When it is silent
    When the header digest of the PDU is wrong.

    ## Reference
    RFC 7143 sections 11.4 to 11.6, 11.8, 11.9 and 11.14 to 11.19
    """
    desk.report("bhs-fixed-f-bit-clear", sender(look), follower, look, {"opcode": look.opcode})
