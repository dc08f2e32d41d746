"""tcpdump: nearly everywhere, one interface at a time, classic pcap with nanoseconds, drop counts when asked by a
signal."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path
from typing import ClassVar, Final

from iscsi_analyzer.sources.live.backend import Backend, Plan, Said
from iscsi_analyzer.sources.live.options import TCPDUMP

MEGABYTE: Final = 1_000_000
_GOT = re.compile(r"Got (\d+)")
_COUNTS = re.compile(r"(?:tcpdump: )?(\d+) packets? captured(?:, \d+ packets? received by filter, (\d+) packets?)?")
_DROPPED = re.compile(r"(\d+) packets? dropped by (kernel|interface)")
_TALK = re.compile(r"\d+ packets? received by filter|tcpdump: listening on |tcpdump: data link type ")


class Tcpdump(Backend):
    """Says how many frames there are every second (`-v`), and finds no reader one day: then it ends by itself."""

    name: ClassVar[str] = TCPDUMP
    several_interfaces: ClassVar[bool] = False
    delay: ClassVar[float] = 1.2

    def __init__(self) -> None:
        super().__init__()
        self._before: dict[str, int] = {}
        "Files of an earlier capture that have such names, and when they were written."

    def command(self, plan: Plan) -> list[str]:
        """See `Backend.command`."""
        self._before = dict(_like(plan)[1])
        words = [self.path, "-v", "-n", "-U", "-i", plan.interfaces[0], "-B", str(plan.buffer_mib * 1024)]
        words += ["--time-stamp-precision=nano"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            words += ["-Z", "root"]  # an ordinary user could not write where root can
        if plan.snaplen:
            words += ["-s", str(plan.snaplen)]
        if not plan.promiscuous:
            words.append("-p")
        path = plan.path
        if plan.ring.bytes:
            words += ["-C", str(max(1, plan.ring.bytes // MEGABYTE))]
        if plan.ring.seconds:
            words += ["-G", str(plan.ring.seconds)]
            path = _dated(path, "_%Y%m%d%H%M%S")
        if plan.packets:
            words += ["-c", str(plan.packets)]
        return [*words, "-w", path, *([plan.filter] if plan.filter else [])]

    def hear(self, line: str, said: Said) -> None:
        """See `Backend.hear`."""
        if got := _GOT.match(line):
            said.captured = int(got[1])
        elif counts := _COUNTS.match(line):
            said.captured = int(counts[1])
            if counts[2] is not None:
                said.dropped = int(counts[2])
        elif dropped := _DROPPED.match(line):
            if dropped[2] == "kernel":
                said.dropped = int(dropped[1])
        elif not _TALK.match(line):
            said.remarks.append(line.removeprefix("tcpdump: "))
        if line.startswith("tcpdump: listening on "):
            said.listening = True

    def look(self, plan: Plan, said: Said) -> None:
        """See `Backend.look`: tcpdump does not say what its files are called, but counts and dates them."""
        if not said.listening:
            return
        if not plan.ring.several:
            if not said.files and os.path.exists(plan.path):
                said.files.append(plan.path)
            return
        named, written = _like(plan)
        known = set(said.files)
        said.files += [path for path in named if path not in known and written[path] != self._before.get(path)]


def _like(plan: Plan) -> tuple[list[str], dict[str, int]]:
    """The files of a ring in order, and when each was written last (ns since 1970)."""
    path = Path(plan.path)
    pattern = re.compile(re.escape(path.stem) + r"(_\d{14})?" + re.escape(path.suffix) + r"(\d*)")
    found: list[tuple[tuple[str, int], str]] = []
    written: dict[str, int] = {}
    with contextlib.suppress(OSError):
        for entry in os.scandir(path.parent):
            match = pattern.fullmatch(entry.name)
            if match and bool(match[1]) == bool(plan.ring.seconds):
                name = str(path.with_name(entry.name))
                written[name] = entry.stat().st_mtime_ns
                found.append(((match[1] or "", int(match[2] or 0)), name))
    return [name for _, name in sorted(found)], written


def _dated(path: str, date: str) -> str:
    """The path with a date before its ending."""
    place = Path(path)
    return str(place.with_name(f"{place.stem}{date}{place.suffix}"))
