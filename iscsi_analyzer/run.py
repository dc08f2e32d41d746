"""From the names of captures to an analysis: opens the sources, drives the engine chunk by chunk, gives the store to
whoever asks.

The loop is interpreted on purpose: between two chunks other threads get their turn, Ctrl-C is honoured, and progress
can be told.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

from iscsi_analyzer.options import Options
from iscsi_analyzer.plain import new_engine
from iscsi_analyzer.sources.capture import Capture, open_capture
from iscsi_analyzer.sources.problems import SourceProblem
from iscsi_analyzer.sources.sink import FirstFrames, FrameSink
from iscsi_analyzer.store.store import Store

if TYPE_CHECKING:
    from iscsi_analyzer.export.connection_record import ConnectionRecord
    from iscsi_analyzer.export.findings import FindingRecord
    from iscsi_analyzer.export.pdu_record import PduRecord
    from iscsi_analyzer.export.report_record import ReportRecord


PDU_BYTES, TASK_BYTES, FRAME_BYTES = 200, 120, 16
"Memory for a PDU, a task and a frame with TCP: what the index keeps of them, and the columns that are read from it."


class Analysis:
    """One capture, of one or several files, and what was found in it. A context manager: leaving it closes the
    files."""

    def __init__(
        self,
        paths: Sequence[str | os.PathLike[str]],
        options: Options | None = None,
        *,
        follow: bool = False,
        random_access: bool = False,
        max_frames: int | None = None,
        until: Callable[[int], int] | None = None,
    ) -> None:
        """Opens the captures; nothing is read yet. A directory stands for the captures in it.

        At most `max_frames` frames are read, and none that is later than `until` says, which is asked with the time of
        the first frame (both in ns since 1970). What follows them is as if it had not been captured.
        `random_access` makes the bytes of every PDU available afterwards even when the input is a pipe, by way of a
        temporary file. Raises SourceError if nothing at all can be read.
        """
        self.options = options if options is not None else Options()
        self.capture: Capture = open_capture(paths, follow=follow, random_access=random_access, until=until)
        self._max_frames = max_frames
        self._begin()

    def _begin(self, frames: int = 0, ports: Iterable[int] = ()) -> None:
        """An engine that knows nothing but how many frames there were before, and on which ports iSCSI was."""
        self.engine = new_engine(self.options)
        self.engine.frames = frames
        self.engine.listener.ports.update(ports)
        self.engine.listener.read_span = self.capture.read_span
        self.store = Store(self.engine, self.capture.read_span)
        self.finished = False
        # Frames whose places in the streams were given up.
        self._frames_forgotten = 0
        most = self._max_frames
        self._sink: FrameSink = self.engine if most is None else FirstFrames(self.engine, most - frames)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def problems(self) -> list[SourceProblem]:
        """What is wrong with the input, in the order in which it was met."""
        return self.capture.problems

    def step(self) -> bool:
        """Works on about a megabyte. False at the end of the capture, or when a followed file has nothing new for
        now."""
        return self.capture.step(self._sink)

    @property
    def memory(self) -> int:
        """About how many bytes of memory are needed for what has been found."""
        listener = self.engine.listener
        pdus, tasks = int(listener.rows.count), int(listener.sessions.tasks.count)
        frames = int(self.engine.tcp_frames) - self._frames_forgotten
        return pdus * PDU_BYTES + tasks * TASK_BYTES + frames * FRAME_BYTES + int(listener.kept_bytes)

    @property
    def over(self) -> bool:
        """Whether all is read and nothing more can come."""
        return self.capture.over

    def stop(self) -> None:
        """What is followed will not grow any more: further steps read what is there."""
        self.capture.stop_following()

    def begin_anew(self) -> None:
        """Gives back the memory of all that was found, and goes on with the next frame as if the capture began there:
        with a new engine and store, in which everything but frames is counted from 1 again."""
        self._begin(int(self.engine.frames), self.engine.listener.ports)

    def forget(self, share: float = 0.5) -> int:
        """Gives back the memory of ordinary PDUs in the oldest `share` of all, and of their tasks, and counts those
        that are left from 1 again; connections and sessions go on as they are, with logins, negotiations and findings.
        Returns how many PDUs were forgotten; 0 if that would be no use, and nothing was done."""
        from iscsi_analyzer.store.forgetting import forget

        gone = forget(self.store, int(len(self.store) * share))
        if gone:
            spans = sum(framer.spans.size for framer in self.store.framers())
            self._frames_forgotten = int(self.engine.tcp_frames) - spans // FRAME_BYTES
        return gone

    def finish(self) -> None:
        """Tells the engine that no more will come."""
        if not self.finished:
            self.finished = True
            self.engine.finish()

    def run(self, progress: Callable[[Analysis], None] | None = None) -> Analysis:
        """Reads to the end, calling `progress` after every step."""
        while self.step():
            if progress is not None:
                progress(self)
        self.finish()
        return self

    def pdus(self, *, secrets: bool = False) -> Iterator[PduRecord]:
        """The PDUs, in the order of their numbers, with what their JSON says. `secrets` shows the values of keys that
        carry them."""
        from iscsi_analyzer.export.pdus import Pdus

        return iter(Pdus(self.store, secrets=secrets))

    def connections(self) -> list[ConnectionRecord]:
        """The TCP connections that carry iSCSI, in the order of their numbers."""
        from iscsi_analyzer.export.connections import connection_records

        return list(connection_records(self.store))

    def findings(self) -> list[FindingRecord]:
        """What the rules found, as far as the options let it count, in the order in which it was found."""
        from iscsi_analyzer.export.findings import finding_records

        return list(finding_records(self.store))

    def report(self) -> ReportRecord:
        """Everything about the captures as a whole."""
        from iscsi_analyzer.export.report import report

        return report(self)

    def close(self) -> None:
        """Gives files and temporary files back."""
        self.capture.close()
