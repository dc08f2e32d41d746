"""Rules on digests where there are none: in the login, and behind PDUs without data (RFC 7143 sections 11.2.3, 11.12,
11.13 and 13.1).

Not compiled: reached for login PDUs, and for headers that cannot be any.
"""

from __future__ import annotations

from dissectors.iscsi.digest import crc32c
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.desk import Desk, sender
from iscsi_analyzer.rules.evidence import OF_INITIATOR, OF_TARGET, pdu_before
from iscsi_analyzer.rules.notes import of_connection
from iscsi_analyzer.rules.rule import ERROR, Rule
from iscsi_analyzer.store.rows import DATA_DIGEST_SHIFT, DIGEST_BAD, DIGEST_MASK, FLAG_CUT
from iscsi_analyzer.streams.context import OFF, ON
from iscsi_analyzer.streams.pdu import PduInHand

LOOK_BACK = 64
"PDUs of the capture that are searched for the one before, in the same direction."

_STREAM = "an unbroken view of the connection"

RULES = (
    Rule(
        "digest-before-ffp",
        ERROR,
        "either",
        "RFC 7143 sections 13.1, 11.12 and 11.13",
        "The {sender} sent a {part} digest behind a login PDU, which never has any",
        _STREAM,
        occasion="iscsi.opcode in {login_request, login_response}",
    ),
    Rule(
        "data-digest-on-empty-segment",
        ERROR,
        "either",
        "RFC 7143 section 11.2.3",
        "The {sender} sent a data digest behind a PDU that has no data",
        f"{_STREAM}, and the result of the login",
        occasion="iscsi.datasegmentlength == 0 && iscsi.connection.data_digest == CRC32C",
    ),
)


def login(follower: Follower, look: Look) -> None:
    """A login PDU: remembers the digest that might follow it by mistake."""
    notes = of_connection(follower)
    digest = -1
    if len(look.data) >= look.data_length:
        data = look.data + bytes(-len(look.data) & 3)
        digest = look.number << 32 | crc32c(data if data else look.header)
    if look.to_target:
        notes.request_digest = digest
    else:
        notes.response_digest = digest


def in_place_of_header(follower: Follower, look: Look, pdu: PduInHand, desk: Desk) -> bool:
    """Whether a header that cannot be any begins with a digest that should not be there, and if so reports it."""
    if follower.losses or follower.session.assumed or follower.inferred or follower.forced:
        return False
    before = _before(follower, look, pdu)
    if not before:
        return False
    word = int.from_bytes(look.header[:4], "little")
    notes = of_connection(follower)
    if before << 32 | word == (notes.request_digest if look.to_target else notes.response_digest):
        digest_before_ffp(follower, look, desk, before, pdu)
        return True
    if word == 0 and follower.data_digest == ON and follower.header_digest == OFF:
        header = pdu.rows.header(before)
        if header[4:8] == bytes(4) and header[0] & 0x1F != 0x03:
            data_digest_on_empty_segment(follower, look, desk, before)
            return True
    return False


def _before(follower: Follower, look: Look, pdu: PduInHand) -> int:
    """The PDU before in the same direction of the connection, if it is whole; 0 if it is not, or not near."""
    number = pdu_before(follower, look.number, OF_INITIATOR if look.to_target else OF_TARGET, LOOK_BACK)
    if not number:
        return 0
    flags = pdu.rows.origin(number) >> 32
    bad = (flags >> DATA_DIGEST_SHIFT) & DIGEST_MASK == DIGEST_BAD
    return 0 if flags & FLAG_CUT or bad else number


def digest_before_ffp(follower: Follower, look: Look, desk: Desk, before: int, pdu: PduInHand) -> None:
    """A login PDU has a digest.

    ## What it means
    Digests begin with the full feature phase: those that the login settles hold for the PDUs after it. Behind this
    login PDU stands the CRC32C of its data, or of its header if it has no data, as if they held already.

    ## Why it matters
    The receiver takes the digest for the beginning of the next header and drops the connection: nobody can log in.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "None"}
        talk.login_request(keys, csg=0, data_digest=True)
        talk.login_request(keys, csg=0)

    ## When it is silent
    When bytes of the connection are missing, and when the four bytes happen to look like the beginning of a header.

    ## Reference
    RFC 7143 sections 13.1, 11.12 and 11.13
    """
    part = "data" if pdu.rows.header(before)[5:8] != bytes(3) else "header"
    desk.report("digest-before-ffp", sender(look), follower, look, {"sender": sender(look), "part": part}, before)


def data_digest_on_empty_segment(follower: Follower, look: Look, desk: Desk, before: int) -> None:
    """A PDU without data has a data digest.

    ## What it means
    A data digest follows only data. Behind this PDU without any stands the digest of nothing, four zero bytes, as if
    there were an empty data segment to protect.

    ## Why it matters
    The receiver takes the zeros for the beginning of the next header, loses track of the stream and drops the
    connection.

    ## Example
        talk = Talk(data_digest=True).open()
        talk.nop_out(data_digest=bytes(4))
        talk.test_unit_ready()

    ## When it is silent
    When bytes of the connection are missing, with header digests, and when the zeros and what follows them happen to
    look like a header.

    ## Reference
    RFC 7143 section 11.2.3
    """
    desk.report("data-digest-on-empty-segment", sender(look), follower, look, {"sender": sender(look)}, before)
