"""Rules on who may say a key, when, and how often (RFC 7143 sections 6.3, 12 and 13).

Interpreted: sees the texts of login and text PDUs.
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi import keytable
from dissectors.iscsi.keytable import Key
from dissectors.iscsi.values import RESERVED_ANSWERS
from iscsi_analyzer.rules.desk import INITIATOR, TARGET
from iscsi_analyzer.rules.keys_syntax import misspelt
from iscsi_analyzer.rules.login_names import NAMES
from iscsi_analyzer.rules.offers import ANSWER, DECLARATION, OFFER, QUESTION, Move
from iscsi_analyzer.rules.rule import ERROR, NOTE, WARNING, Rule
from iscsi_analyzer.rules.saying import SECURITY, Saying

SHOWN: Final = 60
_TEXT: Final = "the whole text"
_WHOLE: Final = "an unbroken view of the connection from its SYN on"

RULES = (
    Rule(
        "key-duplicate",
        ERROR,
        "either",
        "RFC 7143 sections 6.3 and 6.4",
        "{key} is said once more in the same negotiation",
        _WHOLE,
        occasion="iscsi.keyvalue",
    ),
    Rule(
        "key-renegotiated-in-login",
        ERROR,
        "either",
        "RFC 7143 section 6.3",
        "{key} is offered again although it is settled",
        _WHOLE,
        occasion="iscsi.opcode == login && !iscsi.pdu.first && iscsi.keyvalue",
    ),
    Rule(
        "key-reneg-not-rejected",
        WARNING,
        TARGET,
        "RFC 7143 section 6.3",
        "The target lets the login go on although the initiator has repeated {key}",
        _WHOLE,
        occasion='iscsi.finding.rule in {"key-duplicate", "key-renegotiated-in-login"}',
    ),
    Rule(
        "key-sender-wrong",
        ERROR,
        "either",
        "RFC 7143 sections 12 and 13",
        "{key} is a key of the {sender}",
        _TEXT,
        occasion="iscsi.keyvalue",
    ),
    Rule(
        "key-wrong-stage",
        ERROR,
        "either",
        "RFC 7143 sections 12 and 6.3",
        "{key} in the security stage of the login",
        _TEXT,
        occasion="iscsi.login.csg == 0 && iscsi.keyvalue",
    ),
    Rule(
        "key-lo-on-nonleading",
        ERROR,
        INITIATOR,
        "RFC 7143 section 13",
        "{key} in a login that joins the session with TSIH {tsih}: only the first connection may carry it",
        _TEXT,
        occasion="iscsi.opcode == login_request && iscsi.tsih != 0 && iscsi.keyvalue",
    ),
    Rule(
        "key-io-in-ffp",
        ERROR,
        "either",
        "RFC 7143 section 13",
        "{key} in the full feature phase: it is settled at login",
        _TEXT,
        occasion="iscsi.opcode == text && iscsi.keyvalue",
    ),
    Rule(
        "key-ffpo-in-login",
        ERROR,
        INITIATOR,
        "RFC 7143 section 13.3 and appendix C",
        "{key} in a Login Request: it belongs to the full feature phase",
        _TEXT,
        occasion="iscsi.opcode == login_request && iscsi.keyvalue",
    ),
    Rule(
        "key-vendor-in-discovery",
        WARNING,
        "either",
        "RFC 7143 section 13.22",
        "The vendor's key {key} in a discovery session",
        _WHOLE,
        occasion='iscsi.session.discovery && iscsi.keyvalue matches "^(X|Y|Z)[-#]"',
    ),
    Rule(
        "key-unknown",
        NOTE,
        "either",
        "RFC 7143 sections 6.2 and 13.22",
        "No standard knows the key {key}",
        _TEXT,
        occasion="iscsi.keyvalue",
    ),
)


def see(say: Saying) -> None:
    """Runs the rules of this topic on one login or text PDU."""
    login = say.opcode & 0x1F == 0x03
    if login and not say.to_target:
        if say.talk.repeated and say.whole and not say.refuses:
            key_reneg_not_rejected(say)
        say.talk.repeated = ""
    for move in say.moves:
        key = move.key
        if move.kind == ANSWER:
            continue
        if key is None:
            key_unknown(say, move)
        elif move.pair.value not in RESERVED_ANSWERS:
            key_sender_wrong(say, move, key)
            if login:
                _in_login(say, move, key)
            else:
                key_io_in_ffp(say, key)
            if say.whole:
                key_vendor_in_discovery(say, key, move.pair.key)
        if say.whole:
            if move.kind == OFFER and move.settled and login:
                key_renegotiated_in_login(say, move)
            elif move.again and move.kind in (OFFER, DECLARATION):
                key_duplicate(say, move)
            if login and say.to_target and move.kind == OFFER and (move.settled or move.again):
                say.talk.repeated, say.talk.repeated_pdu = move.pair.key, say.number


def _in_login(say: Saying, move: Move, key: Key) -> None:
    if move.kind == QUESTION:
        key_ffpo_in_login(say, key)
        return
    if say.csg == SECURITY and not say.refuses:
        key_wrong_stage(say, key)
    if say.to_target and say.header[14:16] != b"\0\0":
        key_lo_on_nonleading(say, key)


def key_duplicate(say: Saying, move: Move) -> None:
    """A key is said twice in one negotiation.

    ## What it means
    Each side declares or offers a key once in a negotiation. A login is one negotiation.

    ## Why it matters
    The target has to refuse the login, the initiator to drop the connection: nobody knows which of the values counts.

    ## Example
        talk.open(offer={"TaskReporting": ""}, answer={"TargetAlias": "a"})
        other = talk.beside()
        other.handshake()
        names = [("InitiatorName", talk.initiator_name), ("TargetName", talk.target_name)]
        other.login_request([*names, ("MaxRecvDataSegmentLength", "8192"), ("MaxRecvDataSegmentLength", "4096")])

    ## When it is silent
    For answers, for keys that may repeat (TargetAddress, TargetName in discovery), for names and X#NodeArchitecture
    (they have rules of their own), after a refusal of the key, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 sections 6.3 and 6.4
    """
    if move.pair.key in (*NAMES, "X#NodeArchitecture") or (move.key is not None and move.key.repeats):
        return
    say.found("key-duplicate", {"key": move.pair.key[:SHOWN]}, move.again)


def key_renegotiated_in_login(say: Saying, move: Move) -> None:
    """A key is taken up again in the same login.

    ## What it means
    Once a key has been offered and answered, it is settled for the rest of the login.

    ## Why it matters
    The target has to refuse the login, the initiator to drop the connection.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "MaxBurstLength": "65536"}
        talk.login_request(keys, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "MaxBurstLength": "65536"})
        talk.login_request({"MaxBurstLength": "32768"})

    ## When it is silent
    If the first answer was a refusal, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 6.3
    """
    say.found("key-renegotiated-in-login", {"key": move.pair.key[:SHOWN]}, move.settled)


def key_reneg_not_rejected(say: Saying) -> None:
    """A target takes no offence at a key that is negotiated twice in a login.

    ## What it means
    The initiator offered a key again that it had offered before in the same login. The target has to refuse the login
    for that (initiator error); it answered with success.

    ## Why it matters
    Each side may hold another of the two values to be in force: burst lengths or digests then differ.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "MaxBurstLength": "65536"}
        talk.login_request(keys, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "MaxBurstLength": "65536"})
        talk.login_request({"MaxBurstLength": "32768"})
        talk.login_response()

    ## When it is silent
    If the first answer was a refusal, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 6.3
    """
    say.found("key-reneg-not-rejected", {"key": say.talk.repeated[:SHOWN]}, say.talk.repeated_pdu)


def key_sender_wrong(say: Saying, move: Move, key: Key) -> None:
    """A key is sent by the wrong side.

    ## What it means
    Some keys are for one side only: an initiator has no TargetPortalGroupTag, a target no InitiatorName.

    ## Why it matters
    It means nothing to the receiver, which ignores it or ends the login.

    ## Example
        talk.open(offer={"TargetPortalGroupTag": "1"}, answer={"TargetPortalGroupTag": ""})

    ## When it is silent
    For answers, and when a part of the text is not in the capture.

    ## Reference
    RFC 7143 sections 12 and 13
    """
    if key.senders != keytable.BOTH and key.senders != say.sender:
        say.found("key-sender-wrong", {"key": move.pair.key, "sender": key.senders})


def key_wrong_stage(say: Saying, key: Key) -> None:
    """An operational key in the security stage.

    ## What it means
    The security stage negotiates the method of authentication and carries its steps; apart from names, aliases,
    addresses and the session type nothing else may be said there.

    ## Why it matters
    What is negotiated before the authentication can be forged. The other side ends the login.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "MaxBurstLength": "65536"}
        talk.login_request(keys, csg=0, nsg=1)

    ## When it is silent
    For vendors' keys and unknown ones, and when a part of the text is not in the capture.

    ## Reference
    RFC 7143 sections 12 and 6.3
    """
    if keytable.SECURITY not in key.stages and key.status != "private":
        say.found("key-wrong-stage", {"key": key.name})


def key_lo_on_nonleading(say: Saying, key: Key) -> None:
    """A further connection negotiates what holds for the whole session.

    ## What it means
    Keys marked LO (leading only) are carried by the login that opens the session; a login that adds a connection must
    not bring them up again.

    ## Why it matters
    Targets answer NotUnderstood or end the login; if one took the value, it would change for the other connections,
    too.

    ## Example
        talk.terms.max_connections = 2
        talk.open()
        talk.join().open(offer={"MaxConnections": "2"}, answer={"MaxConnections": "NotUnderstood"})

    ## When it is silent
    When a part of the text is not in the capture.

    ## Reference
    RFC 7143 section 13
    """
    if key.use == keytable.LEADING_ONLY and key.name != "SessionType":
        say.found("key-lo-on-nonleading", {"key": key.name, "tsih": say.half(14)})


def key_io_in_ffp(say: Saying, key: Key) -> None:
    """A key of the login in the full feature phase.

    ## What it means
    Keys marked IO or LO are negotiated at login and cannot be changed afterwards.

    ## Why it matters
    Changing digests, for instance, while PDUs are under way would make the stream unreadable; the target rejects it.

    ## Example
        talk.open()
        talk.text({"HeaderDigest": "CRC32C"}, {"HeaderDigest": "Reject"})

    ## When it is silent
    When a part of the text is not in the capture.

    ## Reference
    RFC 7143 section 13
    """
    if key.use in (keytable.LEADING_ONLY, keytable.INITIALIZE_ONLY) and key.kind != keytable.AUTHENTICATION:
        say.found("key-io-in-ffp", {"key": key.name})


def key_ffpo_in_login(say: Saying, key: Key) -> None:
    """SendTargets in a login.

    ## What it means
    SendTargets is asked in the full feature phase, after the login.

    ## Why it matters
    The target ends the login.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "SessionType": "Discovery", "SendTargets": "All"}
        talk.login_request(keys)

    ## When it is silent
    When a part of the text is not in the capture.

    ## Reference
    RFC 7143 section 13.3 and appendix C
    """
    if say.to_target:
        say.found("key-ffpo-in-login", {"key": key.name})


def key_vendor_in_discovery(say: Saying, key: Key, name: str) -> None:
    """A vendor's key in a discovery session.

    ## What it means
    Keys that begin with X- are for normal sessions only.

    ## Why it matters
    Discovery has to work between any two implementations.

    ## Example
        talk.open(discovery=True, offer={"X-com.example.y": "1"}, answer={"X-com.example.y": "NotUnderstood"})

    ## When it is silent
    When the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 13.22
    """
    if key.status == "private" and say.discovery:
        say.found("key-vendor-in-discovery", {"key": name[:SHOWN]})


def key_unknown(say: Saying, move: Move) -> None:
    """A key that no standard knows.

    ## What it means
    The key is neither a standard one nor a vendor's, which would begin with X-.

    ## Why it matters
    It may be a misspelt key, whose value then has no effect.

    ## Example
        talk.open(offer={"MaxBurstLenght": "65536"}, answer={"MaxBurstLenght": "NotUnderstood"})

    ## When it is silent
    For answers, for keys that cannot be read or have the wrong case, and when a part of the text is not in the capture.

    ## Reference
    RFC 7143 sections 6.2 and 13.22
    """
    pair = move.pair
    if pair.value not in RESERVED_ANSWERS and not pair.problem and not misspelt(pair.key):
        say.found("key-unknown", {"key": move.pair.key[:SHOWN]})
