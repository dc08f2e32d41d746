"""PDUs as JSON, one object after the other: the quick way where it can be gone, else in full."""

from __future__ import annotations

import msgspec

from iscsi_analyzer.export import quick_plans
from iscsi_analyzer.export.chosen import Chosen
from iscsi_analyzer.export.pdus import Pdus
from iscsi_analyzer.export.quick_lines import FullLines, QuickLines
from iscsi_analyzer.store.store import Store


class JsonLines(FullLines):
    """Writes the PDUs of a store that may still grow."""

    def __init__(self, store: Store, *, secrets: bool = False) -> None:
        self.quick = QuickLines(
            self,
            quick_plans.programs(),
            quick_plans.commands(),
            quick_plans.digests(),
            quick_plans.conditions(),
            store.row_blocks,
            store.followers,
            store.all_kept_data,
            store.marks,
        )
        self.pdus = Pdus(store, secrets=secrets)
        self.chosen: Chosen | None = None
        "Which PDUs are wanted; None: all."
        self._store = store
        self._done = 0
        self._encoder = msgspec.json.Encoder()

    def choose(self, chosen: Chosen) -> None:
        """Only these PDUs are wanted."""
        self.chosen = chosen

    def skip(self) -> None:
        """What is there now is not wanted."""
        self._done = len(self._store)

    def more(self) -> bytes:
        """The text of the PDUs that are new since the last call."""
        if self.chosen is not None:
            before, behind = self.quick.before, self.quick.behind
            return b"".join(before + self.full_line(number) + behind for number in self.chosen.more())
        found = []
        self.quick.only_disks = self.pdus.related.only_disks
        for block, first, count, tail in self._store.row_runs(self._done + 1):
            found.append(self.quick.lines(block, first, count, self._done + 1, tail))
            self._done += count
        return b"".join(found)

    def end(self) -> bytes:
        """What stands after the last PDU."""
        return b""

    def full_line(self, number: int) -> bytes:
        """See `FullLines.full_line`."""
        return self._encoder.encode(self.pdus.record(number))

    def lun_text(self, lun: int) -> bytes:
        """See `FullLines.lun_text`."""
        return quick_plans.lun_fragment(lun)


class JsonArray:
    """The same as one array, a PDU a line."""

    def __init__(self, store: Store, *, secrets: bool = False) -> None:
        self._lines = JsonLines(store, secrets=secrets)
        self._lines.quick.before = b",\n"
        self._lines.quick.behind = b""
        self._begun = False

    def choose(self, chosen: Chosen) -> None:
        """Only these PDUs are wanted."""
        self._lines.chosen = chosen

    def more(self) -> bytes:
        """The text of the PDUs that are new since the last call."""
        text = self._lines.more()
        if text and not self._begun:
            self._begun = True
            return b"[" + text[1:]
        return text

    def end(self) -> bytes:
        """What stands after the last PDU."""
        return b"\n]\n" if self._begun else b"[]\n"
