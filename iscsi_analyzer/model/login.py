"""What the login of a connection says: who, to what, with which digests, and how it ended. Also the targets that
discovery names.

Sees every login and text PDU once, in order. RFC 7143 sections 6.3, 11.12, 11.13 and 13; no opinions.
"""

from __future__ import annotations

from dataclasses import dataclass

from dissectors.iscsi.keys import parse_text
from dissectors.iscsi.values import parse_address
from iscsi_analyzer.streams.context import OFF, ON, UNKNOWN

LOGIN_REQUEST, TEXT_REQUEST, LOGIN_RESPONSE, TEXT_RESPONSE = 0x03, 0x04, 0x23, 0x24
FULL_FEATURE = 3
MAX_TEXT = 1 << 18
"Bytes of one text that continues over several PDUs, at most."
MAX_KEYS = 4096
MAX_SAID = 1 << 20
"Keys remembered for one connection, and their bytes."


@dataclass(slots=True)
class Said:
    """One key=value pair as it was sent."""

    pdu: int
    to_target: bool
    key: str
    value: str


class Login:
    """The login phase, and the text exchanges, of one connection."""

    def __init__(self) -> None:
        self.requests = 0
        self.responses = 0
        self.status: tuple[int, int] | None = None
        "Status class and detail of the last Login Response."
        self.complete = False
        "A Login Response led to the full feature phase."
        self.isid = b""
        self.tsih = 0
        self.cid = 0
        self.stage = 0
        self.said: list[Said] = []
        self.header_digest = UNKNOWN
        self.data_digest = UNKNOWN
        self.news = False
        "The digests have just become known: set here, cleared by whoever acts on it."
        self._ports: list[int] = []
        self._text = {True: b"", False: b""}
        self.hole = False
        "Keys may have been said that the capture lacks, or that were too many to remember before the login was over."
        self.forgotten = 0
        "Keys that were too many to remember."
        self._size = 0

    def pdu(self, number: int, header: bytes, data: bytes, lost_before: bool, whole: bool = True) -> None:
        """One login or text PDU: its header, and of its data segment what was captured.

        `lost_before` tells that bytes of the connection are missing so far, which may have held keys; `whole`, that
        all of the header was captured: the status stands near its end.
        """
        opcode = header[0] & 0x3F
        to_target = opcode < 0x20
        cut = len(data) < int.from_bytes(header[5:8], "big")
        if cut or lost_before:
            self.hole = True
        if opcode == LOGIN_REQUEST:
            self.requests += 1
            self.isid, self.cid = header[8:14], int.from_bytes(header[20:22], "big")
        elif opcode == LOGIN_RESPONSE:
            self.responses += 1
            self.status = (header[36], header[37]) if whole else None
            self.tsih = int.from_bytes(header[14:16], "big")
        self._collect(number, to_target, data, bool(header[1] & 0x40), cut)
        if opcode == LOGIN_RESPONSE and self.status == (0, 0):
            self.stage = (header[1] & 0x03) if header[1] & 0x80 else (header[1] >> 2) & 0x03
            if header[1] & 0x80 and self.stage == FULL_FEATURE:
                self.complete = True
                self.header_digest = self._digest("HeaderDigest")
                self.data_digest = self._digest("DataDigest")
                self.news = True

    def value(self, key: str) -> str | None:
        """The last value that anybody sent for `key`."""
        return next((said.value for said in reversed(self.said) if said.key == key), None)

    @property
    def discovery(self) -> bool:
        return self.value("SessionType") == "Discovery"

    def take_ports(self) -> list[int]:
        """Ports that target addresses named since the last call."""
        ports, self._ports = self._ports, []
        return ports

    def _collect(self, number: int, to_target: bool, data: bytes, more: bool, cut: bool) -> None:
        """Joins texts over PDUs with the C bit (section 6.2) and takes their keys. A value that the capture has cut is
        none."""
        text = self._text[to_target] + data
        if more and len(text) < MAX_TEXT:
            self._text[to_target] = text
            return
        found = parse_text(text, unfinished=cut or more)
        self._text[to_target] = b""
        if more:  # too long: what was begun is lost
            self._forget()
        for pair in found.pairs:
            self._size += len(pair.key) + len(pair.value)
            if len(self.said) < MAX_KEYS and self._size <= MAX_SAID:
                self.said.append(Said(number, to_target, pair.key, pair.value))
            else:
                self._forget()
            if pair.key == "TargetAddress" and not to_target:
                address = parse_address(pair.value)
                if not address.problem:
                    self._ports.append(address.port)

    def _forget(self) -> None:
        self.forgotten += 1
        if not self.complete:
            self.hole = True

    def _digest(self, key: str) -> int:
        """The setting of a digest: the answer to the offer decides (section 13.1); no answer means None, if none was
        missed."""
        sides: dict[bool, str] = {}
        answer = ""
        for said in self.said:
            if said.key == key:
                sides[said.to_target] = said.value
                answer = said.value
        if len(sides) == 2:
            return ON if answer == "CRC32C" else OFF
        return UNKNOWN if self.hole else OFF
