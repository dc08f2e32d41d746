"""What the two directions of one connection share while their bytes are framed: digest settings, and the
model that follows the conversation.

Compiled. Framers ask it what to expect after a header, and tell it what they learned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mypy_extensions import i64

if TYPE_CHECKING:
    from iscsi_analyzer.streams.pdu import PduInHand

OFF: Final = 0
ON: Final = 1
UNKNOWN: Final = 2
"Digest settings; the numbers count four-byte digests when they are known."

VOTES_FOR_NONE: Final = 4
"""So many PDUs without the digest settle that it is not in use. One that matches settles the opposite: the chance of
that is 1 in 2**32."""


class FramingContext:
    """Shared by the two framers of a connection."""

    def __init__(self, number: i64, header_digest: i64, data_digest: i64) -> None:
        self.number: i64 = number
        self.header_digest: i64 = header_digest
        self.data_digest: i64 = data_digest
        self.forced: bool = header_digest != UNKNOWN or data_digest != UNKNOWN
        self.inferred: bool = False
        self.verify_data: bool = True
        # Header positions are multiples of four from the start of the stream: every PDU is padded (RFC 7143 section
        # 11.2.3).
        self.aligned: bool = False
        self._header_none: i64 = 0
        self._data_none: i64 = 0

    def negotiated(self, header_digest: i64, data_digest: i64) -> None:
        """The login settled the digests (section 13.1): they hold from the next PDU in both directions."""
        if not self.forced:
            self.header_digest = header_digest
            self.data_digest = data_digest

    def saw_header_digest(self, matches: bool) -> None:
        """One PDU's evidence on the header digest, while that is unknown."""
        if matches:
            self.header_digest = ON
            self.inferred = True
            return
        self._header_none += 1
        if self._header_none >= VOTES_FOR_NONE and self.header_digest == UNKNOWN:
            self.header_digest = OFF
            self.inferred = True

    def saw_data_digest(self, matches: bool) -> None:
        """One PDU's evidence on the data digest, while that is unknown."""
        if matches:
            self.data_digest = ON
            self.inferred = True
            return
        self._data_none += 1
        if self._data_none >= VOTES_FOR_NONE and self.data_digest == UNKNOWN:
            self.data_digest = OFF
            self.inferred = True

    def knows(self, tag: i64) -> bool:
        """Whether a task with that Initiator Task Tag is open: evidence that bytes are a header."""
        return False

    def wants_data(self, tag: i64) -> bool:
        """Whether the data of that task describes the device: small, and worth keeping."""
        return False

    def follow(self, pdu: PduInHand, number: i64, data: bytes) -> i64:
        """PDU `number` is complete; `data` is its data segment if that is kept. Returns the number of the PDU that
        asked for it, or 0."""
        return 0
