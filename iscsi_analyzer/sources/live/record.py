"""A capture program: `python -m iscsi_analyzer.sources.live.record PLAN` writes pcapng files from scapy's sockets.

Frames are read raw and never looked into. What it has to tell it writes to its standard error, a line each (see
`sockets`). It ends by a signal, when its standard input is closed, or after as many frames as the plan says.
"""

from __future__ import annotations

import json
import logging
import os
import platform
import select
import signal
import socket
import struct
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from iscsi_analyzer.sources.live import blocks
from iscsi_analyzer.sources.live.backend import Plan
from iscsi_analyzer.sources.live.interfaces import is_up, names
from iscsi_analyzer.sources.live.options import ANY, Ring
from iscsi_analyzer.sources.live.sockets import DROPPED, FILE, PACKETS

LINK_TYPES: Final = {1: 1, 772: 1, 65534: 101, 776: 101, 768: 101}
"Hardware types of Linux interfaces (ARPHRD) -> LINKTYPE numbers: Ethernet, loopback, and tunnels of bare IP packets."
LOOPBACK: Final = 772
SNAPLEN: Final = 262_144
AT_ONCE: Final = 512
"Frames that are taken from one interface before the next one has its turn."
LAST: Final = 1 << 16
"And at the end."
TELL_SECONDS: Final = 0.25

_SOL_PACKET, _STATISTICS, _AUXDATA = 263, 6, 8
_RCVBUF_BY_FORCE, _TIMESTAMP_NS = 33, 35
_OUTGOING = 4
_VLAN_VALID, _VLAN_TPID_VALID = 0x10, 0x40
_TIMESPEC = struct.Struct("qq")
_TAG = struct.Struct("IIIHHHH")


class Tap:
    """One interface."""

    def __init__(self, name: str, plan: Plan) -> None:
        """Raises OSError, or what scapy raises when the filter cannot be used."""
        logging.getLogger("scapy").setLevel(logging.ERROR)  # it is astonished by loopback interfaces
        from scapy.arch.linux import L2ListenSocket

        wanted = plan.filter or None
        self.name = name
        self.snaplen = plan.snaplen or SNAPLEN
        self._scapy: Any = L2ListenSocket(iface=name, filter=wanted, promisc=plan.promiscuous)
        self.socket: socket.socket = self._scapy.ins
        self.socket.setblocking(False)
        self._enlarge(plan.buffer_mib << 20)
        self.hardware = int(self.socket.getsockname()[3])
        self.link_type = LINK_TYPES.get(self.hardware, 0)
        self.received = 0
        self.dropped = 0

    def _enlarge(self, size: int) -> None:
        try:
            self.socket.setsockopt(socket.SOL_SOCKET, _RCVBUF_BY_FORCE, size)
        except OSError:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)

    def frames(self, number: int, most: int) -> list[bytes]:
        """At most so many frames that are there, as blocks of interface `number`. Raises OSError."""
        found: list[bytes] = []
        receive = self.socket.recvmsg
        while len(found) < most:
            try:
                data, extra, _, sender = receive(SNAPLEN, 256, socket.MSG_TRUNC)
            except BlockingIOError:
                break
            if self.hardware == LOOPBACK and sender[2] == _OUTGOING:
                continue  # on loopback every frame comes a second time, as one that arrives
            wire = len(data)
            ts = 0
            for level, kind, value in extra:
                if level == socket.SOL_SOCKET and kind == _TIMESTAMP_NS and len(value) == 16:
                    seconds, rest = _TIMESPEC.unpack(value)
                    ts = seconds * 1_000_000_000 + rest
                elif level == _SOL_PACKET and kind == _AUXDATA and len(value) >= _TAG.size:
                    status, length, *_, tci, tpid = _TAG.unpack_from(value)
                    wire = max(wire, length)
                    if status & _VLAN_VALID and self.link_type == 1:
                        # The interface has taken the tag off: put it back.
                        tag = struct.pack("!HH", tpid if status & _VLAN_TPID_VALID else 0x8100, tci)
                        data = data[:12] + tag + data[12:]
                        wire += 4
            found.append(blocks.packet(number, ts or time.time_ns(), data[: self.snaplen], wire))
        return found

    def count(self) -> bool:
        """Asks the kernel what it has dropped; True if there is something new. It tells each time since the last."""
        packets, dropped = struct.unpack("II", self.socket.getsockopt(_SOL_PACKET, _STATISTICS, 8))
        self.received += packets
        self.dropped += dropped
        return bool(packets)


class Files:
    """Writes the blocks: one file, or one after the other."""

    def __init__(self, plan: Plan, taps: list[Tap]) -> None:
        self._plan = plan
        self._taps = taps
        self._number = 0
        self._file: int = -1
        self._size = 0
        self._end = 0.0
        self._next()

    def write(self, data: bytes) -> None:
        """More blocks, whole ones. Raises OSError."""
        ring = self._plan.ring
        if (ring.bytes and self._size >= ring.bytes) or (ring.seconds and time.monotonic() >= self._end):
            self._next()
        self._put(data)

    def _put(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            written = os.write(self._file, view)
            self._size += written
            view = view[written:]

    def _next(self) -> None:
        self.close()
        path = self._plan.path
        if self._plan.ring.several:
            self._number += 1
            place = Path(path)
            path = str(place.with_name(f"{place.stem}_{self._number:05d}_{datetime.now():%Y%m%d%H%M%S}{place.suffix}"))
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._size = 0
        self._end = time.monotonic() + self._plan.ring.seconds
        self._put(blocks.section_header(platform.platform(), "iscsi-analyzer with scapy's capture sockets"))
        for tap in self._taps:
            self._put(blocks.interface_description(tap.link_type, self._plan.snaplen, tap.name, self._plan.filter))
        tell(f"{FILE}{path}")

    def counts(self) -> None:
        """What each interface has seen so far."""
        for number, tap in enumerate(self._taps):
            tap.count()
            self._put(blocks.statistics(number, time.time_ns(), tap.received, tap.dropped))

    def close(self) -> None:
        """Ends the file."""
        if self._file >= 0:
            try:
                self.counts()
            finally:
                os.close(self._file)
                self._file = -1


def tell(line: str) -> None:
    """A line for whoever has started this."""
    print(line, file=sys.stderr, flush=True)


class Asked:
    """Notes the signals that ask to end: a block that is being written is written to its end."""

    def __init__(self) -> None:
        self.to_end = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._note)

    def _note(self, number: int, frame: object) -> None:
        self.to_end = True


class Recording:
    """One capture on its way from the sockets to the files."""

    def __init__(self, plan: Plan, taps: list[Tap]) -> None:
        """Raises OSError if the first file cannot be made."""
        self.plan = plan
        self.taps = taps
        self.total = 0
        "Frames so far."
        self._files = Files(plan, taps)
        self._told = time.monotonic()

    @property
    def full(self) -> bool:
        """Whether there are as many frames as the plan wants."""
        return 0 < self.plan.packets <= self.total

    def run(self, asked: Asked) -> None:
        """Captures until there is a reason to end. Raises OSError."""
        leash = sys.stdin.fileno()
        sources: list[Any] = [leash, *(tap.socket for tap in self.taps)]
        try:
            while not asked.to_end and not self.full:
                ready, _, _ = select.select(sources, [], [], TELL_SECONDS)
                if leash in ready and not os.read(leash, 1024):
                    break
                self._take(AT_ONCE)
                self._tell()
            self._take(LAST)  # what came before the end is part of the capture
        finally:
            self._files.close()
            tell(f"{PACKETS}{self.total}")
            tell(f"{DROPPED}{sum(tap.dropped for tap in self.taps)}")

    def _take(self, most: int) -> None:
        """At most so many frames of each interface."""
        for number, tap in enumerate(self.taps):
            room = min(most, self.plan.packets - self.total) if self.plan.packets else most
            found = tap.frames(number, room)
            if found:
                self._files.write(b"".join(found))
                self.total += len(found)

    def _tell(self) -> None:
        now = time.monotonic()
        if now - self._told < TELL_SECONDS:
            return
        self._told = now
        tell(f"{PACKETS}{self.total}")
        news = [tap.count() for tap in self.taps]
        if any(news):
            self._files.counts()
            tell(f"{DROPPED}{sum(tap.dropped for tap in self.taps)}")


def taps_of(plan: Plan) -> list[Tap]:
    """The interfaces of a plan, listening. ANY: all that are up and have frames that can be read."""
    wanted = list(plan.interfaces)
    if ANY in wanted:
        taps = [Tap(name, plan) for name in names() if is_up(name) is not False]
        return [tap for tap in taps if tap.link_type]
    taps = [Tap(name, plan) for name in wanted]
    for tap in taps:
        if not tap.link_type:
            raise OSError(0, f"{tap.name}: frames of hardware type {tap.hardware} cannot be read with scapy's sockets")
    return taps


def plan_of(text: str) -> Plan:
    """The plan in its JSON form."""
    values = json.loads(text)
    ring = Ring(**values.pop("ring"))
    return Plan(ring=ring, **{**values, "interfaces": tuple(values["interfaces"])})


def main(words: list[str]) -> int:
    """The program; 0 after an orderly end."""
    asked = Asked()
    try:
        plan = plan_of(words[0])
        Recording(plan, taps_of(plan)).run(asked)
    except BrokenPipeError:
        return 1
    except Exception as error:  # scapy has exceptions of its own for filters and interfaces
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        tell(reason or repr(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
