"""The PDUs of the part of a capture that was asked for, a portion at a time."""

from __future__ import annotations

from iscsi_analyzer.analysis.focus import Focus

PORTION = 4096
"PDUs handed out at once: what is made of them stays in memory no longer than that."


class Chosen:
    """Looks at PDUs of a store that may still grow; each is looked at once."""

    def __init__(self, focus: Focus) -> None:
        self._focus = focus
        self._seen = 0
        self._waiting: list[int] = []

    def more(self) -> list[int]:
        """The next numbers, at most PORTION; none when there are no more for now."""
        if not self._waiting:
            mask = self._focus.pdus(self._seen + 1)
            self._waiting = [int(place) + self._seen + 1 for place in mask.nonzero()[0]]
            self._seen += len(mask)
        found, self._waiting = self._waiting[:PORTION], self._waiting[PORTION:]
        return found
