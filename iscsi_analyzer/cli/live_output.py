"""The output of `live`: lines of events or JSON while it goes on, problems on stderr, and the report at the end."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable
from dataclasses import replace

import msgspec

from iscsi_analyzer.cli.output import Output, colour
from iscsi_analyzer.export.clocks import clock
from iscsi_analyzer.export.event import Event
from iscsi_analyzer.export.events import Events
from iscsi_analyzer.export.events_text import event_line
from iscsi_analyzer.export.live_lines import LiveLines
from iscsi_analyzer.export.report_record import ReportRecord
from iscsi_analyzer.export.report_text import report_text
from iscsi_analyzer.export.tables import Style, plural, size
from iscsi_analyzer.live import LiveAnalysis
from iscsi_analyzer.run import Analysis
from iscsi_analyzer.sources.problems import ERROR, NOTE, SourceProblem

TEXT = "text"
ENOUGH = 0.75
"Of the memory that is allowed, this much is in use at most after old PDUs are forgotten."


class LiveOutput:
    """Writes what is new in an analysis."""

    def __init__(self, arguments: argparse.Namespace, analysis: Analysis, output: Output) -> None:
        self._arguments = arguments
        self._analysis = analysis
        self._output = output
        self._problems = 0
        self._gone = 0
        self._begin({})

    def _begin(self, known: dict[str, str]) -> None:
        """Looks at the analysis from its beginning; `known` are names of connections that go on."""
        arguments, store = self._arguments, self._analysis.store
        if arguments.format == TEXT:
            self._clock = clock("a", store)
            self._style = Style(colour(arguments.color))
            self._events = Events(store, arguments.slow, known)
        else:
            self._lines = LiveLines(store, secrets=arguments.show_secrets)

    def more(self) -> None:
        """Tells what is new. Raises StdoutClosed."""
        self._tell_problems()
        if self._arguments.format == TEXT:
            self._tell(self._events.more(self._now()))
        else:
            self._output.write(self._lines.more())
        self._output.flush()

    def _now(self) -> int:
        """The time on this machine, which has captured everything up to now; 0 if that is not so."""
        analysis = self._analysis
        if isinstance(analysis, LiveAnalysis) and analysis.source.running and not analysis.source.backlog:
            return time.time_ns()
        return 0

    def make_room(self) -> None:
        """Forgets old PDUs if more memory is needed than may be, or everything if that would not help, and says so.
        Raises StdoutClosed."""
        limit = self._arguments.max_memory
        analysis = self._analysis
        if analysis.memory <= limit:
            return
        self.more()
        before = len(analysis.store)
        gone = 0
        while analysis.memory > limit * ENOUGH and (more := analysis.forget()):
            gone += more
        if gone:
            self._counted_anew()
            if not self._gone:
                told = f"{plural(before, 'PDU')} need {size(limit)} of memory (--max-memory)"
                text = f"{told}: from now on old ones are forgotten with their tasks, and the others counted anew"
                analysis.capture.note(SourceProblem("live", -1, text, "", NOTE))
            self._gone += gone
        if analysis.memory > limit:
            self._forget_all(limit)

    def _counted_anew(self) -> None:
        if self._arguments.format == TEXT:
            self._events.counted_anew()
        else:
            self._lines.counted_anew()

    def _forget_all(self, limit: int) -> None:
        """Whatever needs the memory, it is not ordinary traffic."""
        analysis = self._analysis
        analysis.finish()
        self._end_part()
        known = self._events.names() if self._arguments.format == TEXT else {}
        told = f"{plural(len(analysis.store), 'PDU')} need {size(limit)} of memory (--max-memory)"
        text = f"{told}: they are forgotten; sessions go on without their logins, and are counted from 1 again"
        analysis.begin_anew()
        analysis.capture.note(SourceProblem("live", -1, text, "", NOTE))
        self._begin(known)

    def _tell(self, events: Iterable[Event]) -> None:
        for event in events:
            self._output.text(event_line(event, self._clock, self._style) + "\n")

    def _tell_problems(self) -> None:
        """Says on stderr what is wrong with the input, as soon as it is known."""
        problems = self._analysis.problems
        for problem in map(self._named, problems[self._problems :]):
            if not self._arguments.quiet or problem.severity == ERROR:
                mark = "" if problem.severity == ERROR else f"{problem.severity}: "
                print(f"iscsi-analyzer: {mark}{problem}", file=sys.stderr, flush=True)
        self._problems = len(problems)

    def end(self) -> None:
        """Tells the rest, and the report. Raises StdoutClosed."""
        if self._gone:
            text = f"{plural(self._gone, 'old PDU')} were forgotten with their tasks (--max-memory)"
            note = SourceProblem("live", -1, f"{text}: what is told at the end is of the others", "", NOTE)
            self._analysis.capture.note(note)
        self.more()
        self._end_part()
        if self._arguments.report and self._arguments.format == TEXT:
            self._output.text("\n")
            for line in report_text(self._record(), colour=colour(self._arguments.color)):
                self._output.text(line + "\n")
        self._output.flush()

    def _end_part(self) -> None:
        """What is left to tell of an analysis that is finished. In JSON its report stands behind its records."""
        self.more()
        if self._arguments.format == TEXT:
            self._tell(self._events.end())
            return
        self._output.write(self._lines.end())
        if self._arguments.report:
            self._output.write(msgspec.json.encode(self._record()) + b"\n")

    def _record(self) -> ReportRecord:
        """The report. Files that are not kept are not named: nobody would find them."""
        record = self._analysis.report()
        for file in record.files:
            file.path = self._name(file.path)
        record.problems = [msgspec.structs.replace(each, path=self._name(each.path)) for each in record.problems]
        return record

    def _named(self, problem: SourceProblem) -> SourceProblem:
        return replace(problem, path=self._name(problem.path))

    def _name(self, path: str) -> str:
        """What to call an input file."""
        analysis = self._analysis
        if isinstance(analysis, LiveAnalysis) and analysis.source.is_spooled(path):
            return f"live on {', '.join(analysis.source.interfaces)} (not kept)"
        return path
