"""Rules on the serial numbers of a login: CmdSN, ExpStatSN, StatSN and the command window (RFC 7143 sections 11.12.8 to
11.13.4).

Interpreted: sees login PDUs, and the first command after them.
"""

from __future__ import annotations

from typing import Final

from iscsi_analyzer.rules.desk import INITIATOR, TARGET
from iscsi_analyzer.rules.evidence import alone
from iscsi_analyzer.rules.rule import ERROR, WARNING, Rule
from iscsi_analyzer.rules.saying import Saying
from iscsi_analyzer.streams.serial import distance

_WHOLE: Final = "an unbroken view of the connection from its SYN on"
_M32: Final = 0xFFFFFFFF

RULES = (
    Rule(
        "login-cmdsn-changed-leading",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.12.8",
        "The CmdSN of the login changes from {first} to {cmd_sn}",
        _WHOLE,
        occasion="iscsi.opcode == login_request && !iscsi.pdu.first && iscsi.tsih == 0",
    ),
    Rule(
        "login-cmdsn-first-command",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 11.12.8 and 4.2.2.1",
        "The first command has CmdSN {cmd_sn}; the login had announced {login}",
        "an unbroken view of a session with one connection, from its login on",
        occasion="iscsi.pdu.status_class == 0 && iscsi.login.T == 1 && iscsi.login.nsg == 3",
    ),
    Rule(
        "login-expcmdsn-initial",
        ERROR,
        TARGET,
        "RFC 7143 section 11.12.8",
        "The initiator begins with CmdSN {cmd_sn}; the target expects {exp_cmd_sn}",
        _WHOLE,
        occasion="iscsi.pdu.status_class == 0",
    ),
    Rule(
        "login-expstatsn-wrong",
        WARNING,
        INITIATOR,
        "RFC 7143 section 11.12.9",
        "Login Request with ExpStatSN {exp_stat_sn}, after a response with StatSN {stat_sn}",
        _WHOLE,
        occasion="iscsi.opcode == login_request && !iscsi.pdu.first",
    ),
    Rule(
        "login-statsn-sequence",
        ERROR,
        TARGET,
        "RFC 7143 sections 11.13.4 and 4.2.2.2",
        "Login Response with StatSN {stat_sn} where {expected} was due",
        _WHOLE,
        occasion="iscsi.opcode == login_response && !iscsi.pdu.first",
    ),
    Rule(
        "login-maxcmdsn-invalid",
        ERROR,
        TARGET,
        "RFC 7143 section 4.2.2.1",
        "Login Response with MaxCmdSN {max_cmd_sn} and ExpCmdSN {exp_cmd_sn}: that is no window",
        occasion="iscsi.opcode == login_response",
    ),
)


def see(say: Saying) -> None:
    """Runs the rules of this topic on one login PDU."""
    talk = say.talk
    if say.to_target:
        if say.whole and talk.first:
            login_cmdsn_changed_leading(say)
            if talk.response and talk.outstanding == 0:
                login_expstatsn_wrong(say)
    elif not say.refuses:
        login_maxcmdsn_invalid(say)
        if say.whole and talk.outstanding == 1:
            login_expcmdsn_initial(say)
            login_statsn_sequence(say)


def see_first_command(say: Saying) -> None:
    """Runs the rules of this topic on the first command of a connection that takes a CmdSN."""
    if say.whole and say.talk.immediate and alone(say.follower):
        login_cmdsn_first_command(say)


def _leading(say: Saying) -> bool:
    """The login opens a session: it asks for TSIH 0."""
    return say.talk.first[14:16] == b"\0\0"


def login_cmdsn_changed_leading(say: Saying) -> None:
    """The CmdSN changes within the login that opens a session.

    ## What it means
    Login Requests do not use up numbers: all requests of the login carry the CmdSN that the first command will have.

    ## Why it matters
    The two sides disagree about the first number of the session, and its commands may wait for ever.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        talk.login_request(keys, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1"})
        talk.login_request(cmd_sn=2)

    ## When it is silent
    For logins that join a session, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 11.12.8
    """
    first, cmd_sn = int.from_bytes(say.talk.first[24:28], "big"), say.word(24)
    if cmd_sn != first and _leading(say):
        say.found("login-cmdsn-changed-leading", {"cmd_sn": cmd_sn, "first": first}, say.talk.first_pdu)


def login_cmdsn_first_command(say: Saying) -> None:
    """The first command of a session has another CmdSN than the login announced.

    ## What it means
    The first command after the login that is not immediate carries the CmdSN of the Login Requests.

    ## Why it matters
    The target expects the announced number: with a higher one the command waits for those in between, with a lower one
    it is ignored.

    ## Example
        talk.open()
        talk.session.cmd_sn += 1
        talk.test_unit_ready()

    ## When it is silent
    For sessions with several connections, for logins without the I bit, and when the capture lacks any byte of the
    connection.

    ## Reference
    RFC 7143 sections 11.12.8 and 4.2.2.1
    """
    login, cmd_sn = int.from_bytes(say.talk.request[24:28], "big"), say.word(24)
    if cmd_sn != login and _leading(say) and alone(say.follower) and not say.follower.losses:
        say.found("login-cmdsn-first-command", {"cmd_sn": cmd_sn, "login": login}, say.talk.request_pdu)


def login_expcmdsn_initial(say: Saying) -> None:
    """The target does not take over the CmdSN of the login.

    ## What it means
    With the login that opens a session the initiator chooses the first CmdSN; the target expects just that.

    ## Why it matters
    The first command is outside of the window and is dropped, or waits for commands that were never sent.

    ## Example
        talk.handshake()
        talk.login_request({"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}, cmd_sn=10)
        talk.login_response({"TargetPortalGroupTag": "1"}, exp_cmd_sn=11)

    ## When it is silent
    For logins that join a session, for refusals, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 11.12.8
    """
    cmd_sn, exp_cmd_sn = int.from_bytes(say.talk.request[24:28], "big"), say.word(28)
    if exp_cmd_sn != cmd_sn and _leading(say):
        facts: dict[str, object] = {"cmd_sn": cmd_sn, "exp_cmd_sn": exp_cmd_sn}
        say.found("login-expcmdsn-initial", facts, say.talk.request_pdu)


def login_expstatsn_wrong(say: Saying) -> None:
    """A Login Request does not acknowledge the response before it.

    ## What it means
    From the second request on, ExpStatSN is the StatSN of the last response plus one.

    ## Why it matters
    The target may keep the response for sending it again, or take the initiator for out of step.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        talk.login_request(keys, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1"}, stat_sn=5)
        talk.login_request(exp_stat_sn=0)

    ## When it is silent
    For the first request, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 11.12.9
    """
    stat_sn, exp_stat_sn = int.from_bytes(say.talk.response[24:28], "big"), say.word(28)
    if exp_stat_sn != (stat_sn + 1) & _M32:
        facts: dict[str, object] = {"exp_stat_sn": exp_stat_sn, "stat_sn": stat_sn}
        say.found("login-expstatsn-wrong", facts, say.talk.response_pdu)


def login_statsn_sequence(say: Saying) -> None:
    """The StatSN of a Login Response does not follow the one before.

    ## What it means
    Each Login Response of a connection has the StatSN of the one before plus one; the first may have any.

    ## Why it matters
    The initiator takes it for a lost or repeated response.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        talk.login_request(keys, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1"})
        talk.login_request()
        talk.login_response(stat_sn=1)

    ## When it is silent
    For refusals, whose StatSN means nothing, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 sections 11.13.4 and 4.2.2.2
    """
    talk = say.talk
    if not talk.response:
        return
    expected = (int.from_bytes(talk.response[24:28], "big") + 1) & _M32
    if say.word(24) != expected:
        say.found("login-statsn-sequence", {"stat_sn": say.word(24), "expected": expected}, talk.response_pdu)


def login_maxcmdsn_invalid(say: Saying) -> None:
    """The command window of a Login Response is impossible.

    ## What it means
    MaxCmdSN is at least ExpCmdSN - 1, which is a closed window. Here it is lower.

    ## Why it matters
    The initiator ignores both values, so it does not know how many commands it may send.

    ## Example
        talk.handshake()
        talk.login_request({"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}, cmd_sn=10)
        talk.login_response({"TargetPortalGroupTag": "1"}, exp_cmd_sn=10, max_cmd_sn=0)

    ## When it is silent
    For refusals, whose numbers mean nothing.

    ## Reference
    RFC 7143 section 4.2.2.1
    """
    exp_cmd_sn, max_cmd_sn = say.word(28), say.word(32)
    if distance(max_cmd_sn, (exp_cmd_sn - 1) & _M32) < 0:
        say.found("login-maxcmdsn-invalid", {"exp_cmd_sn": exp_cmd_sn, "max_cmd_sn": max_cmd_sn})
