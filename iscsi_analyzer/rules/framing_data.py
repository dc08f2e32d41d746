"""Rules on what follows a header: padding, the lengths of data PDUs, and streams that stop making sense (RFC 7143
sections 7.13, 11.1, 11.2 and 11.7).

Not compiled: reached for opcodes of vendors, for data of odd or no length, and after bytes that made no sense.
"""

from __future__ import annotations

from dissectors.iscsi.ahs import Ahs
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.desk import INITIATOR, Desk, sender
from iscsi_analyzer.rules.evidence import OF_INITIATOR, OF_TARGET, pdu_before
from iscsi_analyzer.rules.rare_notes import rare
from iscsi_analyzer.rules.rule import NOTE, Rule
from iscsi_analyzer.store.rows import FLAG_ODD, FLAG_UNFINISHED
from iscsi_analyzer.streams.pdu import PduInHand
from iscsi_analyzer.streams.plausible import KIND_KEEP, KINDS

DATA_OUT, DATA_IN = 0x05, 0x25
F, S = 0x80, 0x01
DIGEST = 4
"Bytes of a digest."
LOOK_BACK = 64
"PDUs of the capture among which the one before is looked for."

RULES = (
    Rule(
        "opcode-vendor-specific",
        NOTE,
        "either",
        "RFC 7143 section 11.2.1.2",
        "The {sender} sent opcode 0x{opcode:02x}, which means what its vendor wants: only its framing is judged",
        occasion="iscsi.opcode in {0x1c..0x1e, 0x3c..0x3e}",
    ),
    Rule(
        "padding-nonzero",
        NOTE,
        "either",
        "RFC 7143 sections 11.1 and 11.2",
        "The data of a PDU with opcode 0x{opcode:02x} is padded with {padding} instead of zeros",
        occasion="iscsi.padding && iscsi.opcode in {0x00, 0x03, 0x04, 0x20, 0x21, 0x23, 0x24, 0x32, 0x3f}",
    ),
    Rule(
        "ahs-padding-nonzero",
        NOTE,
        INITIATOR,
        "RFC 7143 section 11.2",
        "An additional header is padded with {padding} instead of zeros",
        "that the additional headers were captured",
        occasion="iscsi.ahs.type",
    ),
    Rule(
        "pdu-stream-desync",
        NOTE,
        "either",
        "RFC 7143 section 7.13",
        "The stream of the {sender} made no sense before this PDU, although nothing of it is missing: a length or a "
        "digest was not what it seemed to be",
        "every byte of the connection up to there",
        occasion="iscsi",
    ),
    Rule(
        "datapdu-zero-length",
        NOTE,
        "either",
        "RFC 7143 sections 11.7.1 and 11.7.7",
        "A data PDU of the {sender} has no data",
        occasion="iscsi.opcode == 0x05 || (iscsi.opcode == 0x25 && iscsi.scsidata.S == 0)",
    ),
    Rule(
        "datapdu-not-word-multiple",
        NOTE,
        "either",
        "RFC 7143 section 11.7.7",
        "A data PDU in the middle of a sequence has {length} bytes, which is no multiple of four",
        occasion="iscsi.opcode in {0x05, 0x25} && iscsi.scsidata.F == 0",
    ),
)


def unaligned(follower: Follower, look: Look, pdu: PduInHand, desk: Desk) -> None:
    """A PDU with data whose length is no multiple of four."""
    if look.odd or look.row & FLAG_UNFINISHED:
        return
    if look.opcode in (DATA_OUT, DATA_IN) and not look.flags & F and _asked_for(look):
        datapdu_not_word_multiple(follower, look, desk)
    elif KINDS[look.opcode] & KIND_KEEP:
        padding_nonzero(follower, look, pdu.padding, desk)


def empty(follower: Follower, look: Look, desk: Desk) -> None:
    """A PDU without data that is there to carry some."""
    if not look.odd and not (look.opcode == DATA_IN and look.flags & S) and _asked_for(look):
        datapdu_zero_length(follower, look, desk)


def _asked_for(look: Look) -> bool:
    """Whether the PDU belongs to a command that was seen: in a capture that begins within a PDU, bytes of data may look
    like a header."""
    return look.task is not None and look.task.request != 0


def resumed(follower: Follower, look: Look, pdu: PduInHand, desk: Desk) -> None:
    """The first PDU after bytes that could not be framed. If it stands where the lengths of the last header lead, they
    were right although the header was not."""
    notes = rare(follower)
    skipped = pdu.skipped - notes.skipped.get(look.to_target, 0)
    notes.skipped[look.to_target] = pdu.skipped
    before = pdu_before(follower, look.number, OF_INITIATOR if look.to_target else OF_TARGET, LOOK_BACK)
    if before and (pdu.rows.origin(before) >> 32) & FLAG_ODD:
        header = pdu.rows.header(before)
        body = 4 * header[4] + (int.from_bytes(header[5:8], "big") + 3 & ~3)
        if skipped - body in (0, DIGEST, 2 * DIGEST):
            return
    pdu_stream_desync(follower, look, desk)


def opcode_vendor_specific(follower: Follower, look: Look, desk: Desk) -> None:
    """A PDU has an opcode that vendors may use as they like.

    ## What it means
    Opcodes 0x1c to 0x1e of the initiator and 0x3c to 0x3e of the target have no meaning in RFC 7143. Whoever sends one
    relies on its peer to be of the same vendor. Of such a PDU only its lengths can be judged, and after it CmdSN is
    learned anew, as it may use one up or not.

    ## Why it matters
    What the two ends say to each other in these PDUs, the analysis does not know. A dissector for the opcode can be
    added as a plug-in.

    ## Example
        talk.open()
        talk.send("I2T", 0x1c, initiator_task_tag=5)

    ## When it is silent
    When the header digest of the PDU is wrong.

    ## Reference
    RFC 7143 section 11.2.1.2
    """
    facts: dict[str, object] = {"sender": sender(look), "opcode": look.opcode}
    desk.report("opcode-vendor-specific", sender(look), follower, look, facts)


def padding_nonzero(follower: Follower, look: Look, padding: bytes, desk: Desk) -> None:
    """Data is padded with something else than zeros.

    ## What it means
    A data segment is filled up to a multiple of four bytes. The bytes that fill it up should be zero; here they are
    not.

    ## Why it matters
    The receiver skips them. But they are bytes of the sender's memory that nobody meant to send, and where they are
    part of a text, a receiver with a wrong idea of its length takes them for keys.

    ## Example
        talk.open()
        talk.nop_out(b"ping!", padding=b"AB\\0")

    ## When it is silent
    For Data-In, Data-Out and SCSI Commands, whose padding is not looked at, and when the capture lacks it.

    ## Reference
    RFC 7143 sections 11.1 and 11.2
    """
    if padding.strip(b"\0"):
        facts: dict[str, object] = {"opcode": look.opcode, "padding": padding.hex(" ")}
        desk.report("padding-nonzero", sender(look), follower, look, facts)


def ahs_padding_nonzero(follower: Follower, look: Look, item: Ahs, desk: Desk) -> None:
    """An additional header is padded with something else than zeros.

    ## What it means
    An additional header is filled up to a multiple of four bytes. The bytes that fill it up should be zero.

    ## Why it matters
    They are bytes of the initiator's memory that nobody meant to send.

    ## Example
        talk.open()
        cdb = bytes((0x7F, 0, 0, 0, 0, 0, 0, 10)) + bytes(8)
        talk.command(cdb, ahs=bytes((0, 3, 1, 0, 0, 0, 0xFF, 0xFF)))

    ## When it is silent
    When the capture lacks bytes of the additional headers.

    ## Reference
    RFC 7143 section 11.2
    """
    if item.padding.strip(b"\0"):
        desk.report("ahs-padding-nonzero", INITIATOR, follower, look, {"padding": item.padding.hex(" ")})


def pdu_stream_desync(follower: Follower, look: Look, desk: Desk) -> None:
    """The stream went on after bytes that are no PDUs.

    ## What it means
    Each PDU says how long it is, so the next one begins right behind it. Here stood something else, and this is the
    first header after it. No byte is missing: a length was wrong, or there are digests, or none, against what was
    agreed.

    ## Why it matters
    A receiver without this view from outside cannot find the way back; it drops the connection.

    ## Example
        talk.open()
        talk.test_unit_ready()
        talk.raw("I2T", b"\\xff" * 96)
        talk.test_unit_ready()
        talk.test_unit_ready()

    ## When it is silent
    When bytes of the connection are missing, its beginning was not seen, or the user has set the digests. When the
    lengths were right, and only the header was not.

    ## Reference
    RFC 7143 section 7.13
    """
    direction = follower.connection.to_target
    if direction is None or follower.session.assumed or follower.forced or follower.inferred:
        return
    if direction.isn < 0 or direction.peer.isn < 0:
        return
    if direction.gaps or direction.peer.gaps or direction.snaplen_bytes or direction.peer.snaplen_bytes:
        return
    desk.report("pdu-stream-desync", sender(look), follower, look, {"sender": sender(look)})


def datapdu_zero_length(follower: Follower, look: Look, desk: Desk) -> None:
    """A data PDU has no data.

    ## What it means
    Data-In and Data-Out are there to carry data; sending one without any should be avoided. A Data-In that carries a
    status has a purpose without data.

    ## Why it matters
    It costs a header and a turn of both ends for nothing, and some receivers take it for an error.

    ## Example
        talk.open()
        read = talk.command(read=4096)
        talk.data_in(read, 0, final=False)
        talk.data_in(read, 4096, status=0)

    ## When it is silent
    When the header digest of the PDU is wrong, and when its command was not seen.

    ## Reference
    RFC 7143 sections 11.7.1 and 11.7.7
    """
    desk.report("datapdu-zero-length", sender(look), follower, look, {"sender": sender(look)})


def datapdu_not_word_multiple(follower: Follower, look: Look, desk: Desk) -> None:
    """A data PDU in the middle of a sequence has an odd length.

    ## What it means
    Only the last PDU of a sequence should carry a number of bytes that is no multiple of four: all others can be filled
    up with data instead of padding.

    ## Why it matters
    From here on every byte of the sequence stands at an odd place, which costs receivers that place data by words.

    ## Example
        talk.open()
        read = talk.command(read=4096)
        talk.data_in(read, 1022, final=False)
        talk.data_in(read, 3074, status=0)

    ## When it is silent
    When the header digest of the PDU is wrong, when the stream ends before the PDU does, and when its command was not
    seen.

    ## Reference
    RFC 7143 section 11.7.7
    """
    desk.report("datapdu-not-word-multiple", sender(look), follower, look, {"length": look.data_length})
