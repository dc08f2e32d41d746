"""The targets of a soak: tgt in all write modes, with CHAP, closed to us, with pings, one that is killed now and then;
istgt with and without CHAP. They live for the whole run, on ports that are known before anything is captured."""

from __future__ import annotations

import signal
from contextlib import ExitStack
from pathlib import Path
from random import Random
from threading import Lock
from types import TracebackType
from typing import Final

from tests.support.peers import IQN, MEGABYTE, Istgt, Target

BASE: Final = "iqn.2026-11.example.soak"
MODES: Final[dict[str, dict[str, str]]] = {
    f"{BASE}:r2t-{r2t}-immediate-{immediate}".lower(): {"InitialR2T": r2t, "ImmediateData": immediate}
    for r2t in ("Yes", "No")
    for immediate in ("Yes", "No")
}
SMALL: Final = f"{BASE}:small"
"Bursts of a few kilobytes, and several R2Ts at a time."
SMALL_SETTINGS: Final[dict[str, str | int]] = {
    "InitialR2T": "No",
    "FirstBurstLength": 4096,
    "MaxBurstLength": 8192,
    "MaxRecvDataSegmentLength": 4096,
    "MaxXmitDataSegmentLength": 4096,
    "MaxOutstandingR2T": 4,
}
CLOSED: Final = f"{BASE}:closed"
"Somebody else's."
ALICE: Final = "alice%open-sesame-12"
WRONG: Final = "alice%not-the-secret"


class Stage:
    """The targets, for as long as the `with` block runs."""

    def __init__(self) -> None:
        self.tgt = Target()
        self.guarded = Target()
        self.pinging = Target(nop_interval=1)
        self.mortal = Target()
        self.istgt = Istgt(size=16 * MEGABYTE)
        self.guarded_istgt = Istgt(chap=("alice", "open-sesame-12"))
        self.dying = Lock()
        "Held by whoever has to do with the mortal target."
        self._targets = ExitStack()

    @property
    def software(self) -> dict[int, str]:
        """Port -> which program listens there."""
        tgt = (self.tgt, self.guarded, self.pinging, self.mortal)
        istgt = (self.istgt, self.guarded_istgt)
        return {**{each.port: "tgt" for each in tgt}, **{each.port: "istgt" for each in istgt}}

    def __enter__(self) -> Stage:
        for each in (self.tgt, self.guarded, self.pinging, self.mortal, self.istgt, self.guarded_istgt):
            self._targets.enter_context(each)
        for iqn, settings in MODES.items():
            self.tgt.serve(16 * MEGABYTE, iqn=iqn, settings=settings)
        self.tgt.serve(4 * MEGABYTE, iqn=SMALL, settings=SMALL_SETTINGS)
        self.tgt.serve(iqn=CLOSED, allow={"initiator_name": "iqn.2026-11.example.soak:somebody-else"})
        self.guarded.serve()
        self.guarded.account("alice", "open-sesame-12")
        self.pinging.serve()
        self.mortal.serve()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._targets.close()

    def kill(self) -> None:
        """The mortal target dies and comes back."""
        self.mortal.stop(signal.SIGKILL)
        self.mortal.targets.clear()
        self.mortal.start()
        self.mortal.serve()

    def disk(self, random: Random) -> str:
        """The URL of a disk that may be written, in any mode."""
        iqn = random.choice([*MODES, SMALL, IQN])
        return self.istgt.url(0) if iqn == IQN else self.tgt.url(iqn=iqn)

    def logs(self) -> list[Path]:
        """What the targets wrote."""
        return sorted(self.tgt.directory.glob("*.log"))
