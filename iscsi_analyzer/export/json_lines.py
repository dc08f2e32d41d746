"""PDUs as JSON Lines: one object a line."""

from __future__ import annotations

import msgspec

from iscsi_analyzer.export.pdus import Pdus
from iscsi_analyzer.store.store import Store


class JsonLines:
    """Writes the PDUs of a store that may still grow."""

    def __init__(self, store: Store, *, secrets: bool = False) -> None:
        self._store = store
        self._pdus = Pdus(store, secrets=secrets)
        self._done = 0
        self._encoder = msgspec.json.Encoder()

    def more(self) -> bytes:
        """The lines of the PDUs that are new since the last call."""
        lines = []
        for row in self._store.rows(self._done + 1):
            self._done += 1
            lines.append(self._encoder.encode(self._pdus.record(self._done, row)))
        return b"\n".join(lines) + b"\n" if lines else b""
