"""The PDU at hand, as the rules on login, keys and text see it: its fields, what it says, and what was said before.

Interpreted: made for login and text PDUs, and for whatever else comes while a login is under way.
"""

from __future__ import annotations

from dissectors.iscsi.keys import Pair, Text
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.sessions import Sessions
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.conversation import Conversation, unbroken
from iscsi_analyzer.rules.desk import INITIATOR, TARGET, Desk
from iscsi_analyzer.rules.offers import Move

SECURITY, OPERATIONAL, FULL_FEATURE = 0, 1, 3
"Stages of a login."
RESERVED = 0xFFFFFFFF
STAGES = ("SecurityNegotiation", "LoginOperationalNegotiation", "the reserved stage 2", "FullFeaturePhase")


class Saying:
    """One PDU. Login fields mean something in login PDUs only, `status` in Login Responses."""

    __slots__ = (
        "_session", "broken", "csg", "desk", "final", "follower", "header", "look", "more", "moves", "nsg", "number",
        "opcode", "others", "pairs", "status", "talk", "text", "to_target", "values", "whole",
    )  # fmt: skip

    def __init__(self, talk: Conversation, follower: Follower, look: Look, desk: Desk) -> None:
        header = look.header
        self.talk = talk
        self.follower = follower
        self.look = look
        self.header = header
        self.number = look.number
        self.opcode = look.opcode
        self.to_target = look.to_target
        self.whole = unbroken(follower) and not talk.muddled
        "Everything that was sent on the connection so far is known."
        self.final = bool(header[1] & 0x80)
        "T of a login PDU, F of a text PDU."
        self.more = bool(header[1] & 0x40)
        "C: the text goes on in the next PDU."
        self.csg = (header[1] >> 2) & 0x03
        self.nsg = header[1] & 0x03
        self.status = self.half(36) if look.opcode == 0x23 else 0
        self.text: Text | None = None
        "The whole text that ends with this PDU; None while it goes on, or if parts are missing."
        self.pairs: list[Pair] = []
        self.values: dict[str, str] = {}
        "The first value of each key in it."
        self.moves: list[Move] = []
        self.broken: list[str] = []
        "Rules that its sender has broken with it, as far as was found."
        self.others: list[str] = []
        "Rules that the other side has broken, as the PDU shows."
        self.desk = desk
        self._session = follower.session.number

    def join(self) -> None:
        """The first Login Request says to which session the connection belongs."""
        finder = self.follower.finder
        assert isinstance(finder, Sessions)
        self._session = finder.joins(self.follower, self.header, self.look.data).number

    def listen(self, text: Text | None) -> None:
        """The text that ends with this PDU."""
        self.text = text
        if text is not None:
            self.pairs = text.pairs
            for pair in text.pairs:
                self.values.setdefault(pair.key, pair.value)

    @property
    def sender(self) -> str:
        """The party that sent the PDU."""
        return INITIATOR if self.to_target else TARGET

    @property
    def discovery(self) -> bool:
        """The session is for discovery, as far as was said."""
        return self.talk.discovery or (self.to_target and self.values.get("SessionType") == "Discovery")

    @property
    def joins(self) -> bool:
        """The login adds a connection to a session, or replaces one: its requests have a TSIH."""
        first = self.talk.first
        if not first and self.opcode == 0x03:
            first = self.header
        return first[14:16] not in (b"", b"\0\0")

    @property
    def refuses(self) -> bool:
        """A Login Response that ends the login without success: Status-Class is not 0."""
        return self.status > 0xFF

    @property
    def accepts(self) -> bool:
        """A Login Response that lets the login go on to the next stage."""
        return self.opcode == 0x23 and self.final and not self.more and not self.refuses

    @property
    def ends_login(self) -> bool:
        """A Login Response with which the full feature phase begins."""
        return self.accepts and self.nsg == FULL_FEATURE

    def half(self, at: int) -> int:
        """The 16-bit field at an offset of the header."""
        return int.from_bytes(self.header[at : at + 2], "big")

    def word(self, at: int) -> int:
        """The 32-bit field at an offset of the header."""
        return int.from_bytes(self.header[at : at + 4], "big")

    def found(self, rule: str, facts: dict[str, object], related: int = 0, party: str = "") -> None:
        """A rule was broken: by the sender, unless another party is named."""
        tag = self.look.tag if self.look.tag != RESERVED else -1
        (self.broken if party in ("", self.sender) else self.others).append(rule)
        self.desk.found(
            rule, party or self.sender, self._session, self.follower.number, self.number, facts, related, tag
        )
