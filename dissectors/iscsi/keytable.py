"""Every standard text key, declared: who may send it, when, its values, and how an answer follows from an offer.

RFC 7143 sections 12 and 13, RFC 7144 section 7 (iSCSIProtocolLevel), RFC 7145 section 6 (iSER), and the keys of RFC
3720 that later standards removed. A table, no behaviour: negotiation is modelled elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# When a key may be used
LEADING_ONLY: Final = "LO"  # the login of a session's first connection
INITIALIZE_ONLY: Final = "IO"  # any login
FULL_FEATURE_ONLY: Final = "FFPO"
ALL: Final = "ALL"

# Who may send it
INITIATOR: Final = "initiator"
TARGET: Final = "target"
BOTH: Final = "both"

# What it governs
SESSION: Final = "SW"
CONNECTION: Final = "CO"

# What kind of key it is
NEGOTIATED: Final = "negotiated"
DECLARATIVE: Final = "declarative"
REQUEST: Final = "request"
AUTHENTICATION: Final = "authentication"
KEY_SPECIFIC: Final = "key-specific"

# The form of its values
BOOLEAN: Final = "boolean"
NUMBER: Final = "number"
RANGE: Final = "range"  # offered as low~high, answered with a number
LIST: Final = "list"  # of names, or of numbers
CHOICE: Final = "choice"
TEXT: Final = "text"
NAME: Final = "name"  # an iSCSI name
BINARY: Final = "binary"
ADDRESS: Final = "address"

# How the result follows from offer and answer
MINIMUM: Final = "minimum"
MAXIMUM: Final = "maximum"
AND: Final = "and"
OR: Final = "or"
FIRST_SUPPORTED: Final = "first supported"
OFFERED_RANGE: Final = "within the offered range"
NO_RESULT: Final = ""

# Stages in which it may appear
SECURITY: Final = "security"
OPERATIONAL: Final = "operational"
FULL_FEATURE: Final = "full feature"

Condition = tuple[tuple[str, str], ...]
"(key, value) pairs that all hold."


@dataclass(slots=True, frozen=True)
class Key:
    """One text key. The field docs say what each column means."""

    name: str
    use: str
    "LEADING_ONLY, INITIALIZE_ONLY, FULL_FEATURE_ONLY or ALL."
    senders: str
    "INITIATOR, TARGET or BOTH."
    scope: str
    "SESSION or CONNECTION; empty for keys that define it themselves."
    kind: str
    "NEGOTIATED, DECLARATIVE, REQUEST, AUTHENTICATION or KEY_SPECIFIC."
    form: str
    "The form of its values."
    rfc: str
    low: int = 0
    "Smallest number, or length of a binary value or text in bytes."
    high: int = 0
    "Largest number, or length in bytes; 0: no bound stated."
    choices: tuple[str, ...] = ()
    "The values that the standard names."
    default: str | None = None
    "What holds if nobody sends it; None if nothing does."
    result: str = NO_RESULT
    irrelevant: tuple[Condition, ...] = ()
    "Conditions, any of which makes the key irrelevant."
    stages: tuple[str, ...] = (OPERATIONAL,)
    status: str = "current"
    "current, obsolete, iSER or private."
    repeats: bool = False
    "True if it may stand more than once in one negotiation."
    silent_answer: str | None = None
    "The offered value to which the answer may be left out (None: an answer is due, if the key is negotiated at all)."
    filter: str = ""
    "Name in the filter language."


_DISCOVERY: Final[tuple[Condition, ...]] = ((("SessionType", "Discovery"),),)
_ISER: Final[tuple[Condition, ...]] = ((("RDMAExtensions", "Yes"),),)
_PLAIN: Final[tuple[Condition, ...]] = ((("RDMAExtensions", "No"),),)
_LOGIN_STAGES: Final = (SECURITY, OPERATIONAL)
_EVERYWHERE: Final = (SECURITY, OPERATIONAL, FULL_FEATURE)
_YES_NO: Final = ("Yes", "No")
_MAX_LENGTH: Final = 0xFFFFFF  # DataSegmentLength has 24 bits
_MAX_32: Final = 0xFFFFFFFF


def _digest(name: str, filter_name: str) -> Key:
    return Key(
        name, INITIALIZE_ONLY, BOTH, CONNECTION, NEGOTIATED, LIST, "RFC 7143 13.1", choices=("CRC32C", "None"),
        default="None", result=FIRST_SUPPORTED, irrelevant=_ISER, filter=filter_name,
    )  # fmt: skip


def _boolean(name: str, section: str, result: str, default: str, filter_name: str, silent: str | None) -> Key:
    return Key(
        name, LEADING_ONLY, BOTH, SESSION, NEGOTIATED, BOOLEAN, section, choices=_YES_NO, default=default,
        result=result, irrelevant=_DISCOVERY, silent_answer=silent, filter=filter_name,
    )  # fmt: skip


def _number(
    name: str, section: str, low: int, high: int, default: str, result: str, filter_name: str,
    irrelevant: tuple[Condition, ...] = _DISCOVERY,
) -> Key:  # fmt: skip
    return Key(
        name, LEADING_ONLY, BOTH, SESSION, NEGOTIATED, NUMBER, section, low, high, default=default, result=result,
        irrelevant=irrelevant, filter=filter_name,
    )  # fmt: skip


def _marker(name: str, filter_name: str) -> Key:
    return Key(
        name, INITIALIZE_ONLY, BOTH, CONNECTION, NEGOTIATED, BOOLEAN, "RFC 3720 A.3", choices=_YES_NO, default="No",
        result=AND, irrelevant=_ISER, status="obsolete", filter=filter_name,
    )  # fmt: skip


def _marker_interval(name: str, marker: str, filter_name: str) -> Key:
    return Key(
        name, INITIALIZE_ONLY, BOTH, CONNECTION, NEGOTIATED, RANGE, "RFC 3720 A.3", 1, 65535, default="2048",
        result=OFFERED_RANGE, irrelevant=(((marker, "No"),), *_ISER), status="obsolete", filter=filter_name,
    )  # fmt: skip


def _iser(
    name: str, section: str, senders: str = BOTH, form: str = NUMBER, high: int = _MAX_32, default: str = "0"
) -> Key:
    return Key(
        name, LEADING_ONLY, senders, SESSION, DECLARATIVE, form, f"RFC 7145 {section}",
        high=high if form == NUMBER else 0,
        choices=_YES_NO if form == BOOLEAN else (), default=default, irrelevant=_PLAIN, status="iSER",
    )  # fmt: skip


def _iser_length(name: str, section: str) -> Key:
    return Key(
        name, INITIALIZE_ONLY, BOTH, CONNECTION, NEGOTIATED, NUMBER, f"RFC 7145 {section}", 512, _MAX_LENGTH,
        default="8192", result=MINIMUM, irrelevant=_PLAIN, status="iSER",
    )  # fmt: skip


def _security(
    name: str, section: str, senders: str, form: str, high: int = 0, filter_name: str = "", *,
    low: int = 0, choices: tuple[str, ...] = (), status: str = "current",
) -> Key:  # fmt: skip
    return Key(
        name, INITIALIZE_ONLY, senders, CONNECTION, AUTHENTICATION, form, section, low, high, choices,
        stages=(SECURITY,), status=status, filter=filter_name,
    )  # fmt: skip


_STANDARD: Final = (
    _digest("HeaderDigest", "iscsi.login.header_digest"),
    _digest("DataDigest", "iscsi.login.data_digest"),
    _number("MaxConnections", "RFC 7143 13.2", 1, 65535, "1", MINIMUM, "iscsi.login.max_connections"),
    Key("SendTargets", FULL_FEATURE_ONLY, INITIATOR, SESSION, REQUEST, TEXT, "RFC 7143 13.3", choices=("All",),
        stages=(FULL_FEATURE,), filter="iscsi.login.send_targets"),
    Key("TargetName", ALL, BOTH, SESSION, DECLARATIVE, NAME, "RFC 7143 13.4", 1, 223, stages=_EVERYWHERE, repeats=True,
        filter="iscsi.login.target_name"),
    Key("InitiatorName", INITIALIZE_ONLY, INITIATOR, SESSION, DECLARATIVE, NAME, "RFC 7143 13.5", 1, 223,
        stages=_LOGIN_STAGES, filter="iscsi.login.initiator_name"),
    Key("TargetAlias", ALL, TARGET, SESSION, DECLARATIVE, TEXT, "RFC 7143 13.6", 0, 255, stages=_EVERYWHERE,
        filter="iscsi.login.target_alias"),
    Key("InitiatorAlias", ALL, INITIATOR, SESSION, DECLARATIVE, TEXT, "RFC 7143 13.7", 0, 255, stages=_EVERYWHERE),
    Key("TargetAddress", ALL, TARGET, SESSION, DECLARATIVE, ADDRESS, "RFC 7143 13.8", stages=_EVERYWHERE, repeats=True,
        filter="iscsi.login.target_address"),
    Key("TargetPortalGroupTag", INITIALIZE_ONLY, TARGET, SESSION, DECLARATIVE, NUMBER, "RFC 7143 13.9", 0, 65535,
        stages=_LOGIN_STAGES, filter="iscsi.login.target_portal_group_tag"),
    _boolean("InitialR2T", "RFC 7143 13.10", OR, "Yes", "iscsi.login.initialr2t", "Yes"),
    _boolean("ImmediateData", "RFC 7143 13.11", AND, "Yes", "iscsi.login.immediate_data", "No"),
    Key("MaxRecvDataSegmentLength", ALL, BOTH, CONNECTION, DECLARATIVE, NUMBER, "RFC 7143 13.12", 512, _MAX_LENGTH,
        default="8192", irrelevant=_ISER, stages=(OPERATIONAL, FULL_FEATURE),
        filter="iscsi.login.max_recv_data_segment_length"),
    _number("MaxBurstLength", "RFC 7143 13.13", 512, _MAX_LENGTH, "262144", MINIMUM, "iscsi.login.max_burst_length"),
    _number("FirstBurstLength", "RFC 7143 13.14", 512, _MAX_LENGTH, "65536", MINIMUM,
            "iscsi.login.first_burst_length",
            (*_DISCOVERY, (("InitialR2T", "Yes"), ("ImmediateData", "No")))),
    _number("DefaultTime2Wait", "RFC 7143 13.15", 0, 3600, "2", MAXIMUM, "iscsi.login.default_time_to_wait", ()),
    _number("DefaultTime2Retain", "RFC 7143 13.16", 0, 3600, "20", MINIMUM, "iscsi.login.default_time_to_retain", ()),
    _number("MaxOutstandingR2T", "RFC 7143 13.17", 1, 65535, "1", MINIMUM, "iscsi.login.max_outstanding_r2t"),
    _boolean("DataPDUInOrder", "RFC 7143 13.18", OR, "Yes", "iscsi.login.data_pdu_in_order", "Yes"),
    _boolean("DataSequenceInOrder", "RFC 7143 13.19", OR, "Yes", "iscsi.login.data_sequence_in_order", "Yes"),
    _number("ErrorRecoveryLevel", "RFC 7143 13.20", 0, 2, "0", MINIMUM, "iscsi.error_recovery_level", ()),
    Key("SessionType", LEADING_ONLY, INITIATOR, SESSION, DECLARATIVE, CHOICE, "RFC 7143 13.21",
        choices=("Discovery", "Normal"), default="Normal", stages=_LOGIN_STAGES, filter="iscsi.login.session_type"),
    Key("TaskReporting", LEADING_ONLY, BOTH, SESSION, NEGOTIATED, LIST, "RFC 7143 13.23",
        choices=("RFC3720", "ResponseFence", "FastAbort"), default="RFC3720", result=FIRST_SUPPORTED,
        irrelevant=_DISCOVERY),
    Key("X#NodeArchitecture", LEADING_ONLY, BOTH, SESSION, DECLARATIVE, LIST, "RFC 7143 13.26", 0, 255, default="None"),
    _number("iSCSIProtocolLevel", "RFC 7144 7.1.1", 0, 31, "1", MINIMUM, ""),
)  # fmt: skip

_OBSOLETE: Final = (
    _marker("IFMarker", "iscsi.login.if_marker"),
    _marker("OFMarker", "iscsi.login.of_marker"),
    _marker_interval("IFMarkInt", "IFMarker", ""),
    _marker_interval("OFMarkInt", "OFMarker", ""),
)

_ISER_KEYS: Final = (
    Key("RDMAExtensions", LEADING_ONLY, BOTH, SESSION, NEGOTIATED, BOOLEAN, "RFC 7145 6.3", choices=_YES_NO,
        default="No", result=AND, irrelevant=_DISCOVERY, status="iSER"),
    _iser_length("TargetRecvDataSegmentLength", "6.4"),
    _iser_length("InitiatorRecvDataSegmentLength", "6.5"),
    _iser("MaxOutstandingUnexpectedPDUs", "6.7"),
    _iser("MaxAHSLength", "6.8", default="256"),
    _iser("TaggedBufferForSolicitedDataOnly", "6.9", INITIATOR, BOOLEAN, default="No"),
    _iser("iSERHelloRequired", "6.10", INITIATOR, BOOLEAN, default="No"),
)  # fmt: skip

_CHAP = "RFC 7143 12.1.3"
_SRP = "RFC 7143 12.1.2"
_KRB = "RFC 7143 12.1.1"
_SPKM = "RFC 3720 11.1.2"

_SECURITY_KEYS: Final = (
    Key("AuthMethod", INITIALIZE_ONLY, BOTH, CONNECTION, NEGOTIATED, LIST, "RFC 7143 12.1",
        choices=("KRB5", "SRP", "CHAP", "None"), result=FIRST_SUPPORTED, stages=(SECURITY,),
        filter="iscsi.login.auth_method"),
    _security("CHAP_A", _CHAP, BOTH, LIST, filter_name="iscsi.login.chap_a", choices=("5", "6", "7", "8")),
    _security("CHAP_I", _CHAP, BOTH, NUMBER, 255, "iscsi.login.chap_i"),
    _security("CHAP_C", _CHAP, BOTH, BINARY, 1024, "iscsi.login.chap_c", low=1),
    _security("CHAP_N", _CHAP, BOTH, TEXT, filter_name="iscsi.login.chap_n"),
    _security("CHAP_R", _CHAP, BOTH, BINARY, 1024, "iscsi.login.chap_r"),
    _security("SRP_U", _SRP, INITIATOR, TEXT),
    _security("TargetAuth", _SRP, INITIATOR, BOOLEAN, choices=_YES_NO),
    _security("SRP_GROUP", _SRP, BOTH, LIST,
              choices=("SRP-768", "SRP-1024", "SRP-1280", "SRP-1536", "SRP-2048", "MODP-3072", "MODP-4096",
                       "MODP-6144", "MODP-8192")),
    _security("SRP_s", _SRP, TARGET, BINARY, 1024),
    _security("SRP_A", _SRP, INITIATOR, BINARY, 1024),
    _security("SRP_B", _SRP, TARGET, BINARY, 1024),
    _security("SRP_M", _SRP, INITIATOR, BINARY, 1024),
    _security("SRP_HM", _SRP, TARGET, BINARY, 1024),
    _security("KRB_AP_REQ", _KRB, INITIATOR, BINARY, 65536),
    _security("KRB_AP_REP", _KRB, TARGET, BINARY, 65536),
    *(_security(name, _SPKM, BOTH, BINARY, status="obsolete")
      for name in ("SPKM_REQ", "SPKM_ERROR", "SPKM_REP_TI", "SPKM_REP_IT")),
)  # fmt: skip

KEYS: Final[dict[str, Key]] = {key.name: key for key in (*_STANDARD, *_OBSOLETE, *_ISER_KEYS, *_SECURITY_KEYS)}
"Every standard key by its name; names are case-sensitive."

PRIVATE: Final = Key(
    "X-", ALL, BOTH, "", KEY_SPECIFIC, TEXT, "RFC 7143 13.22", stages=(OPERATIONAL, FULL_FEATURE), status="private"
)
"What is known of a private extension key (`X-` and a reversed domain name)."

CHAP_ALGORITHMS: Final = {5: "MD5", 6: "SHA-1", 7: "SHA-256", 8: "SHA3-256"}


def find_key(name: str) -> Key | None:
    """The declaration of a key: standard or private; None for names that no standard knows."""
    key = KEYS.get(name)
    if key is None and name.startswith("X-"):
        return PRIVATE
    return key
