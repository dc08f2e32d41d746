"""Rules on the additional headers of SCSI Commands: extended CDBs and bidirectional read lengths (RFC 7143 section
11.2.2).

Not compiled: few commands have any. Reached for commands that have additional headers, and for CDBs of variable length,
which need them.
"""

from __future__ import annotations

from dissectors.iscsi.ahs import BIDIRECTIONAL_READ_LENGTH, EXTENDED_CDB, Ahs, parse_ahs
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules import framing_data
from iscsi_analyzer.rules.desk import INITIATOR, Desk
from iscsi_analyzer.rules.rule import ERROR, NOTE, WARNING, Rule

VARIABLE_LENGTH = 0x7F
"Operation code of CDBs that say how long they are."

READ_WRITE = 0x60
"R and W bits of a command."

_CAPTURED = "that the additional headers were captured"

RULES = (
    Rule(
        "ahs-length-overrun",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 11.2.1.5 and 11.2.2.2",
        "The additional headers take {claimed} bytes by their own lengths, TotalAHSLength says {total}",
        _CAPTURED,
        occasion="iscsi.opcode == scsi_command && iscsi.totalahslength > 0",
    ),
    Rule(
        "ahs-length-zero",
        WARNING,
        INITIATOR,
        "RFC 7143 section 11.2.2.2",
        "An additional header has AHSLength 0, it has to count the byte after AHSType at least",
        _CAPTURED,
        occasion="iscsi.opcode == scsi_command && iscsi.totalahslength > 0",
    ),
    Rule(
        "ahs-type-reserved",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 11.2.2.1 and 11",
        "AHSType 0x{kind:02x} is reserved",
        _CAPTURED,
        occasion="iscsi.opcode == scsi_command && iscsi.totalahslength > 0",
    ),
    Rule(
        "ahs-duplicate-type",
        WARNING,
        INITIATOR,
        "RFC 7143 sections 11.2.2 and 11.3.4",
        "A command has two additional headers of type {kind}",
        _CAPTURED,
        occasion="iscsi.opcode == scsi_command && iscsi.totalahslength > 0",
    ),
    Rule(
        "ahs-reserved-byte",
        NOTE,
        INITIATOR,
        "RFC 7143 sections 11, 11.2.2.3 and 11.2.2.4",
        "The byte after AHSType is 0x{byte:02x}, it is reserved",
        _CAPTURED,
        occasion="iscsi.opcode == scsi_command && iscsi.totalahslength > 0",
    ),
    Rule(
        "ecdb-ahs-short",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.2.2.3",
        "An extended CDB has AHSLength {length}: nothing of a CDB of 17 bytes or more fits in",
        _CAPTURED,
        occasion="iscsi.opcode == scsi_command && iscsi.totalahslength > 0 && iscsi.ahs.type == 1",
    ),
    Rule(
        "ecdb-length-mismatch",
        WARNING,
        INITIATOR,
        "RFC 7143 sections 11.2.2.3 and 11.3.5",
        "The CDB says that it has {cdb} bytes, with its additional header it has {sent}",
        _CAPTURED,
        occasion="iscsi.opcode == scsi_command && iscsi.totalahslength > 0 && iscsi.ahs.type == 1",
    ),
    Rule(
        "ecdb-missing",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.3.5",
        "The CDB says that it has {cdb} bytes, but the command has no additional header for those beyond 16",
        _CAPTURED,
        occasion="iscsi.opcode == scsi_command && scsi.spc.opcode in {0x7e, 0x7f}",
    ),
    Rule(
        "bidi-ahs-length",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.2.2.4",
        "A bidirectional read length has AHSLength {length}, it has to be 5",
        _CAPTURED,
        occasion="iscsi.opcode == scsi_command && iscsi.totalahslength > 0 && iscsi.ahs.type == 2",
    ),
    Rule(
        "cmd-bidi-ahs-unexpected",
        WARNING,
        INITIATOR,
        "RFC 7143 sections 11.3.4 and 11.2.2.4",
        "A command that does not both read and write has a bidirectional read length",
        _CAPTURED,
        occasion="iscsi.ahs.bidir.length",
    ),
)


def see(follower: Follower, look: Look, ahs: bytes, desk: Desk) -> None:
    """Runs the rules of this topic on one SCSI Command whose header is whole; `ahs` are its additional headers."""
    if len(ahs) < 4 * look.header[4]:
        return  # not all of them were captured
    items = parse_ahs(ahs)
    extended = [item for item in items if item.type == EXTENDED_CDB]
    ahs_length_overrun(follower, look, desk, items, len(ahs))
    ahs_duplicate_type(follower, look, desk, items)
    for item in items:
        if item.length < 0:
            continue
        ahs_length_zero(follower, look, desk, item)
        if item.type not in (EXTENDED_CDB, BIDIRECTIONAL_READ_LENGTH) or item.reserved:
            ahs_type_reserved(follower, look, desk, item)
            continue
        ahs_reserved_byte(follower, look, desk, item)
        framing_data.ahs_padding_nonzero(follower, look, item, desk)
        if item.type == EXTENDED_CDB:
            ecdb_ahs_short(follower, look, desk, item)
        else:
            bidi_ahs_length(follower, look, desk, item)
            cmd_bidi_ahs_unexpected(follower, look, desk)
    if look.header[32] == VARIABLE_LENGTH:
        length = 8 + look.header[39]
        if not extended:
            ecdb_missing(follower, look, desk, length)
        else:
            ecdb_length_mismatch(follower, look, desk, extended[0], length)


def ahs_length_overrun(follower: Follower, look: Look, desk: Desk, items: list[Ahs], total: int) -> None:
    """The additional headers of a command do not fill the room that it gives them.

    ## What it means
    TotalAHSLength says how many bytes of additional headers follow. Their own lengths, each rounded up to four, do not
    come to the same.

    ## Why it matters
    Receivers that go by the one and by the other disagree on where the data begins.

    ## Example
        talk.open()
        talk.command(ahs=bytes((0, 40, 1, 0, 0, 0, 0, 0)))

    ## When it is silent
    When the capture lacks bytes of the additional headers.

    ## Reference
    RFC 7143 sections 11.2.1.5 and 11.2.2.2
    """
    claimed = sum(item.size if item.length < 0 else (6 + item.length) & ~3 for item in items)
    if claimed != total or any(item.length < 0 for item in items):
        desk.report("ahs-length-overrun", INITIATOR, follower, look, {"claimed": claimed, "total": total})


def ahs_length_zero(follower: Follower, look: Look, desk: Desk, item: Ahs) -> None:
    """An additional header has no length.

    ## What it means
    AHSLength counts from the byte after AHSType on, so it is 1 at least. Here it is 0.

    ## Why it matters
    Receivers may skip three bytes or four, and misread what follows.

    ## Example
        talk.open()
        talk.command(ahs=bytes((0, 0, 1, 0)))

    ## When it is silent
    When the capture lacks bytes of the additional headers.

    ## Reference
    RFC 7143 section 11.2.2.2
    """
    if item.length == 0:
        desk.report("ahs-length-zero", INITIATOR, follower, look, {})


def ahs_type_reserved(follower: Follower, look: Look, desk: Desk, item: Ahs) -> None:
    """An additional header has a type that does not exist.

    ## What it means
    There are types 1 (extended CDB) and 2 (bidirectional read length). This one is reserved.

    ## Why it matters
    The target rejects the command, or carries it out without what the header says.

    ## Example
        talk.open()
        talk.command(ahs=bytes((0, 5, 5, 0, 0, 0, 0, 0)))

    ## When it is silent
    When the capture lacks bytes of the additional headers.

    ## Reference
    RFC 7143 sections 11.2.2.1 and 11
    """
    desk.report("ahs-type-reserved", INITIATOR, follower, look, {"kind": item.reserved << 6 | item.type})


def ahs_duplicate_type(follower: Follower, look: Look, desk: Desk, items: list[Ahs]) -> None:
    """A command has two additional headers of one type.

    ## What it means
    A command needs each type of additional header once at most.

    ## Why it matters
    Which of the two holds is for the target to guess.

    ## Example
        talk.open()
        talk.command(flags=0xE1, read=512, write=512, ahs=2 * bytes((0, 5, 2, 0, 0, 0, 2, 0)))

    ## When it is silent
    When the capture lacks bytes of the additional headers.

    ## Reference
    RFC 7143 sections 11.2.2 and 11.3.4
    """
    kinds = [item.type for item in items if item.length >= 0]
    twice = next((kind for kind in kinds if kinds.count(kind) > 1), None)
    if twice is not None:
        desk.report("ahs-duplicate-type", INITIATOR, follower, look, {"kind": twice})


def ahs_reserved_byte(follower: Follower, look: Look, desk: Desk, item: Ahs) -> None:
    """A reserved byte of an additional header is set.

    ## What it means
    The byte after AHSType is reserved in both types of additional headers. Here it is not 0.

    ## Why it matters
    Little; nobody reads it today.

    ## Example
        talk.open()
        talk.command(flags=0xE1, read=512, write=512, ahs=bytes((0, 5, 2, 1, 0, 0, 2, 0)))

    ## When it is silent
    When the capture lacks bytes of the additional headers.

    ## Reference
    RFC 7143 sections 11, 11.2.2.3 and 11.2.2.4
    """
    if item.specific > 0 and item.length > 0:
        desk.report("ahs-reserved-byte", INITIATOR, follower, look, {"byte": item.specific})


def ecdb_ahs_short(follower: Follower, look: Look, desk: Desk, item: Ahs) -> None:
    """An extended CDB extends nothing.

    ## What it means
    AHSLength of an extended CDB is the length of the CDB minus 15, and such a CDB has 17 bytes at least: 2 or more.
    This one is shorter.

    ## Why it matters
    A CDB of 16 bytes or less must be sent without it; targets may reject the command.

    ## Example
        talk.open()
        talk.command(ahs=bytes((0, 1, 1, 0)))

    ## When it is silent
    When the capture lacks bytes of the additional headers.

    ## Reference
    RFC 7143 section 11.2.2.3
    """
    if item.length == 1:
        desk.report("ecdb-ahs-short", INITIATOR, follower, look, {"length": item.length})


def ecdb_length_mismatch(follower: Follower, look: Look, desk: Desk, item: Ahs, length: int) -> None:
    """A CDB is longer or shorter than it says.

    ## What it means
    A CDB of variable length says how long it is. Its 16 bytes in the header and the rest in the additional header come
    to another length.

    ## Why it matters
    The target misses parameters of the command, or gets some that are none.

    ## Example
        talk.open()
        talk.command(bytes((0x7F, 0, 0, 0, 0, 0, 0, 24)) + bytes(8), ahs=bytes((0, 5, 1, 0, 0, 0, 0, 0)))

    ## When it is silent
    When the capture lacks bytes of the additional headers, and for CDBs that do not say how long they are.

    ## Reference
    RFC 7143 sections 11.2.2.3 and 11.3.5
    """
    if item.length > 1 and item.length + 15 != length:
        desk.report("ecdb-length-mismatch", INITIATOR, follower, look, {"cdb": length, "sent": item.length + 15})


def ecdb_missing(follower: Follower, look: Look, desk: Desk, length: int) -> None:
    """The end of a long CDB was not sent.

    ## What it means
    The CDB says that it is longer than 16 bytes. The rest belongs into an additional header, and there is none.

    ## Why it matters
    The target lacks parameters of the command, such as the block address of a READ(32): it fails the command or reads
    somewhere else.

    ## Example
        talk.open()
        talk.command(bytes((0x7F, 0, 0, 0, 0, 0, 0, 24)) + bytes(8))

    ## When it is silent
    When the capture lacks bytes of the header, and for CDBs that do not say how long they are.

    ## Reference
    RFC 7143 section 11.3.5
    """
    if length > 16:
        desk.report("ecdb-missing", INITIATOR, follower, look, {"cdb": length})


def bidi_ahs_length(follower: Follower, look: Look, desk: Desk, item: Ahs) -> None:
    """A bidirectional read length has the wrong length.

    ## What it means
    The additional header that says how much a bidirectional command reads has AHSLength 5: a reserved byte and four
    bytes of length. This one has another.

    ## Why it matters
    The target misreads how much the initiator has room for.

    ## Example
        talk.open()
        talk.command(flags=0xE1, read=512, write=512, ahs=bytes((0, 4, 2, 0, 0, 2, 0, 0)))

    ## When it is silent
    When the capture lacks bytes of the additional headers.

    ## Reference
    RFC 7143 section 11.2.2.4
    """
    if item.length not in (0, 5):
        desk.report("bidi-ahs-length", INITIATOR, follower, look, {"length": item.length})


def cmd_bidi_ahs_unexpected(follower: Follower, look: Look, desk: Desk) -> None:
    """A command that moves data in one direction only says how much it reads beside.

    ## What it means
    The bidirectional read length belongs to commands with R and W set. This command has one of them, or none.

    ## Why it matters
    Initiator and target may disagree on what the command transfers; some targets reject it.

    ## Example
        talk.open()
        talk.command(read=512, ahs=bytes((0, 5, 2, 0, 0, 0, 2, 0)))

    ## When it is silent
    When the capture lacks bytes of the additional headers.

    ## Reference
    RFC 7143 sections 11.3.4 and 11.2.2.4
    """
    if look.flags & READ_WRITE != READ_WRITE:
        desk.report("cmd-bidi-ahs-unexpected", INITIATOR, follower, look, {})
