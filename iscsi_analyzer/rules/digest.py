"""Rules on digests: whether they match, and if not, what may have been summed up instead (RFC 7143 sections 7.8, 11.2.3
and 13.1).

Compiled. Sees the PDUs whose digests were checked. A digest that does not match in any known way blames the way from
the sender to the capture: who changed the bytes, nobody can tell.
"""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

from dissectors.iscsi.digest import crc32c
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules import digest_recovery
from iscsi_analyzer.rules.desk import NETWORK, Desk, sender
from iscsi_analyzer.rules.evidence import OF_INITIATOR, OF_TARGET, pdu_before
from iscsi_analyzer.rules.notes import ConnectionNotes, of_connection
from iscsi_analyzer.rules.rule import ERROR, Rule
from iscsi_analyzer.store.rows import (
    DATA_DIGEST_SHIFT,
    DIGEST_BAD,
    DIGEST_MASK,
    DIGEST_OK,
    HEADER_DIGEST_SHIFT,
)
from iscsi_analyzer.streams.context import OFF
from iscsi_analyzer.streams.pdu import PduInHand
from iscsi_analyzer.streams.plausible import strict

CHECKED: Final = (DIGEST_MASK << HEADER_DIGEST_SHIFT) | (DIGEST_MASK << DATA_DIGEST_SHIFT)
"Bits of a row that are set if a digest was there, or may have been."

HEADER_GOOD: Final = 1
DATA_GOOD: Final = 4
"Kinds of digests that matched, in what the initiator sends; twice that for the target."

LOOK_BACK: Final = 64
"PDUs of the capture that are searched for the one before, in the same direction."
MAX_TAGS: Final = 1024
"Requests with a bad data digest that are remembered of one connection."

_PADDING: Final = bytes(3)

RULES = (
    Rule(
        "header-digest-bad",
        ERROR,
        NETWORK,
        "RFC 7143 sections 13.1 and 7.8",
        "The header digest of a PDU from the {sender} is 0x{received:08x}, its header comes to 0x{computed:08x}",
        occasion="iscsi.pdu.header_digest in {ok, bad}",
    ),
    Rule(
        "data-digest-bad",
        ERROR,
        NETWORK,
        "RFC 7143 sections 13.1 and 7.8",
        "The data digest of a PDU from the {sender} is 0x{received:08x}, its data comes to 0x{computed:08x}",
        occasion="iscsi.pdu.data_digest in {ok, bad}",
    ),
    Rule(
        "digest-byte-order",
        ERROR,
        "either",
        "RFC 7143 section 13.1",
        "The {part} digest that the {sender} sent is right, but its bytes are in reverse order",
        occasion="iscsi.pdu.header_digest in {ok, bad} || iscsi.pdu.data_digest in {ok, bad}",
    ),
    Rule(
        "digest-excludes-padding",
        ERROR,
        "either",
        "RFC 7143 sections 11.2.3 and 13.1",
        "The data digest that the {sender} sent leaves out the padding",
        occasion="iscsi.pdu.data_digest in {ok, bad} && iscsi.datasegmentlength & 3",
    ),
    Rule(
        "digest-excludes-ahs",
        ERROR,
        "either",
        "RFC 7143 section 11.2.3",
        "The header digest that the {sender} sent leaves out the additional headers",
        occasion="iscsi.pdu.header_digest in {ok, bad} && iscsi.totalahslength > 0",
    ),
    Rule(
        "digest-missing-in-ffp",
        ERROR,
        "either",
        "RFC 7143 section 13.1",
        "The {sender} sends no {part} digests, although the login agreed on them",
        "the login, and that no digest of that side was right",
        occasion=(
            "iscsi.opcode != login && (iscsi.connection.header_digest == crc32c "
            "|| iscsi.connection.data_digest == crc32c)"
        ),
    ),
    Rule(
        "digest-not-negotiated",
        ERROR,
        "either",
        "RFC 7143 section 13.1",
        "The {sender} sends header digests, although the login did not agree on any",
        "the login, and an unbroken view of the connection",
        occasion="iscsi.opcode != login && iscsi.connection.header_digest == none",
    ),
)


def see(follower: Follower, look: Look, pdu: PduInHand, desk: Desk) -> None:
    """Runs the rules of this topic on one PDU with digests."""
    notes = of_connection(follower)
    row = look.row
    side: i64 = 1 if look.to_target else 2
    header = (row >> HEADER_DIGEST_SHIFT) & DIGEST_MASK
    if header == DIGEST_BAD:
        if not notes.digests_missing:
            _header(follower, look, pdu, desk, notes)
        return
    if header == DIGEST_OK:
        notes.good_digests |= HEADER_GOOD * side
    data = (row >> DATA_DIGEST_SHIFT) & DIGEST_MASK
    if data == DIGEST_OK:
        notes.good_digests |= DATA_GOOD * side
    elif data == DIGEST_BAD and not notes.digests_missing:
        _data(follower, look, pdu, desk, notes)


def _header(follower: Follower, look: Look, pdu: PduInHand, desk: Desk, notes: ConnectionNotes) -> None:
    """What may be wrong with a header digest that does not match."""
    side: i64 = 1 if look.to_target else 2
    never = notes.good_digests & (HEADER_GOOD * side) == 0
    if _reversed(pdu.received) == pdu.computed:
        digest_byte_order(follower, look, desk, "header")
    elif look.header[4] and crc32c(look.header) == pdu.received:
        digest_excludes_ahs(follower, look, desk)
    elif never and look.data_length == 0 and look.header[4] == 0 and _missing(follower, look, pdu):
        digest_missing_in_ffp(follower, look, desk, notes, "header")
    else:
        header_digest_bad(follower, look, pdu, desk)
        if look.to_target and not never:
            digest_recovery.bad_header(follower, look)


def _data(follower: Follower, look: Look, pdu: PduInHand, desk: Desk, notes: ConnectionNotes) -> None:
    """What may be wrong with a data digest that does not match."""
    side: i64 = 1 if look.to_target else 2
    padding = -look.data_length & 3
    if _reversed(pdu.received) == pdu.computed:
        digest_byte_order(follower, look, desk, "data")
    elif padding and crc32c(_PADDING[:padding], pdu.received) == pdu.computed:
        digest_excludes_padding(follower, look, desk)
    elif notes.good_digests & (DATA_GOOD * side) == 0 and _missing(follower, look, pdu):
        digest_missing_in_ffp(follower, look, desk, notes, "data")
    else:
        data_digest_bad(follower, look, pdu, desk)
        if look.to_target and notes.good_digests & DATA_GOOD and len(notes.bad_data) < MAX_TAGS:
            notes.bad_data[look.tag] = look.number
        elif look.opcode == 0x25 and notes.good_digests & (DATA_GOOD * 2):
            digest_recovery.bad_data_in(follower, look)


def _missing(follower: Follower, look: Look, pdu: PduInHand) -> bool:
    """Whether the login agreed on digests, and what stands in the place of this one begins a header."""
    if follower.inferred or follower.forced or follower.losses or follower.session.assumed:
        return False
    word = int(pdu.received).to_bytes(4, "little") + bytes(4)
    return word[0] & 0x3F != 0 and strict(word, 0, 8, look.to_target)


def _reversed(value: i64) -> i64:
    """A digest with its four bytes the other way round."""
    return ((value & 0xFF) << 24) | ((value & 0xFF00) << 8) | ((value >> 8) & 0xFF00) | ((value >> 24) & 0xFF)


def sent_unasked(follower: Follower, look: Look, pdu: PduInHand, desk: Desk) -> bool:
    """Whether what looks like an impossible header begins with the digest of the header before it, and if so reports
    it."""
    if follower.header_digest != OFF or follower.inferred or follower.forced:
        return False
    number = pdu_before(follower, look.number, OF_INITIATOR if look.to_target else OF_TARGET, LOOK_BACK)
    if number:
        before = pdu.rows.header(number)
        if before[4:8] == bytes(4) and int.from_bytes(look.header[:4], "little") == crc32c(before):
            digest_not_negotiated(follower, look, desk)
            return True
    return False


def header_digest_bad(follower: Follower, look: Look, pdu: PduInHand, desk: Desk) -> None:
    """A header digest does not match its header.

    ## What it means
    The four bytes after a header are its CRC32C. Here the header comes to another value: it was changed after the
    sender computed the digest, by a host, a switch or the capture; or the digest was computed wrongly.

    ## Why it matters
    The receiver must drop the PDU, and mostly the connection, as not even the length of the PDU can be trusted.

    ## Example
        talk = Talk(header_digest=True).open()
        talk.test_unit_ready()
        talk.command(header_digest="bad")

    ## When it is silent
    When the capture lacks bytes of the header or its digest.

    ## Reference
    RFC 7143 sections 13.1 and 7.8
    """
    facts: dict[str, object] = {"sender": sender(look), "received": pdu.received, "computed": pdu.computed}
    desk.report("header-digest-bad", NETWORK, follower, look, facts)


def data_digest_bad(follower: Follower, look: Look, pdu: PduInHand, desk: Desk) -> None:
    """A data digest does not match its data.

    ## What it means
    The four bytes after a data segment are its CRC32C. Here data and padding come to another value: they were changed
    after the sender computed the digest, by a host, a switch or the capture; or the digest was computed wrongly.
    Programs that change their buffers while the system sends them are a known cause.

    ## Why it matters
    This is what digests are for: without them the wrong data would have been stored. The receiver drops the PDU.

    ## Example
        talk = Talk(data_digest=True).open()
        talk.read(4096)
        talk.data_in(talk.command(read=4096), 4096, status=0, data_digest="bad")

    ## When it is silent
    When the capture lacks bytes of the data or its digest.

    ## Reference
    RFC 7143 sections 13.1 and 7.8
    """
    facts: dict[str, object] = {"sender": sender(look), "received": pdu.received, "computed": pdu.computed}
    desk.report("data-digest-bad", NETWORK, follower, look, facts)


def digest_byte_order(follower: Follower, look: Look, desk: Desk, part: str) -> None:
    """A digest is sent with its bytes in reverse order.

    ## What it means
    The CRC is right, but its bytes are the wrong way round: the least significant one comes first on the wire.

    ## Why it matters
    The receiver finds every digest wrong, and drops every PDU or the connection.

    ## Example
        talk = Talk(data_digest=True).open()
        talk.nop_out(b"ping", data_digest=digest(b"ping")[::-1])

    ## When it is silent
    When the capture lacks bytes of what the digest covers.

    ## Reference
    RFC 7143 section 13.1
    """
    facts: dict[str, object] = {"sender": sender(look), "part": part}
    desk.report("digest-byte-order", sender(look), follower, look, facts)


def digest_excludes_padding(follower: Follower, look: Look, desk: Desk) -> None:
    """A data digest was computed without the padding.

    ## What it means
    Data is padded to a multiple of four bytes, and its digest covers the padding. This one is right for the data alone.

    ## Why it matters
    The receiver finds the digest wrong whenever the data is no multiple of four bytes long, and drops the PDU.

    ## Example
        talk = Talk(data_digest=True).open()
        talk.nop_out(b"hello", data_digest=digest(b"hello"))

    ## When it is silent
    When the capture lacks bytes of the data or its digest, and when the padding is not zero.

    ## Reference
    RFC 7143 sections 11.2.3 and 13.1
    """
    desk.report("digest-excludes-padding", sender(look), follower, look, {"sender": sender(look)})


def digest_excludes_ahs(follower: Follower, look: Look, desk: Desk) -> None:
    """A header digest was computed without the additional headers.

    ## What it means
    The header digest covers the header and all its additional headers. This one is right for the first 48 bytes alone.

    ## Why it matters
    The receiver finds the digest wrong for every command with a long CDB, and drops the PDU or the connection.

    ## Example
        ahs = bytes((0, 5, 2, 0, 0, 0, 2, 0))
        twin = Talk().open()
        twin.command(flags=0xE1, read=512, write=512, ahs=ahs)
        talk = Talk(header_digest=True).open()
        talk.command(flags=0xE1, read=512, write=512, ahs=ahs, header_digest=digest(twin.pdus[-1].header))

    ## When it is silent
    When the capture lacks bytes of the headers or their digest.

    ## Reference
    RFC 7143 section 11.2.3
    """
    desk.report("digest-excludes-ahs", sender(look), follower, look, {"sender": sender(look)})


def digest_missing_in_ffp(follower: Follower, look: Look, desk: Desk, notes: ConnectionNotes, part: str) -> None:
    """One side sends no digests although they were agreed.

    ## What it means
    The login settled that digests are in use. Where this side's first one should be, the next PDU begins.

    ## Why it matters
    The receiver takes the beginning of the next PDU for a digest, finds it wrong and drops the connection: nothing
    works after a login that looked fine.

    ## Example
        talk = Talk(header_digest=True).open()
        talk.command(header_digest=False)
        talk.command(header_digest=False)

    ## When it is silent
    When the login was not seen or the user has set the digests, when anything of the connection is missing, after a
    digest that was right, and when the PDU has data in the place of a header digest.

    ## Reference
    RFC 7143 section 13.1
    """
    notes.digests_missing = True
    desk.report("digest-missing-in-ffp", sender(look), follower, look, {"sender": sender(look), "part": part})


def digest_not_negotiated(follower: Follower, look: Look, desk: Desk) -> None:
    """One side sends digests that were not agreed.

    ## What it means
    The login settled that there are no header digests. After a header without data its CRC32C follows all the same.

    ## Why it matters
    The receiver takes the digest for the next header, loses track of the stream and drops the connection.

    ## Example
        talk.open()
        talk.command(header_digest=True)
        talk.command(header_digest=True)

    ## When it is silent
    When the login was not seen or the user has set the digests, when anything of the connection is missing, and when
    the header had data or additional headers.

    ## Reference
    RFC 7143 section 13.1
    """
    desk.report("digest-not-negotiated", sender(look), follower, look, {"sender": sender(look)})
