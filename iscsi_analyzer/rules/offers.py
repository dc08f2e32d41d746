"""Who offered which key, what was answered and what was declared, in one negotiation: a login, or one exchange of text.

Takes pairs in the order in which they were sent and says of each what it is. No opinions. RFC 7143 section 6.2.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from dissectors.iscsi.keys import Pair
from dissectors.iscsi.keytable import AUTHENTICATION, DECLARATIVE, REQUEST, Key, find_key
from dissectors.iscsi.values import RESERVED_ANSWERS

OFFER: Final = "offer"
ANSWER: Final = "answer"
DECLARATION: Final = "declaration"
STEP: Final = "step"
"A key of an authentication method: each method has an order of its own."
QUESTION: Final = "question"
"SendTargets."

MAX_KEYS: Final = 4096
"Keys that are followed in one negotiation."


@dataclass(slots=True)
class Statement:
    """A key as one side said it, and how the other side answered."""

    key: str
    value: str
    to_target: bool
    pdu: int
    answer: str | None = None
    answer_pdu: int = 0
    again: bool = False
    "It was settled before: nobody owes another answer."


@dataclass(slots=True)
class Move:
    """What one pair is in its negotiation."""

    kind: str
    "OFFER, ANSWER, DECLARATION, STEP or QUESTION."
    pair: Pair
    key: Key | None
    "None if no standard knows the key."
    to: Statement | None = None
    "What an ANSWER answers."
    again: int = 0
    "PDU in which the same side said the key before, in this negotiation and not as an answer; 0 if it did not."
    settled: int = 0
    "PDU of the answer that had settled the offered key before; 0 if none had."


class Offers:
    """The negotiation of one connection so far."""

    __slots__ = ("_said", "open", "settled")

    def __init__(self) -> None:
        # Offers that wait for their answer, and those that have one, by key.
        self.open: dict[str, Statement] = {}
        self.settled: dict[str, Statement] = {}
        # Everything else, by key and side.
        self._said: dict[tuple[str, bool], Statement] = {}

    def said(self, key: str, by_initiator: bool) -> str | None:
        """What a side declared for a key (not offered, not answered)."""
        statement = self._said.get((key, by_initiator))
        return None if statement is None else statement.value

    def result(self, key: str) -> str | None:
        """The answer that settled an offered key, unless it refused the key."""
        statement = self.settled.get(key)
        if statement is None or statement.answer in RESERVED_ANSWERS:
            return None
        return statement.answer

    def read(self, pairs: Iterable[Pair], to_target: bool, pdu: int) -> list[Move]:
        """Takes the pairs of one text, ended by PDU `pdu`."""
        return [self._take(pair, to_target, pdu) for pair in pairs]

    def _take(self, pair: Pair, to_target: bool, pdu: int) -> Move:
        name, value = pair.key, pair.value
        key = find_key(name)
        kind = "" if key is None else key.kind
        waiting = self.open.get(name)
        if waiting is not None and waiting.to_target != to_target:
            del self.open[name]
            waiting.answer, waiting.answer_pdu = value, pdu
            self.settled[name] = waiting
            return Move(ANSWER, pair, key, waiting)
        if kind in (DECLARATIVE, REQUEST, AUTHENTICATION):
            other = self._said.get((name, not to_target))
            if value in RESERVED_ANSWERS and other is not None:
                return Move(ANSWER, pair, key, other)
            what = DECLARATION if kind == DECLARATIVE else STEP if kind == AUTHENTICATION else QUESTION
            before = self._said.get((name, to_target))
            if before is None and len(self._said) < MAX_KEYS:
                self._said[name, to_target] = Statement(name, value, to_target, pdu)
            return Move(what, pair, key, again=0 if before is None else before.pdu)
        done = self.settled.get(name)
        move = Move(OFFER, pair, key, again=0 if waiting is None else waiting.pdu)
        if done is not None and done.answer not in RESERVED_ANSWERS:
            move.settled = done.answer_pdu
        if value not in RESERVED_ANSWERS and len(self.open) < MAX_KEYS:
            self.open[name] = Statement(name, value, to_target, pdu, again=move.settled != 0)
        return move
