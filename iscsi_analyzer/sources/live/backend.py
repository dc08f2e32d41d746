"""What a capture program has to offer to be used here: how it is called, and what it says while it works.

`Backend` is the shape; `dumpcap`, `tcpdump` and `sockets` fill it. Nothing is started here.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import ClassVar

from iscsi_analyzer.sources.live import permission
from iscsi_analyzer.sources.live.options import Ring


@dataclass(frozen=True, slots=True)
class Plan:
    """One capture, as a program is asked for it."""

    interfaces: tuple[str, ...]
    filter: str
    snaplen: int
    promiscuous: bool
    buffer_mib: int
    path: str
    "The file, or of several files what their names begin and end with."
    ring: Ring
    packets: int


@dataclass(slots=True)
class Said:
    """What a capture program has told so far."""

    listening: bool = False
    files: list[str] = field(default_factory=list)
    "The capture files, in the order in which they were begun; only the last one grows."
    captured: int | None = None
    "Frames captured so far; None if it does not say."
    dropped: int | None = None
    "Frames that the kernel had no room for; None if it does not say."
    remarks: list[str] = field(default_factory=list)
    "Whatever else it said: mostly what went wrong."


class Backend:
    """A capture program."""

    name: ClassVar[str] = ""
    several_interfaces: ClassVar[bool] = True
    delay: ClassVar[float] = 0.0
    "Seconds that the kernel may keep frames back before the program gets them; when it is ended they would be lost."

    def __init__(self) -> None:
        self.path = permission.find(self.name)

    @property
    def found(self) -> bool:
        """Whether it is installed."""
        return bool(self.path)

    @property
    def permitted(self) -> bool:
        """Whether this user may capture with it."""
        return permission.may(self.path)

    @property
    def title(self) -> str:
        """What to call it."""
        return f"{self.name} ({self.path})"

    def advice(self) -> list[str]:
        """How this user would get the right to capture with it."""
        return permission.advice(self.path)

    def command(self, plan: Plan) -> list[str]:
        """The words that start it."""
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        """Its environment. What it says is parsed, so it has to say it in English."""
        return {**os.environ, "LC_ALL": "C"}

    def hear(self, line: str, said: Said) -> None:
        """Takes note of a line that it wrote on its standard error."""
        raise NotImplementedError

    def look(self, plan: Plan, said: Said) -> None:
        """Looks for files that it does not tell of."""
