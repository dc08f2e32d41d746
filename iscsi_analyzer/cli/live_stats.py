"""Counts of a live capture on stderr, every few seconds: captured, dropped, analysed, and how far behind that is."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iscsi_analyzer.run import Analysis


class Stats:
    """Tells the counts of one analysis."""

    def __init__(self, analysis: Analysis, period: float | None) -> None:
        """A line every `period` seconds; None: none."""
        self._analysis = analysis
        self._period = period
        self._start = time.monotonic()
        self._next = self._start + (period or 0)
        self._before = (self._start, 0, 0)

    def look(self) -> None:
        """Tells the counts if it is time for it."""
        if self._period is not None and time.monotonic() >= self._next:
            self.tell()

    def tell(self) -> None:
        """Tells the counts, if anybody wants them."""
        if self._period is not None:
            now = time.monotonic()
            self._next = now + self._period
            print(f"iscsi-analyzer: {self.line(now)}", file=sys.stderr, flush=True)

    def line(self, now: float) -> str:
        """The counts, and how they have grown since the last time."""
        from iscsi_analyzer.export.tables import number, plural, size
        from iscsi_analyzer.export.time_text import span
        from iscsi_analyzer.live import LiveAnalysis
        from iscsi_analyzer.store.tasks import task_count

        analysis = self._analysis
        frames, tasks = int(analysis.engine.frames), task_count(analysis.store)
        before, frames_before, tasks_before = self._before
        passed = max(now - before, 1e-9)
        self._before = (now, frames, tasks)
        facts = [f"{now - self._start:.0f} s"]
        if isinstance(analysis, LiveAnalysis):
            source = analysis.source
            if source.captured is not None:
                facts.append(f"{plural(max(source.captured, frames), 'frame')} captured")
            facts.append("drops are told at the end" if source.dropped is None else f"{number(source.dropped)} dropped")
        facts.append(f"{number(frames)} analysed ({number(round((frames - frames_before) / passed))}/s)")
        facts.append(f"{number(len(analysis.store))} PDUs")
        facts.append(f"{plural(tasks, 'task')} ({number(round((tasks - tasks_before) / passed))}/s)")
        if isinstance(analysis, LiveAnalysis):
            backlog = analysis.source.backlog
            behind = span(max(0, time.time_ns() - int(analysis.engine.last_ts))) if backlog and frames else ""
            facts.append(f"{size(backlog)} behind{f' ({behind})' if behind else ''}")
        losses = analysis.store.losses
        gaps = sum(loss.kind == "gap" for loss in losses)
        if gaps:
            facts.append(plural(gaps, "gap"))
        if len(losses) > gaps:
            facts.append(plural(len(losses) - gaps, "run of bytes not framed", "runs of bytes not framed"))
        if analysis.store.losses_not_listed:
            facts.append(f"{number(analysis.store.losses_not_listed)} more losses")
        return ", ".join(facts)
