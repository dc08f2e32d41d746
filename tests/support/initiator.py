"""A small initiator on a real socket, for what the installed ones cannot be talked into.

Data digests, a MaxRecvDataSegmentLength of one's choice, several PDUs in one segment, digests spoilt on purpose, task
tags at will. It says what it is told to and keeps no watch over the protocol; the other side's bytes are a real
target's.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType

from tests.support import talk_pdu as wire
from tests.support.peers import IQN

NAME = "iqn.2026-11.example.samples:initiator"
FINAL = 0x80
READ, WRITE, SIMPLE = 0x40, 0x20, 0x01
"Flags of a SCSI Command."

OPERATIONAL_TO_FULL_FEATURE = 0x87
"Login flags: T=1, CSG=1, NSG=3."


@dataclass(frozen=True)
class Answer:
    """One PDU from the target."""

    header: bytes
    data: bytes

    @property
    def opcode(self) -> int:
        return self.header[0] & 0x3F

    @property
    def status(self) -> int:
        """SCSI status of a SCSI Response, or of a Data-In that carries one."""
        return self.header[3]

    def word(self, offset: int) -> int:
        """The 32-bit field at an offset of the header."""
        return int.from_bytes(self.header[offset : offset + 4], "big")


class Initiator:
    """One connection of one session. Entering connects; `login` has to be called."""

    def __init__(self, address: str, port: int, *, timeout: float = 5.0) -> None:
        self._where = (address, port)
        self._timeout = timeout
        self._socket: socket.socket | None = None
        self.cmd_sn = 1
        self.exp_stat_sn = 0
        self.tag = 0
        "Last initiator task tag given out."
        self.header_digest = False
        self.data_digest = False
        self.segment = 8192
        "The target's MaxRecvDataSegmentLength, in bytes."

    def __enter__(self) -> Initiator:
        self._socket = socket.create_connection(self._where, self._timeout)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connected.close()

    @property
    def _connected(self) -> socket.socket:
        if self._socket is None:
            raise RuntimeError("not connected: use the initiator in a with statement")
        return self._socket

    def login(self, iqn: str = IQN, **keys: str) -> dict[str, str]:
        """Logs in and returns the target's keys. Digests count from here on if the target chose them."""
        offer = {"InitiatorName": NAME, "SessionType": "Normal", "TargetName": iqn, **keys}
        text = b""
        tag = self.next_tag()
        while True:
            fields: dict[str, int | bytes] = {"isid": b"\x80samp", "initiator_task_tag": tag}
            request = self.pdu(
                wire.LOGIN_REQUEST, OPERATIONAL_TO_FULL_FEATURE, immediate=True, data=wire.keys(offer), fields=fields
            )
            self.send(request)
            answer = self.receive()
            if answer.opcode != wire.LOGIN_RESPONSE or answer.word(36) >> 16:
                raise ConnectionError(f"login refused: status 0x{answer.word(36) >> 16:04x}")
            text += answer.data
            if answer.header[1] & FINAL:
                break
            # A target with declarations of its own stays in the stage for another round.
            offer = {}
        pairs = (pair.partition("=") for pair in text.decode().split("\0") if pair)
        chosen = {key: value for key, _, value in pairs}
        self.header_digest = chosen.get("HeaderDigest") == "CRC32C"
        self.data_digest = chosen.get("DataDigest") == "CRC32C"
        self.segment = int(chosen.get("MaxRecvDataSegmentLength", self.segment))
        return chosen

    def next_tag(self) -> int:
        """A fresh initiator task tag."""
        self.tag += 1
        return self.tag

    def pdu(
        self,
        opcode: int,
        flags: int = FINAL,
        *,
        immediate: bool = False,
        data: bytes = b"",
        spoil: str = "",
        fields: Mapping[str, int | bytes] | None = None,
    ) -> bytes:
        """The bytes of one PDU with padding and the agreed digests; `spoil` is "header" or "data" for a wrong digest.

        CmdSN, ExpStatSN and the task tag are filled in where the opcode has them and `fields` do not say otherwise.
        """
        layout = wire.LAYOUTS[opcode]
        filled: dict[str, int | bytes] = dict(fields or {})
        if "cmd_sn" in layout and "cmd_sn" not in filled:
            filled["cmd_sn"] = self.cmd_sn
            self.cmd_sn += 0 if immediate else 1
        if "exp_stat_sn" in layout:
            filled.setdefault("exp_stat_sn", self.exp_stat_sn)
        if "initiator_task_tag" not in filled:
            filled["initiator_task_tag"] = self.next_tag()
        head = wire.header(opcode, flags, immediate=immediate, data_segment_length=len(data), **filled)  # type: ignore[arg-type]
        out = head + (_digest(head, spoil == "header") if self.header_digest else b"")
        if data:
            padded = data + bytes(-len(data) % 4)
            out += padded + (_digest(padded, spoil == "data") if self.data_digest else b"")
        return out

    def command(
        self, cdb: bytes, *, reads: int = 0, writes: int = 0, lun: int = 1, data: bytes = b"", spoil: str = ""
    ) -> bytes:
        """The bytes of one SCSI Command that reads or writes so many bytes; `data` goes along as immediate data."""
        flags = FINAL | SIMPLE | (READ if reads else 0) | (WRITE if writes else 0)
        fields: dict[str, int | bytes] = {
            "lun": wire.lun(lun),
            "expected_data_transfer_length": reads or writes,
            "cdb": cdb,
        }
        return self.pdu(wire.COMMAND, flags, data=data, spoil=spoil, fields=fields)

    def send(self, *pdus: bytes) -> None:
        """Sends PDUs with one call: on loopback they share a segment."""
        self._connected.sendall(b"".join(pdus))

    def receive(self) -> Answer:
        """The target's next PDU; its StatSN is acknowledged by whatever is sent next. ConnectionError at the end."""
        head = self._exactly(48)
        if self.header_digest:
            self._exactly(4)
        length = int.from_bytes(head[5:8], "big")
        data = self._exactly(length + -length % 4)[:length] if length else b""
        if length and self.data_digest:
            self._exactly(4)
        answer = Answer(head, data)
        has_status = answer.opcode not in (wire.DATA_IN, wire.R2T) or (answer.opcode == wire.DATA_IN and head[1] & 1)
        if has_status:
            self.exp_stat_sn = answer.word(24) + 1
        return answer

    def finish(self, data: bytes = b"") -> Answer:
        """Receives until a command has its status; R2Ts are answered with the parts of `data` that they ask for."""
        while True:
            answer = self.receive()
            if answer.opcode == wire.R2T:
                self._answer_r2t(answer, data)
            elif answer.opcode != wire.DATA_IN or answer.header[1] & 1:
                return answer

    def _answer_r2t(self, r2t: Answer, data: bytes) -> None:
        start, end = r2t.word(40), r2t.word(40) + r2t.word(44)
        for number, offset in enumerate(range(start, end, self.segment)):
            piece = data[offset : min(offset + self.segment, end)]
            last = offset + len(piece) >= end
            fields: dict[str, int | bytes] = {
                "lun": r2t.header[8:16],
                "initiator_task_tag": r2t.word(16),
                "target_transfer_tag": r2t.word(20),
                "data_sn": number,
                "buffer_offset": offset,
            }
            self.send(self.pdu(wire.DATA_OUT, FINAL if last else 0, data=piece, fields=fields))

    def logout(self) -> Answer:
        """Closes the session in good order."""
        self.send(self.pdu(wire.LOGOUT_REQUEST, FINAL, immediate=True))
        return self.receive()

    def _exactly(self, length: int) -> bytes:
        out = bytearray()
        while len(out) < length:
            piece = self._connected.recv(length - len(out))
            if not piece:
                raise ConnectionError("the target closed the connection")
            out += piece
        return bytes(out)


def read10(lba: int, blocks: int) -> bytes:
    """The CDB of READ(10)."""
    return b"\x28\0" + lba.to_bytes(4, "big") + b"\0" + blocks.to_bytes(2, "big") + b"\0"


def write10(lba: int, blocks: int) -> bytes:
    """The CDB of WRITE(10)."""
    return b"\x2a\0" + lba.to_bytes(4, "big") + b"\0" + blocks.to_bytes(2, "big") + b"\0"


def _digest(data: bytes, spoilt: bool) -> bytes:
    good = wire.digest(data)
    return bytes([good[0] ^ 0xFF]) + good[1:] if spoilt else good
