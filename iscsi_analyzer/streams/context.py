"""What the two directions of one connection share while their bytes are framed: digest settings and open tasks.

Compiled. Framers ask it what to expect after a header, and tell it what they learned.
"""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

OFF: Final = 0
ON: Final = 1
UNKNOWN: Final = 2
"Digest settings; the numbers count four-byte digests when they are known."

VOTES_FOR_NONE: Final = 4
"""So many PDUs without the digest settle that it is not in use. One that matches settles the opposite: the chance of
that is 1 in 2**32."""

MAX_OPEN: Final = 1 << 18
"Open tags kept for one connection; more only come from captures made to exhaust memory."

KEEP_DATA: Final = 1 << 32
"Marks an open command whose data describes the device (INQUIRY, READ CAPACITY ...): small, and worth keeping."


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
        # Open tag -> number of the PDU that opened it, with KEEP_DATA. Tags of the target are marked by bit 32.
        self.requests: dict[int, int] = {}
        self.overflows: i64 = 0
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

    def open(self, tag: i64, number: i64) -> None:
        """Remembers that PDU `number` (with KEEP_DATA if wanted) opened `tag`; a tag in use is taken over."""
        requests = self.requests
        if len(requests) >= MAX_OPEN:
            requests.clear()
            self.overflows += 1
        requests[tag] = number
