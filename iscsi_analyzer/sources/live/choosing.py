"""Which capture program is used: the one that was asked for, or the best that is installed and permitted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from iscsi_analyzer.sources.live.backend import Backend
from iscsi_analyzer.sources.live.dumpcap import Dumpcap
from iscsi_analyzer.sources.live.options import AUTO, DUMPCAP, SOCKETS, TCPDUMP, LiveError
from iscsi_analyzer.sources.live.sockets import Sockets
from iscsi_analyzer.sources.live.tcpdump import Tcpdump

BACKENDS: Final[dict[str, Callable[[], Backend]]] = {DUMPCAP: Dumpcap, TCPDUMP: Tcpdump, SOCKETS: Sockets}


def choose(wanted: str, interfaces: int) -> Backend:
    """A capture program for so many interfaces. Raises LiveError with what is missing and the command that grants
    it."""
    backends = [make() for name, make in BACKENDS.items() if wanted in (AUTO, name)]
    found = [backend for backend in backends if backend.found]
    if not found:
        raise LiveError(f"{wanted} is not installed" if wanted != AUTO else "nothing that can capture is installed")
    able = [backend for backend in found if backend.several_interfaces or interfaces == 1]
    if not able:
        raise LiveError(f"{wanted} captures one interface at a time, or any for all of them")
    for backend in able:
        if backend.permitted:
            return backend
    best = able[0]
    lines = [f"no permission to capture with {best.title}", *best.advice()]
    raise LiveError("\n".join(lines))
