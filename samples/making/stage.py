"""What the scenarios have in common: the stage they play on, and the usual set of one target, one capture, one talker.

Everything runs on loopback and ends within seconds. Data on the disks is synthetic.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.capturing import Capturing
from tests.support.initiator import Initiator
from tests.support.peers import Istgt, Server, Target
from tests.support.tools import QEMU_ISCSI

TGT = ("tgtd", "tgtadm")
LIBISCSI = ("iscsi-inq",)
QEMU = ("qemu-io", QEMU_ISCSI)


@dataclass(frozen=True)
class Stage:
    """Where a scenario plays."""

    path: Path
    "The capture to write."
    port: int = 3260
    "Port of the target; 0 for any free one."

    def tgt(self, *, nop_interval: int = 0, address: str = "127.0.0.1", port: int = 0) -> Target:
        """A tgt target; `port` is for a scenario that wants a port of its own, where ports are not free to choose."""
        return Target(port=port if port and self.port else self.port, address=address, nop_interval=nop_interval)

    def istgt(self, *, chap: tuple[str, str] | None = None) -> Istgt:
        """An istgt target with one disk as LUN 0."""
        return Istgt(port=self.port, chap=chap)

    def capture(self, server: Server) -> Capturing:
        """The capture of what is said with `server`."""
        return Capturing(self.path, server.port)


@dataclass(frozen=True)
class Scenario:
    """One sample: its name, what it shows in a line, and how it comes about."""

    name: str
    shows: str
    act: Callable[[Stage], object]
    needs: tuple[str, ...] = (*TGT, *LIBISCSI)
    "Programs, as tests/support/tools.py knows them."
    kept: bool = True
    "False for a capture that is too large to be committed."


def with_tgt(
    talk: Callable[[Target], object],
    *,
    settings: Mapping[str, str | int] | None = None,
    nop_interval: int = 0,
    disks: int = 1,
) -> Callable[[Stage], None]:
    """The common case: tgt with some disks of 4 MB, and all that `talk` does with it captured."""

    def act(stage: Stage) -> None:
        with stage.tgt(nop_interval=nop_interval) as target:
            target.serve(*[4 << 20] * disks, settings=settings)
            with stage.capture(target):
                talk(target)

    return act


def with_initiator(
    talk: Callable[[Initiator], object],
    *,
    settings: Mapping[str, str | int] | None = None,
    keys: Mapping[str, str] | None = None,
    patience: float = 5.0,
) -> Callable[[Stage], None]:
    """As `with_tgt`, spoken by the small initiator of tests/support, which has logged in with `keys`.

    It waits `patience` seconds for an answer.
    """

    def speak(target: Target) -> None:
        with Initiator(target.address, target.port, timeout=patience) as initiator:
            initiator.login(**(keys or {}))
            talk(initiator)

    return with_tgt(speak, settings=settings)
