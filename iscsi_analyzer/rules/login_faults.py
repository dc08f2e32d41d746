"""Rules on what a side does after the other side has broken a rule of the login: it has to refuse the login, or to drop
the connection (RFC 7143 sections 6.2 and 6.3).

Interpreted: sees login PDUs, and what the initiator sends after a login. What was broken is told by the rules that
found it. Faults of the authentication are in `auth_faults`.
"""

from __future__ import annotations

from typing import Final

from iscsi_analyzer.rules import auth_faults
from iscsi_analyzer.rules.conversation import Faults
from iscsi_analyzer.rules.desk import INITIATOR, TARGET
from iscsi_analyzer.rules.rule import NOTE, WARNING, Rule, broken_by
from iscsi_analyzer.rules.saying import Saying
from iscsi_analyzer.streams.serial import distance

LOGOUT_REQUEST: Final = 0x06
INTEGRITY: Final = frozenset(("key-firstburst-exceeds-maxburst", "key-r2t-dataseq-erl"))
"Rules on results that do not fit each other."
REPEATED: Final = frozenset(("key-duplicate", "key-nodearch-redeclared", "key-renegotiated-in-login"))
"Rules on keys that are said once more."

_WHOLE: Final = "an unbroken view of the connection from its SYN on"

RULES = (
    Rule(
        "key-reneg-not-dropped",
        NOTE,
        INITIATOR,
        "RFC 7143 section 6.3",
        "The initiator goes on with the login although the target has said a key twice ({rule})",
        _WHOLE,
        occasion=broken_by(0x23, REPEATED),
    ),
    Rule(
        "key-wrong-stage-accepted",
        NOTE,
        TARGET,
        "RFC 7143 sections 6.3 and 7.12",
        "The target lets the login go on after an operational key in the security stage",
        _WHOLE,
        occasion=broken_by(0x03, ("key-wrong-stage",)),
    ),
    Rule(
        "key-integrity-not-enforced",
        WARNING,
        TARGET,
        "RFC 7143 section 6.2",
        "The target lets the login succeed with results that do not fit each other ({rule})",
        _WHOLE,
        occasion=broken_by(0x23, INTEGRITY),
    ),
)


def see(say: Saying) -> None:
    """Runs the rules of this topic on one login PDU, after all others have seen it."""
    if not say.whole:
        return
    if say.to_target:
        _goes_on(say)
    else:
        _answered(say)
    _note(say)


def see_other(say: Saying) -> None:
    """Runs the rules of this topic on one PDU that is no login PDU."""
    if say.to_target and say.whole and say.talk.full_feature:
        if say.opcode != LOGOUT_REQUEST:
            _goes_on(say)
        say.talk.faults[False] = Faults()


def _note(say: Saying) -> None:
    to_target = say.follower.connection.to_target
    end = 0 if to_target is None else (to_target if say.to_target else to_target.peer).next_seq
    faults = Faults(say.broken, say.number, end, auth_faults.proof(say), auth_faults.reflected(say))
    say.talk.faults[say.to_target] = faults


def _answered(say: Saying) -> None:
    """A Login Response, after what the initiator did wrong with its request."""
    faults = say.talk.faults[True]
    auth_faults.answered(say, faults)
    if say.refuses:
        return
    if "key-wrong-stage" in faults.rules:
        key_wrong_stage_accepted(say, faults)
    for rule in say.others:
        if rule in INTEGRITY:
            key_integrity_not_enforced(say, rule)


def _goes_on(say: Saying) -> None:
    """A PDU of the initiator, after what the target did wrong with its latest response."""
    faults = say.talk.faults[False]
    to_target = say.follower.connection.to_target
    if to_target is None or distance(to_target.peer.acked, faults.end) < 0:
        return
    auth_faults.goes_on(say, faults)
    wrong = faults.first(REPEATED)
    if wrong:
        key_reneg_not_dropped(say, wrong, faults)


def key_reneg_not_dropped(say: Saying, rule: str, faults: Faults) -> None:
    """An initiator takes no offence at a key that the target says twice.

    ## What it means
    A target that declares or offers a key again in the same login breaks the negotiation; the initiator has to drop the
    connection. This one had got the response, and went on.

    ## Why it matters
    Each side may hold another of the two values to be in force.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        talk.login_request(keys, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "TargetAlias": "one"})
        talk.login_request(transit=False)
        talk.login_response({"TargetAlias": "two"})
        talk.login_request()

    ## When it is silent
    For a logout, until the initiator has acknowledged the response, and when the capture lacks any byte of the
    connection.

    ## Reference
    RFC 7143 section 6.3
    """
    say.found("key-reneg-not-dropped", {"rule": rule}, faults.pdu)


def key_wrong_stage_accepted(say: Saying, faults: Faults) -> None:
    """A target takes no offence at an operational key in the security stage.

    ## What it means
    A key in a stage where it does not belong is a protocol error, which ends a login. The target went on.

    ## Why it matters
    The initiator takes the key for settled, although what was said before the authentication could be forged.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "None"}
        talk.login_request({**keys, "MaxRecvDataSegmentLength": "65536"}, csg=0, nsg=1)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "None"})

    ## When it is silent
    For refusals, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 sections 6.3 and 7.12
    """
    say.found("key-wrong-stage-accepted", {}, faults.pdu)


def key_integrity_not_enforced(say: Saying, rule: str) -> None:
    """A target accepts a choice of the initiator that contradicts another result.

    ## What it means
    Before values take effect the target checks whether they fit each other. The initiator had the last word on one of
    them and broke that; the target let the login succeed.

    ## Why it matters
    The contradiction shows later, in commands that fail.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "MaxBurstLength": "65536"}
        talk.login_request({**keys, "ImmediateData": "Yes"}, transit=False)
        answers = {"TargetPortalGroupTag": "1", "MaxBurstLength": "65536", "ImmediateData": "Yes"}
        talk.login_response({**answers, "FirstBurstLength": "262144"})
        talk.login_request({"FirstBurstLength": "262144"})
        talk.login_response()

    ## When it is silent
    If the target had the last word itself (that is judged as its own fault), and when the capture lacks any byte of the
    connection.

    ## Reference
    RFC 7143 section 6.2
    """
    say.found("key-integrity-not-enforced", {"rule": rule}, say.talk.request_pdu)
