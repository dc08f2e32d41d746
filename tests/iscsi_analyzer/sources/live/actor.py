"""A capture program that plays a part: writes these files, says these things, and waits when it is told to."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from iscsi_analyzer.sources.live import choosing, source
from iscsi_analyzer.sources.live.backend import Plan
from iscsi_analyzer.sources.live.sockets import Sockets

_SCRIPT = """
import json, os, shutil, signal, sys, time
plan, steps, place = json.loads(sys.argv[1]), json.loads(sys.argv[2]), sys.argv[3]
ended = []
signal.signal(signal.SIGINT, lambda *_: ended.append(1))
def name(number):
    stem, ending = os.path.splitext(plan)
    return plan if number == 0 else f"{stem}_{number}{ending}"
for verb, *rest in steps:
    if verb == "file":
        shutil.copy(rest[1], name(rest[0]))
        print("File: " + name(rest[0]), file=sys.stderr, flush=True)
    elif verb == "append":
        with open(name(rest[0]), "ab") as out:
            out.write(open(rest[1], "rb").read())
    elif verb == "say":
        print(rest[0], file=sys.stderr, flush=True)
    elif verb == "wait":
        while not os.path.exists(os.path.join(place, rest[0])):
            if ended:
                break
            time.sleep(0.005)
    elif verb == "exit":
        sys.exit(rest[0])
    elif verb == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    elif verb == "stay":
        while not ended:
            time.sleep(0.005)
    elif verb == "ignore":
        signal.signal(signal.SIGINT, signal.SIG_IGN)
"""


class Actor(Sockets):
    """Speaks like the process with the sockets, and may capture wherever it runs."""

    def __init__(self, place: Path, *steps: tuple[object, ...]) -> None:
        super().__init__()
        self.place = place
        self.steps = steps
        self.plans: list[Plan] = []

    @property
    def permitted(self) -> bool:
        return True

    def command(self, plan: Plan) -> list[str]:
        self.plans.append(plan)
        return [sys.executable, "-c", _SCRIPT, json.dumps(plan.path), json.dumps(self.steps), str(self.place)]

    def environment(self) -> dict[str, str]:
        return dict(os.environ)

    def cue(self, name: str) -> None:
        """Lets the program go on that waits for this."""
        (self.place / name).touch()


def cast(monkeypatch: pytest.MonkeyPatch, actor: Actor) -> None:
    """The actor is the only capture program there is."""
    kinds = {actor.name: lambda: actor}
    monkeypatch.setattr(choosing, "BACKENDS", kinds)
    monkeypatch.setattr(source, "BACKENDS", kinds)
