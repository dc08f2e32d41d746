"""The signals that ask a command to end: noted, so that it can end in good order."""

from __future__ import annotations

import signal
from typing import Any

NAMES = ("SIGINT", "SIGTERM", "SIGHUP")


class Until:
    """Notes the signals that ask to end instead of letting them interrupt whatever goes on. A second one asks to leave
    out what would take long, a third one interrupts."""

    def __init__(self, *, active: bool = True) -> None:
        """If it is not `active`, signals do what they always do."""
        self.over = False
        "Somebody asked to end."
        self.hurried = False
        "Somebody asked twice."
        self._active = active
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Until:
        for name in NAMES if self._active else ():
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def _note(self, number: int, frame: object) -> None:
        if self.hurried:
            raise KeyboardInterrupt
        self.hurried = self.over
        self.over = True
