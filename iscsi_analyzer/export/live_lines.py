"""PDUs, tasks and findings as JSON, one object a line, as they complete in an analysis that still goes on."""

from __future__ import annotations

import msgspec

from iscsi_analyzer.export.findings import finding_record
from iscsi_analyzer.export.json_lines import JsonLines
from iscsi_analyzer.export.tasks import Tasks
from iscsi_analyzer.store.store import Store
from iscsi_analyzer.store.tasks import task_columns


class LiveLines:
    """Writes what a store has gained."""

    def __init__(self, store: Store, *, secrets: bool = False) -> None:
        self._secrets = secrets
        self._store = store
        self.pdus = JsonLines(store, secrets=secrets)
        self._tasks = Tasks(store)
        self._tasks_done = 0
        self._findings_done = 0
        self._counts: dict[int, int] = {}
        "Number of a finding -> how often it had occurred when it was written last."
        self._encode = msgspec.json.Encoder().encode

    def more(self) -> bytes:
        """The lines since the last call: first PDUs, then the tasks that are over, then findings."""
        parts = [self.pdus.more()]
        count = task_columns(self._store).count
        while self._tasks_done < count:
            self._tasks_done += 1
            parts.append(self._encode(self._tasks.record(self._tasks_done)) + b"\n")
        new = self._store.findings_from(self._findings_done)
        self._findings_done += len(new)
        for finding in new:
            verdict = self._store.verdicts.of(finding)
            if verdict is not None:
                self._counts[int(finding.number)] = int(finding.count)
                parts.append(self._encode(finding_record(self._store, verdict)) + b"\n")
        return b"".join(parts)

    def counted_anew(self) -> None:
        """Rows of the store were given up, after everything in it was written, and the others are counted from 1
        again."""
        self.pdus = JsonLines(self._store, secrets=self._secrets)
        self.pdus.skip()
        self._tasks = Tasks(self._store)
        self._tasks_done = task_columns(self._store).count

    def end(self) -> bytes:
        """The findings that have occurred again since they were written, as they stand at the end."""
        parts = [
            self._encode(finding_record(self._store, verdict)) + b"\n"
            for verdict in self._store.verdicts
            if verdict.finding.count != self._counts.get(int(verdict.finding.number))
        ]
        return b"".join(parts)
