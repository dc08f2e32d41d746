"""scapy's capture sockets: work wherever scapy does, in a Python process of their own that writes pcapng."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

from iscsi_analyzer.sources.live import permission
from iscsi_analyzer.sources.live.backend import Backend, Plan, Said
from iscsi_analyzer.sources.live.options import SOCKETS

FILE = "File: "
PACKETS = "Packets: "
DROPPED = "Dropped: "


class Sockets(Backend):
    """The process that `record` is; it ends when nobody holds its standard input open any more."""

    name: ClassVar[str] = SOCKETS

    def __init__(self) -> None:
        self.path = sys.executable

    @property
    def found(self) -> bool:
        """See `Backend.found`: packet sockets are Linux's."""
        return sys.platform == "linux" and find_spec("scapy") is not None

    @property
    def permitted(self) -> bool:
        """See `Backend.permitted`: a child of this process may what this process may."""
        return permission.this_process()

    @property
    def title(self) -> str:
        """See `Backend.title`."""
        return "scapy's capture sockets"

    def advice(self) -> list[str]:
        """See `Backend.advice`: granting all of Python the right would be too much."""
        return permission.advice("")

    def command(self, plan: Plan) -> list[str]:
        """See `Backend.command`."""
        return [self.path, "-m", "iscsi_analyzer.sources.live.record", json.dumps(asdict(plan))]

    def environment(self) -> dict[str, str]:
        """See `Backend.environment`: the other Python imports what this one has imported."""
        root = str(Path(__file__).resolve().parents[3])
        path = os.environ.get("PYTHONPATH", "")
        return {**super().environment(), "PYTHONPATH": os.pathsep.join([root, *([path] if path else [])])}

    def hear(self, line: str, said: Said) -> None:
        """See `Backend.hear`."""
        if line.startswith(FILE):
            said.files.append(line.removeprefix(FILE))
            said.listening = True
        elif line.startswith(PACKETS):
            said.captured = int(line.removeprefix(PACKETS))
        elif line.startswith(DROPPED):
            said.dropped = int(line.removeprefix(DROPPED))
        else:
            said.remarks.append(line)
