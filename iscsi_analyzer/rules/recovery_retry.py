"""Rules on retries: a command that is sent again with its task tag and CmdSN (RFC 7143 section 7.2.1).

Compiled. Reached only from the rules on CmdSN, when a number is not the one that is due.
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i64_be

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.desk import INITIATOR, Desk
from iscsi_analyzer.rules.notes import Sent, of_connection
from iscsi_analyzer.rules.rule import ERROR, WARNING, Rule

_M32: Final = 0xFFFFFFFF

RULES = (
    Rule(
        "retry-attributes-changed",
        ERROR,
        INITIATOR,
        "RFC 7143 section 7.2.1",
        "CmdSN {cmd_sn} was sent again with the same task tag, but with other {changed}",
        "the command, and that its task is still open",
        occasion="iscsi.cmdsn && iscsi.I == 0",
    ),
    Rule(
        "retry-after-ack",
        WARNING,
        INITIATOR,
        "RFC 7143 section 7.2.1",
        "CmdSN {cmd_sn} was sent again after it was answered, and the answer acknowledged with ExpStatSN {exp_stat_sn}",
        "the command and its answer",
        occasion="iscsi.cmdsn && iscsi.I == 0",
    ),
)


def is_retry(look: Look, earlier: Sent) -> bool:
    """Whether the command at hand repeats `earlier`, which has the same CmdSN: by its tag while the task is open, in
    everything afterwards."""
    if (read_i64_be(earlier.header, 16) >> 32) & _M32 != look.tag:
        return False
    return look.task is not None or changed(look.header, earlier.header) == ""


def see(follower: Follower, look: Look, earlier: Sent, desk: Desk) -> None:
    """A command is sent again."""
    retry_attributes_changed(follower, look, earlier, desk)
    retry_after_ack(follower, look, earlier, desk)


def changed(header: bytes, earlier: bytes) -> str:
    """The first of the fields that a retry must keep and did not; empty if it kept all."""
    if header[0] != earlier[0] or header[1] != earlier[1]:
        return "opcode or flags"
    if header[8:16] != earlier[8:16]:
        return "LUN"
    if header[20:24] != earlier[20:24]:
        return "expected length"
    if header[32:48] != earlier[32:48]:
        return "CDB"
    return ""


def retry_attributes_changed(follower: Follower, look: Look, earlier: Sent, desk: Desk) -> None:
    """A command was sent again, but not as it was.

    ## What it means
    A command with the task tag and CmdSN of an open one is a retry, and a retry repeats flags, LUN, expected length and
    CDB. This one differs.

    ## Why it matters
    The target may have the first command already and ignore this one, or may carry out this one: nobody knows which of
    the two will be done.

    ## Example
        talk.open()
        task = talk.command(read=4096, lba=8)
        talk.command(read=4096, lba=16, tag=task.tag, cmd_sn=task.cmd_sn)

    ## When it is silent
    In sessions with several connections, after a loss, and when the first command is over or further back than 256
    commands.

    ## Reference
    RFC 7143 section 7.2.1
    """
    what = changed(look.header, earlier.header)
    if what:
        cmd_sn = (read_i64_be(look.header, 24) >> 32) & _M32
        facts: dict[str, object] = {"cmd_sn": cmd_sn, "changed": what}
        desk.report("retry-attributes-changed", INITIATOR, follower, look, facts, earlier.number)


def retry_after_ack(follower: Follower, look: Look, earlier: Sent, desk: Desk) -> None:
    """A command was sent again although its answer had arrived.

    ## What it means
    Retries are there to fill holes that the target sees in the command sequence. The answer to this command had come,
    and its sender says so by the ExpStatSN of the very PDU that repeats the command.

    ## Why it matters
    The target ignores it. An initiator that does this has lost track of its tasks, and waits for an answer that never
    comes.

    ## Example
        talk.open()
        task = talk.test_unit_ready()
        talk.command(tag=task.tag, cmd_sn=task.cmd_sn)

    ## When it is silent
    As long as the initiator may not have known the answer; in sessions with several connections, and after a loss.

    ## Reference
    RFC 7143 section 7.2.1
    """
    exp_stat_sn = read_i64_be(look.header, 24) & _M32
    if look.task is not None or look.late != earlier.number or exp_stat_sn != of_connection(follower).next_stat_sn:
        return
    cmd_sn = (read_i64_be(look.header, 24) >> 32) & _M32
    facts: dict[str, object] = {"cmd_sn": cmd_sn, "exp_stat_sn": exp_stat_sn}
    desk.report("retry-after-ack", INITIATOR, follower, look, facts, earlier.number)
