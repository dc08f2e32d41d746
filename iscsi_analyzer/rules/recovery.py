"""Rules on the fields of a SNACK, and on where one may be sent (RFC 7143 section 11.16).

Not compiled: SNACKs are rare. What a SNACK asks for is judged in `recovery_range`.
"""

from __future__ import annotations

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules import recovery_range
from iscsi_analyzer.rules.desk import INITIATOR, Desk
from iscsi_analyzer.rules.evidence import all_seen
from iscsi_analyzer.rules.rule import ERROR, WARNING, Rule

RESERVED = 0xFFFFFFFF

DATA, STATUS, DATA_ACK, R_DATA = 0, 1, 2, 3
NAMES = ("Data/R2T SNACK", "Status SNACK", "DataACK", "R-Data SNACK")

_LEVEL = "the ErrorRecoveryLevel"

RULES = (
    Rule(
        "snack-type-reserved",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.16.1",
        "SNACK type {kind} is reserved",
        occasion="iscsi.opcode == snack",
    ),
    Rule(
        "snack-at-erl0",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 7.1.5 and 11.16",
        "A {name} was sent although ErrorRecoveryLevel 0 is in force",
        _LEVEL,
        occasion="iscsi.opcode == snack && iscsi.snack.type != 2",
    ),
    Rule(
        "dataack-at-erl0",
        WARNING,
        INITIATOR,
        "RFC 7143 section 11.7.2",
        "A DataACK was sent although ErrorRecoveryLevel 0 is in force",
        _LEVEL,
        occasion="iscsi.snack.type == 2",
    ),
    Rule(
        "snack-in-login",
        ERROR,
        INITIATOR,
        "RFC 7143 section 7.1.4",
        "A SNACK was sent before the full feature phase",
        "the login from its beginning",
        occasion="iscsi.opcode == snack",
    ),
    Rule(
        "snack-itt",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.16.4",
        "A {name} has task tag 0x{tag:08x}, it needs {needed}",
        occasion="iscsi.opcode == snack",
    ),
    Rule(
        "snack-ttt",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.16.5",
        "A {name} has Target Transfer Tag or SNACK Tag 0x{tag:08x}, it needs {needed}",
        occasion="iscsi.opcode == snack",
    ),
    Rule(
        "snack-begrun-rdata",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.16.6",
        "An R-Data SNACK has BegRun {begin}, it has to be 0",
        occasion="iscsi.snack.type == 3",
    ),
    Rule(
        "snack-runlength",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.16.7",
        "A {name} has RunLength {run}, it has to be 0",
        occasion="iscsi.snack.type in {2, 3}",
    ),
)


def see(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one SNACK whose header is whole."""
    kind = look.flags & 0x0F
    snack_in_login(follower, look, desk)
    if kind > R_DATA:
        snack_type_reserved(follower, look, desk, kind)
        return
    if follower.limits.error_recovery_level == 0:
        if kind == DATA_ACK:
            dataack_at_erl0(follower, look, desk)
        else:
            snack_at_erl0(follower, look, desk, kind)
        return
    snack_itt(follower, look, desk, kind)
    snack_ttt(follower, look, desk, kind)
    snack_begrun_rdata(follower, look, desk, kind)
    snack_runlength(follower, look, desk, kind)
    recovery_range.see(follower, look, desk)


def snack_type_reserved(follower: Follower, look: Look, desk: Desk, kind: int) -> None:
    """A SNACK of a type that does not exist.

    ## What it means
    Types go from 0 to 3: data or R2T, status, acknowledgement of data, data cut anew.

    ## Why it matters
    The target cannot know what is asked for; what the initiator misses stays missing.

    ## Example
        talk = Talk(error_recovery_level=1).open()
        talk.snack(5)

    ## When it is silent
    Never: the PDU shows it.

    ## Reference
    RFC 7143 section 11.16.1
    """
    desk.report("snack-type-reserved", INITIATOR, follower, look, {"kind": kind})


def snack_at_erl0(follower: Follower, look: Look, desk: Desk, kind: int) -> None:
    """A SNACK in a session that has no recovery within a connection.

    ## What it means
    Login settled ErrorRecoveryLevel 0: whatever goes wrong, the session is dropped. SNACK belongs to level 1 and above.

    ## Why it matters
    The target rejects or ignores it. What the initiator misses will not be sent again, and its task hangs.

    ## Example
        talk.open()
        talk.snack(1, begin=1)

    ## When it is silent
    When the level is not known, because the login was not seen.

    ## Reference
    RFC 7143 sections 7.1.5 and 11.16
    """
    desk.report("snack-at-erl0", INITIATOR, follower, look, {"name": NAMES[kind]})


def dataack_at_erl0(follower: Follower, look: Look, desk: Desk) -> None:
    """Data was acknowledged in a session that does not do so.

    ## What it means
    A target asks for an acknowledgement of data with the A bit. At ErrorRecoveryLevel 0 it must not, and an initiator
    has to ignore the bit.

    ## Why it matters
    The target may reject the DataACK, or drop the connection.

    ## Example
        talk.open()
        task = talk.command(read=8192)
        talk.data_in(task, 4096)
        talk.snack(2, target_transfer_tag=5, begin=1)

    ## When it is silent
    When the level is not known, because the login was not seen.

    ## Reference
    RFC 7143 section 11.7.2
    """
    desk.report("dataack-at-erl0", INITIATOR, follower, look, {})


def snack_in_login(follower: Follower, look: Look, desk: Desk) -> None:
    """A SNACK during login.

    ## What it means
    Recovery within a connection begins with the full feature phase. This SNACK came before.

    ## Why it matters
    Targets drop a connection on which anything but login comes before login is over.

    ## Example
        talk.handshake()
        talk.login_request({"InitiatorName": talk.initiator_name, "TargetName": talk.target_name})
        talk.snack(1)

    ## When it is silent
    When anything of the connection is missing.

    ## Reference
    RFC 7143 section 7.1.4
    """
    login = follower.login
    if login.requests and not login.complete and not follower.losses and all_seen(follower, False):
        desk.report("snack-in-login", INITIATOR, follower, look, {})


def snack_itt(follower: Follower, look: Look, desk: Desk, kind: int) -> None:
    """A SNACK has a task tag where none belongs, or has none.

    ## What it means
    Data/R2T and R-Data SNACKs are about a task and carry its tag; Status SNACK and DataACK are not and carry
    0xffffffff.

    ## Why it matters
    The target cannot know what is asked for; what the initiator misses stays missing.

    ## Example
        talk = Talk(error_recovery_level=1).open()
        talk.snack(0, begin=1)

    ## When it is silent
    Never: the PDU shows it.

    ## Reference
    RFC 7143 section 11.16.4
    """
    of_task = kind in (DATA, R_DATA)
    if of_task == (look.tag == RESERVED):
        needed = "the tag of its task" if of_task else "0xffffffff"
        facts: dict[str, object] = {"name": NAMES[kind], "tag": look.tag, "needed": needed}
        desk.report("snack-itt", INITIATOR, follower, look, facts)


def snack_ttt(follower: Follower, look: Look, desk: Desk, kind: int) -> None:
    """A SNACK has the wrong kind of target tag.

    ## What it means
    A DataACK repeats the Target Transfer Tag of the Data-In that it acknowledges; an R-Data SNACK has a tag of its own
    there, neither 0 nor 0xffffffff; the other SNACKs have 0xffffffff.

    ## Why it matters
    The target cannot tie the SNACK to what it sent.

    ## Example
        talk = Talk(error_recovery_level=1).open()
        talk.test_unit_ready()
        talk.snack(1, begin=talk.stat_sn - 1, target_transfer_tag=5)

    ## When it is silent
    Never: the PDU shows it.

    ## Reference
    RFC 7143 section 11.16.5
    """
    tag = look.second
    needed = ""
    if kind == DATA_ACK and tag == RESERVED:
        needed = "the tag of the Data-In"
    elif kind == R_DATA and tag in (0, RESERVED):
        needed = "a tag of its own, neither 0 nor 0xffffffff"
    elif kind in (DATA, STATUS) and tag != RESERVED:
        needed = "0xffffffff"
    if needed:
        facts: dict[str, object] = {"name": NAMES[kind], "tag": tag, "needed": needed}
        desk.report("snack-ttt", INITIATOR, follower, look, facts)


def snack_begrun_rdata(follower: Follower, look: Look, desk: Desk, kind: int) -> None:
    """An R-Data SNACK asks from somewhere in the middle.

    ## What it means
    An R-Data SNACK asks for all data that is not acknowledged: BegRun is 0. Here it is not.

    ## Why it matters
    The target sends from its own idea of the beginning, the initiator expects another.

    ## Example
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(read=8192)
        talk.data_in(task, 4096)
        talk.snack(3, task=task, target_transfer_tag=1, begin=3)

    ## When it is silent
    Never: the PDU shows it.

    ## Reference
    RFC 7143 section 11.16.6
    """
    begin = int.from_bytes(look.header[40:44], "big")
    if kind == R_DATA and begin:
        desk.report("snack-begrun-rdata", INITIATOR, follower, look, {"begin": begin})


def snack_runlength(follower: Follower, look: Look, desk: Desk, kind: int) -> None:
    """A DataACK or an R-Data SNACK has a length.

    ## What it means
    RunLength counts what a Data/R2T or Status SNACK asks for. In the other two it has to be 0.

    ## Why it matters
    The target may take it for a request of another kind, and reject it.

    ## Example
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(read=8192)
        talk.data_in(task, 4096)
        talk.snack(3, task=task, target_transfer_tag=1, run=1)

    ## When it is silent
    Never: the PDU shows it.

    ## Reference
    RFC 7143 section 11.16.7
    """
    run = int.from_bytes(look.header[44:48], "big")
    if kind in (DATA_ACK, R_DATA) and run:
        desk.report("snack-runlength", INITIATOR, follower, look, {"name": NAMES[kind], "run": run})
