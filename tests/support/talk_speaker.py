"""The base of `Talk`: one connection, its counters, and the one function by which every PDU leaves.

The law of the counters: a field that the caller sets moves no counter. So a wrong number is a wrong number and what
follows is right again; to make the conversation itself go on from elsewhere, set the counter (`talk.session.cmd_sn`,
`talk.stat_sn`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.talk_capture import ETHERNET, Frame, to_pcap, write_capture
from tests.support.talk_pdu import I2T, LAYOUTS, NONE, T2I, Pdu, digest, header, lun
from tests.support.talk_session import M32, Session, Terms, payload
from tests.support.talk_tcp import PER_PDU, Line, Segmentation, Side, Wire, make_side


class Speaker:
    """One connection of a conversation; more of them may share its capture and its session."""

    def __init__(
        self,
        *,
        initiator: str = "192.0.2.1",
        target: str = "192.0.2.2",
        initiator_port: int = 40000,
        target_port: int = 3260,
        initiator_seq: int = 1_000_000,
        target_seq: int = 2_000_000,
        mss: int = 1448,
        timestamps: bool = True,
        vlans: tuple[int, ...] = (),
        segmentation: Segmentation | tuple[Segmentation, Segmentation] = PER_PDU,
        ack_every: int | tuple[int, int] = 2,
        stat_sn: int = 1,
        cid: int = 0,
        session: Session | None = None,
        terms: Terms | None = None,
        wire: Wire | None = None,
        linktype: int = ETHERNET,
        initiator_name: str = "iqn.2005-03.com.example:initiator",
        target_name: str = "iqn.2005-03.com.example:target",
        **negotiated: Any,
    ) -> None:
        """Pairs are (initiator, target). Further keywords are fields of `Terms`, as `header_digest=True`."""
        self.wire = Wire(linktype=linktype) if wire is None else wire
        self.session = Session() if session is None else session
        self.terms = Terms(**negotiated) if terms is None else terms
        self.stat_sn = stat_sn
        "StatSN of the target's next status."
        self.exp_stat_sn = 0
        "What the initiator states next: the last StatSN that it has heard, plus one."
        self.cid = cid
        self.discovery = False
        self.digests = False
        "Whether PDUs carry the digests of the terms now; login switches it on."
        self.leading = True
        "False for a connection that joins a session."
        self.initiator_name, self.target_name = initiator_name, target_name
        self._unheard: list[int] = []
        ends = []
        for index, (direction, host, port, seq) in enumerate(
            ((I2T, initiator, initiator_port, initiator_seq), (T2I, target, target_port, target_seq))
        ):
            side = make_side(direction, host, port, seq, index + 1)
            side.mss = mss
            side.segmentation = segmentation[index] if isinstance(segmentation, tuple) else segmentation
            side.ack_every = ack_every[index] if isinstance(ack_every, tuple) else ack_every
            ends.append(side)
        self.line = Line(self.wire, ends[0], ends[1], timestamps, vlans, len(self.wire.lines))
        self.line.initiator.received, self.line.target.received = target_seq & M32, initiator_seq & M32
        self.wire.lines.append(self.line)
        self._settings: dict[str, Any] = {
            "initiator": initiator,
            "target": target,
            "target_port": target_port,
            "mss": mss,
            "timestamps": timestamps,
            "vlans": vlans,
            "segmentation": segmentation,
            "ack_every": ack_every,
            "initiator_name": initiator_name,
            "target_name": target_name,
        }

    @property
    def initiator(self) -> Side:
        """The initiator's end of the TCP connection."""
        return self.line.initiator

    @property
    def target(self) -> Side:
        """The target's end of the TCP connection."""
        return self.line.target

    # The capture

    @property
    def frames(self) -> list[Frame]:
        """The capture so far, all of its connections."""
        for line in self.wire.lines:
            line.flush()
        return self.wire.frames

    @property
    def pdus(self) -> list[Pdu]:
        """Every PDU sent so far, all connections, in order of sending. The order within a direction is that of the
        stream."""
        for line in self.wire.lines:
            line.flush()
        return self.wire.pdus

    def pcap(self, **options: Any) -> bytes:
        """The capture as a pcap file; options as for `to_pcap`."""
        return to_pcap(self.frames, **options)

    def save(self, path: str | Path, **options: Any) -> Path:
        """Write the capture to a file."""
        return write_capture(path, self.frames, **options)

    # TCP and time

    def handshake(self) -> None:
        """The three segments that open the connection; what other connections hold back goes first."""
        for line in self.wire.lines:
            line.flush()
        self.line.handshake()

    def fin(self, direction: str | None = None) -> None:
        """Close one direction, or both."""
        self.line.fin(None if direction is None else self.line.side(direction))

    def rst(self, direction: str = T2I) -> None:
        """Reset the connection."""
        self.line.rst(self.line.side(direction))

    def raw(self, direction: str, data: bytes) -> None:
        """Bytes in the stream that are no PDU."""
        self.line.raw(self.line.side(direction), data)

    def ack(self, direction: str) -> None:
        """A bare acknowledgement."""
        self.line.flush()
        self.line.ack(self.line.side(direction))

    def flush(self) -> None:
        """Send what the segmentation holds back."""
        self.line.flush()

    def wait(self, seconds: float) -> None:
        """Let time pass; what was held back goes first."""
        self.line.flush()
        self.wire.now += round(seconds * 1e9)

    @contextmanager
    def deaf(self, direction: str) -> Iterator[None]:
        """While inside, the sender of `direction` has not yet heard what the other sends: neither its ACK nor its
        ExpStatSN, or ExpCmdSN and MaxCmdSN, moves. So PDUs cross on the wire."""
        with self.line.deaf(self.line.side(direction)):
            yield
        for number in self._unheard:
            self._heard(direction, number)
        self._unheard.clear()

    # PDUs

    def send(self, direction: str, opcode: int, flags: int = 0x80, **fields: Any) -> Pdu:
        """Send any PDU. Fields are header fields by name, and of the PDU as a whole:

        `data` bytes; `ahs` bytes; `immediate`; `patch` {offset: bytes} over the finished header; `data_segment_length`
        and `total_ahs_length` (words) where they are to lie; `padding` bytes; `header_digest` and `data_digest`: True,
        False, "bad", or the four bytes. Numbers that the caller leaves out are right: cmd_sn, exp_stat_sn, stat_sn,
        exp_cmd_sn, max_cmd_sn.
        """
        side = self.line.side(direction)
        data: bytes = fields.pop("data", b"")
        ahs: bytes = fields.pop("ahs", b"")
        immediate: bool = fields.pop("immediate", False)
        padding: bytes = fields.pop("padding", bytes(-len(data) % 4))
        header_digest = fields.pop("header_digest", self.digests and self.terms.header_digest)
        data_digest = fields.pop("data_digest", self.digests and self.terms.data_digest and bool(data))
        fields.setdefault("data_segment_length", len(data))
        fields.setdefault("total_ahs_length", (len(ahs) + 3) // 4)
        if isinstance(fields.get("lun"), int):
            fields["lun"] = lun(fields["lun"])
        self._number(direction, LAYOUTS.get(opcode, {}), immediate, fields)
        head = header(opcode, flags, immediate=immediate, **fields)
        ahs += bytes(-len(ahs) % 4)
        pdu = Pdu(
            direction,
            head,
            data,
            ahs,
            _digest(header_digest, head + ahs),
            padding,
            _digest(data_digest, data + padding),
        )
        self.line.send(side, pdu)
        return pdu

    def _number(
        self, direction: str, layout: dict[str, tuple[int, int]], immediate: bool, fields: dict[str, Any]
    ) -> None:
        """Fill in the serial numbers that the caller has not set, and move the counters for those alone."""
        session = self.session
        if direction == I2T:
            if "cmd_sn" in layout:
                if "cmd_sn" not in fields:
                    fields["cmd_sn"] = session.cmd_sn if immediate else session.next_cmd_sn()
                if not immediate:
                    self._hear(I2T, fields["cmd_sn"])
            if "exp_stat_sn" in layout:
                fields.setdefault("exp_stat_sn", self.exp_stat_sn)
            return
        carries = fields.pop("carries_status", True)
        if "stat_sn" in layout:
            if "stat_sn" not in fields:
                fields["stat_sn"] = self.stat_sn if carries is not None else 0
                if carries:
                    self.stat_sn = (self.stat_sn + 1) & M32
            if carries:
                self._hear(T2I, fields["stat_sn"])
        if "exp_cmd_sn" in layout:
            fields.setdefault("exp_cmd_sn", session.exp_cmd_sn)
        if "max_cmd_sn" in layout:
            fields.setdefault("max_cmd_sn", (fields["exp_cmd_sn"] + session.queue_depth - 1) & M32)

    def _hear(self, direction: str, number: int) -> None:
        """A CmdSN or StatSN goes out in `direction`; the other end takes note when it hears."""
        listener = self.line.peer(self.line.side(direction))
        if listener.hearing:
            self._heard(listener.direction, number)
        else:
            self._unheard.append(number)

    def _heard(self, listener: str, number: int) -> None:
        if listener == T2I:
            self.session.arrive(number)
        else:
            self.exp_stat_sn = self.session.heard[self.cid] = (number + 1) & M32

    def content(self, length: int, place: int) -> bytes:
        """The data that stands at byte `place` of the disk; a subclass may keep another disk."""
        return payload(length, place)

    def next_tag(self, tag: int | None) -> int:
        """`tag`, or a fresh initiator task tag."""
        return self.session.tag() if tag is None else tag


def _digest(wish: bool | str | bytes, covered: bytes) -> bytes:
    if isinstance(wish, bytes):
        return wish
    if wish == "bad":
        return bytes(byte ^ 0xFF for byte in digest(covered))
    return digest(covered) if wish else b""


__all__ = ["I2T", "NONE", "T2I", "Speaker"]
