"""What a capture lacks, counted while it is read: gaps, bytes not framed, cut frames, connections whose beginning
is missing. Short, for the first line of every screen.

Looks at what was appended since the last look only, so that the thread that paints may ask as often as it likes.
"""

from __future__ import annotations

from typing import Final

from iscsi_analyzer.export.tables import plural, size
from iscsi_analyzer.store.store import Store

MOST_CONNECTIONS: Final = 200
"The connections whose cut frames are counted: the first ones."


class Lacks:
    """The lacks of one store, which may still grow."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._losses = 0
        self._gaps = 0
        self._connections = 0
        self._midway = 0

    def words(self) -> list[str]:
        """A few words for each kind of lack."""
        store = self._store
        losses, connections = store.losses, store.connections
        count = len(losses)
        self._gaps += sum(1 for index in range(self._losses, count) if losses[index].kind == "gap")
        self._losses = count
        count = len(connections)
        self._midway += sum(1 for index in range(self._connections, count) if not connections[index].syn)
        self._connections = count
        found = []
        more = store.losses_not_listed
        if self._gaps:
            found.append(plural(self._gaps, "gap") + (" and more" if more else ""))
        if self._losses > self._gaps:
            found.append(f"{plural(self._losses - self._gaps, 'run')} of bytes not framed")
        cut = sum(
            int(link.first.snaplen_bytes) + int(link.second.snaplen_bytes) for link in connections[:MOST_CONNECTIONS]
        )
        if cut:
            about = "at least " if self._connections > MOST_CONNECTIONS else ""
            found.append(f"frames were cut: {about}{size(cut)} are missing")
        if self._midway:
            found.append(f"{plural(self._midway, 'connection')} from mid-session")
        return found
