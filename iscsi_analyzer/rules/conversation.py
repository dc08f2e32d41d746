"""What the rules on login, keys and text remember of one connection.

Filled by `saying` after the rules have seen a PDU, so that they judge it against what was said before. No opinions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from dissectors.iscsi.keys import Text, parse_text
from iscsi_analyzer.rules.offers import Offers
from iscsi_analyzer.streams.pdu import LOST
from iscsi_analyzer.streams.serial import distance

if TYPE_CHECKING:
    from iscsi_analyzer.model.following import Follower
    from iscsi_analyzer.streams.connection import Direction

MAX_TEXT: Final = 1 << 18
"Bytes of one text that continues over several PDUs, at most."


@dataclass(slots=True)
class Chap:
    """How far a CHAP exchange came (RFC 7143 section 12.1.3). Numbers are PDUs; 0 means not yet."""

    asked: int = 0
    "The initiator offered algorithms."
    algorithms: list[str] = field(default_factory=list)
    challenged: int = 0
    "The target sent its challenge."
    algorithm: str = ""
    challenge: bytes = b""
    answered: int = 0
    "The initiator sent its response."
    back: int = 0
    "The initiator challenged the target."
    reflected: int = 0
    "It did so with the target's own challenge."
    proved: int = 0
    "The target sent its response."


@dataclass(slots=True)
class Faults:
    """What a side did wrong with its latest login PDU, until the other side has answered it."""

    rules: list[str] = field(default_factory=list)
    pdu: int = 0
    end: int = 0
    "Sequence number of the byte behind the PDU."
    proof: str = ""
    "The key of the PDU that proves who its sender is, if it has nothing else to say."
    reflected: bool = False
    "What shall prove who its sender is was only sent back."

    def first(self, rules: frozenset[str]) -> str:
        """The first of these rules that was broken; empty if none was."""
        return next((rule for rule in self.rules if rule in rules), "")


@dataclass(slots=True)
class Exchange:
    """A Text Request, the requests that continue it, and their responses, while it goes on (section 11.10)."""

    header: bytes
    "Header of the first request."
    pdu: int
    losses: int
    "`Follower.losses` when it began; -1 if that was not seen."
    request: bytes = b""
    "Header of the latest request."
    request_pdu: int = 0
    waiting: bool = True
    "The latest request has no response yet."
    response: bytes = b""
    response_pdu: int = 0
    offers: Offers = field(default_factory=Offers)
    question: str | None = None
    "The value of SendTargets, if that is what is asked."
    ts: int = 0
    "When its latest PDU came."
    repeated: bool = False
    "The latest request says a key once more."
    latest: str = ""
    "The latest target name in the answer, as long as no address has followed it."
    named: str = ""
    "The latest target name in the answer."
    records: set[tuple[str, str]] = field(default_factory=set)
    "Addresses with their target names in the answer so far; no address for names that have none."
    names: int = 0
    "Target names in the answer so far."
    portals: dict[str, int | None] = field(default_factory=dict)
    "Portals of the latest name, with their portal group tags."


@dataclass(slots=True)
class Conversation:
    """One connection, as far as it speaks in login and text PDUs. Headers are b"" and PDUs 0 while there is none."""

    requests: int = 0
    "Login Requests so far."
    outstanding: int = 0
    "Login Requests that have no response yet."
    first: bytes = b""
    "Header of the first Login Request."
    first_pdu: int = 0
    request: bytes = b""
    "Header of the latest Login Request."
    request_pdu: int = 0
    response: bytes = b""
    "Header of the latest Login Response that does not reject."
    response_pdu: int = 0
    versions: bytes = b""
    "Version bytes of the first Login Response that does not reject."
    versions_pdu: int = 0
    agreed: int = -1
    "The stage in which the login is (RFC 7143 section 6.3); -1 before the first request."
    operational: int = 0
    "First request of the operational stage."
    immediate: bool = True
    "Every Login Request had the I bit."
    status: int = 0
    rejected: int = 0
    "Login Response with a status other than success."
    rejected_end: int = 0
    "Sequence number of the byte behind it."
    rejected_ts: int = 0
    full_feature: int = 0
    "Login Response that ended the login."
    first_command: int = 0
    "First command afterwards that takes a CmdSN."
    not_login: int = 0
    "First PDU of the initiator, if it was no Login Request."
    early: int = 0
    "First PDU of the target, if nobody had asked."
    stray: int = 0
    "First PDU of the initiator in the login that is no Login Request; its opcode and time."
    stray_opcode: int = 0
    stray_ts: int = 0
    target_stray: int = 0
    "First PDU of the target in the login that is no Login Response; its opcode, and the sequence number behind it."
    target_stray_opcode: int = 0
    target_stray_end: int = 0
    left_open: str = ""
    "A key that the initiator offered in PDU `left_open_pdu`, and whose stage ended without an answer."
    left_open_pdu: int = 0
    muddled: bool = False
    "What was seen makes no sense as a login: nothing is concluded from it any more."
    texts: dict[bool, int] = field(default_factory=lambda: {True: 0, False: 0})
    "Whole texts of each side (True: the initiator) in the login."
    offers: Offers = field(default_factory=Offers)
    discovery: bool = False
    target_name: str = ""
    name_missing: str = ""
    "InitiatorName or TargetName, if the first text lacks it."
    portal_group: str | None = None
    portal_due: int = 0
    "The Login Response that should have told the portal group, and did not."
    methods: list[str] = field(default_factory=list)
    "Authentication methods that were offered."
    method: str = ""
    "The one that was chosen."
    failed: str = ""
    "A key that was rejected, and by which PDU."
    failed_pdu: int = 0
    repeated: str = ""
    "A key that the latest Login Request offered although the initiator had offered it before, and the PDU."
    repeated_pdu: int = 0
    chap: Chap = field(default_factory=Chap)
    last_text: dict[bool, int] = field(default_factory=lambda: {True: 0, False: 0})
    "The PDU with the latest whole text of each side in the login."
    operational_texts: dict[bool, int] = field(default_factory=lambda: {True: 0, False: 0})
    "Whole texts of each side in the operational stage."
    level_open: int = 0
    "The offer of iSCSIProtocolLevel that the login left without an answer."
    rdma: int = 0
    "The Login Response that ended a login with iSER, until something comes after it."
    said_bytes: dict[bool, int] = field(default_factory=lambda: {True: 0, False: 0})
    "Bytes of text of each side in the login."
    cut: dict[bool, int] = field(default_factory=lambda: {True: 0, False: 0})
    "The PDU with the latest text of each side, if that ended within a pair."
    srp_steps: int = 0
    "Steps of SRP that were taken in order; -1 if they are out of order."
    faults: dict[bool, Faults] = field(default_factory=lambda: {True: Faults(), False: Faults()})
    "Of each side (True: the initiator)."
    exchange: Exchange | None = None
    text_rejected: int = 0
    "The Reject of a text exchange in which a key was repeated, until the next Text Request."
    _text: dict[bool, bytes] = field(default_factory=lambda: {True: b"", False: b""})
    _lost: dict[bool, bool] = field(default_factory=lambda: {True: False, False: False})

    def forget_negotiation(self) -> None:
        """The login is over: what only its rules needed takes no more room."""
        self.offers = Offers()
        self.chap = Chap()
        self.methods = []

    def forget_text(self) -> None:
        """A text begins anew, or parts of it are missing: what was gathered is not part of what comes."""
        self._text = {True: b"", False: b""}
        self._lost = {True: False, False: False}

    def text(self, to_target: bool, data: bytes, length: int, more: bool) -> Text | None:
        """Adds a data segment to the text of one side; gives the whole text when it ends here and nothing of it is
        missing."""
        if len(data) < length or len(self._text[to_target]) > MAX_TEXT:
            self._lost[to_target] = True
        if more:
            if not self._lost[to_target]:
                self._text[to_target] += data
            return None
        before, lost = self._text[to_target], self._lost[to_target]
        self._text[to_target], self._lost[to_target] = b"", False
        return None if lost else parse_text(before + data)


def unbroken(follower: Follower) -> bool:
    """Whether everything that was sent on the connection so far is in the capture, from its SYNs on, and was
    understood as PDUs."""
    connection = follower.connection
    return _seen(connection.first) and _seen(connection.second)


def nothing_unseen(follower: Follower) -> bool:
    """Whether neither side has acknowledged bytes that the capture did not show (yet)."""
    connection = follower.connection
    return _ahead(connection.first) <= 0 and _ahead(connection.second) <= 0


def _seen(direction: Direction) -> bool:
    framer = direction.framer
    if framer is not None and (framer.skipped or framer.state == LOST):
        return False
    lacking = direction.gaps or direction.snaplen_bytes or direction.stray
    return direction.isn >= 0 and not lacking and _ahead(direction) <= 0


def _ahead(direction: Direction) -> int:
    """How many bytes the receiver has acknowledged that were not seen; a FIN counts as one. 1 if nothing was seen."""
    if direction.acked < 0:
        return 0
    if direction.next_seq < 0:
        return 1
    return distance(direction.acked, direction.next_seq) - int(direction.fin)
