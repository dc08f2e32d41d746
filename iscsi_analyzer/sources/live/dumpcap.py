"""dumpcap, which comes with Wireshark: knows all interfaces, writes pcapng with drop counts, and needs no root."""

from __future__ import annotations

import re
from typing import ClassVar, Final

from iscsi_analyzer.sources.live.backend import Backend, Plan, Said
from iscsi_analyzer.sources.live.options import DUMPCAP

KILOBYTE: Final = 1000
# The count of frames is a line that is never ended, so the name of the next file stands behind it.
_FILE = re.compile(r"(?:Packets: \d+ *)?File: (.*)")
_TOLD = (
    re.compile(r"Packets: (?P<captured>\d+)"),
    re.compile(r"Packets captured: (?P<captured>\d+)"),
    re.compile(r"Packets received/dropped on interface '.*': \d+/(?P<dropped>\d+) "),
)


class Dumpcap(Backend):
    """Says the names of its files, how many frames there are, and at the end how many were dropped."""

    name: ClassVar[str] = DUMPCAP
    delay: ClassVar[float] = 0.35

    def command(self, plan: Plan) -> list[str]:
        """See `Backend.command`."""
        words = [self.path]
        for interface in plan.interfaces:
            words += ["-i", interface]
            if plan.filter:
                words += ["-f", plan.filter]
            if plan.snaplen:
                words += ["-s", str(plan.snaplen)]
            words += ["-B", str(plan.buffer_mib), *([] if plan.promiscuous else ["-p"])]
        if plan.ring.bytes:
            words += ["-b", f"filesize:{max(1, plan.ring.bytes // KILOBYTE)}"]
        if plan.ring.seconds:
            words += ["-b", f"duration:{plan.ring.seconds}"]
        if plan.packets:
            words += ["-c", str(plan.packets)]
        return [*words, "-w", plan.path]

    def hear(self, line: str, said: Said) -> None:
        """See `Backend.hear`."""
        if begun := _FILE.match(line):
            said.files.append(begun[1])
            said.listening = True
            return
        for pattern in _TOLD:
            found = pattern.match(line)
            if found:
                told = found.groupdict()
                if "captured" in told:
                    said.captured = int(told["captured"])
                else:
                    said.dropped = (said.dropped or 0) + int(told["dropped"])
                return
        if not line.startswith("Capturing on "):
            said.remarks.append(line.removeprefix("dumpcap: "))
