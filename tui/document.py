"""What the screens look at: one analysis, read by a thread of its own, and what may be asked of it meanwhile.

Knows no user interface. Screens never see files, sockets or threads; they see a `Document`.

What may be read when. One thread, the writer, works through the capture in steps of about a megabyte.

- At any time, from any thread: the number of PDUs and tasks, a row by its number, kept data, the bytes of a PDU, the
  findings of one PDU, connections and sessions by their place. These are appended and then stay, or are replaced whole.
- Only within `reading()`: everything that looks at many things at once, that is whole columns, filters, every analysis
  (`Study`), walks over findings, tasks or dictionaries of the model. It waits until the writer is between two steps,
  keeps it there, and lets one reader in at a time. So it belongs into a worker thread: the thread that paints must
  never call it.

Readers go before the writer: whoever asks waits for one step at most, and for other readers.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from iscsi_analyzer.run import Analysis
from iscsi_analyzer.sources.problems import ERROR, WARNING, SourceProblem
from iscsi_analyzer.store.store import Store
from tui.lacks import Lacks

if TYPE_CHECKING:
    from iscsi_analyzer.analysis.study import Study

SWITCH_SECONDS: Final = 0.0005
"How long the interpreter lets the writer go on when another thread wants to run."
FOLLOW_SECONDS: Final = 0.05
"How long to wait before an input that grows is looked at again."


class State(Enum):
    """What the writer does."""

    READY = "not begun"
    LOADING = "loading"
    FOLLOWING = "waiting for more"
    PAUSED = "paused"
    FINISHED = "finished"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the reading is."""

    done: int
    "Bytes read."
    total: int | None
    "Bytes that there are; None if nobody knows."
    pdus: int
    seconds: float
    "Time spent on reading, without pauses."

    @property
    def share(self) -> float | None:
        """How much of the whole is done, 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else None

    @property
    def speed(self) -> float:
        """Bytes a second."""
        return self.done / self.seconds if self.seconds > 0 else 0.0

    @property
    def eta(self) -> float | None:
        """Seconds that are left, as far as that can be told."""
        if not self.total or not self.speed:
            return None
        return max(0.0, (self.total - self.done) / self.speed)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is wrong with the input."""

    severity: str
    "`error`, `warning` or `note`."
    text: str
    short: str
    "The same with the name of the file instead of its whole path."


def _trouble(problem: SourceProblem) -> Trouble:
    text = str(problem)
    return Trouble(problem.severity, text, text.replace(problem.path, PurePath(problem.path).name, 1))


class Document:
    """One analysis with its writer thread."""

    def __init__(
        self,
        analysis: Analysis,
        *,
        title: str = "",
        follow: bool = False,
        on_close: Callable[[], None] | None = None,
    ) -> None:
        """`follow`: the input grows, the end of it is no end. `on_close` is called once, by `close`, after the writer
        has ended and before the files are closed."""
        self.analysis = analysis
        self.store: Store = analysis.store
        self.title = title or title_of([facts.path for facts in analysis.capture.files])
        self.follow = follow
        self.generation = 0
        "Grows whenever there may be something new to see."
        self.failure: BaseException | None = None
        "What broke the writer: a mistake in the program, not in the input."
        self._lacks = Lacks(self.store)
        self._on_close = on_close
        self._state = State.READY
        self._spent = 0.0
        self._since: float | None = None
        self._turn = threading.Condition()
        self._busy = False
        self._wanting = 0
        self._go_on = threading.Event()
        self._go_on.set()
        self._wake = threading.Event()
        self._stop = False
        self._closing = False
        self._closed = False
        self._thread = threading.Thread(target=self._write, name="writer", daemon=True)
        self._study: tuple[int, Study] | None = None

    # --- what goes on ---

    def start(self) -> None:
        """Begins to read."""
        sys.setswitchinterval(SWITCH_SECONDS)
        self._state = State.LOADING
        self._thread.start()

    def pause(self) -> None:
        """Stops reading for a while; what is there can be looked at."""
        self._go_on.clear()

    def resume(self) -> None:
        """Goes on reading."""
        self._go_on.set()

    def stop(self) -> None:
        """Ends the reading for good: of a followed file the rest that is there is still read, of others it is not. What
        was read is concluded as if the capture ended here."""
        self._stop = True
        self._go_on.set()
        self._wake.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Waits for the writer to end; False if it has not by then. For tests and for programs without screens."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def close(self) -> None:
        """Ends the writer wherever it is and gives the files back. May be called more than once."""
        if self._closed:
            return
        self._closed = True
        self._closing = True
        self.stop()
        if self._thread.is_alive():
            self._thread.join()
        if self._on_close is not None:
            self._on_close()
        self.analysis.close()

    @property
    def state(self) -> State:
        """What the writer does now."""
        if self._state in (State.LOADING, State.FOLLOWING) and not self._go_on.is_set():
            return State.PAUSED
        return self._state

    @property
    def finished(self) -> bool:
        """Nothing more will come."""
        return self._state in (State.FINISHED, State.FAILED)

    @property
    def stopped(self) -> bool:
        """The reading was ended before the input did."""
        return self._stop and self._state is State.FINISHED and not self.follow

    @property
    def progress(self) -> Progress:
        """How far the reading is."""
        since = self._since
        spent = self._spent + (time.monotonic() - since if since is not None else 0.0)
        capture = self.analysis.capture
        return Progress(capture.bytes_done, capture.bytes_total, len(self.store), spent)

    @property
    def problems(self) -> list[Trouble]:
        """What is wrong with the input, in the order in which it was met."""
        return [_trouble(problem) for problem in list(self.analysis.problems)]

    @property
    def error(self) -> str:
        """The first thing that kept the input from being read whole; empty if nothing did."""
        if self.failure is not None:
            return f"the analyzer failed: {type(self.failure).__name__}: {self.failure}"
        return next((trouble.short for trouble in self.problems if trouble.severity == ERROR), "")

    @property
    def remarks(self) -> list[str]:
        """What else than `error` a reader must know before trusting what is on any screen: warnings about the input,
        bytes that it lacks, connections whose beginning it lacks. Short, for one line."""
        found: list[str] = []
        if self.stopped:
            found.append("reading was stopped: the rest is not analysed")
        warnings = [trouble for trouble in self.problems if trouble.severity == WARNING]
        if warnings:
            more = f" (and {len(warnings) - 1} more)" if len(warnings) > 1 else ""
            found.append(warnings[0].short + more)
        return found + self._lacks.words()

    # --- looking at everything ---

    @contextmanager
    def reading(self) -> Iterator[Study]:
        """Holds the writer between two steps and other readers out, and gives the analyses of what there is. Not for
        the thread that paints, and not within itself.

        The study is the same one until more was read; each part of it is computed when it is first asked for.
        """
        from iscsi_analyzer.analysis.study import Study

        with self._turn:
            self._wanting += 1
            self._turn.wait_for(lambda: not self._busy)
            self._wanting -= 1
            self._busy = True
        try:
            if self._study is None or self._study[0] != self.generation:
                self._study = (self.generation, Study(self.store))
            yield self._study[1]
        finally:
            self._leave()

    def _leave(self) -> None:
        with self._turn:
            self._busy = False
            self._turn.notify_all()

    # --- the writer ---

    def _write(self) -> None:
        try:
            self._read_all()
            if not self._closing:
                self._one_step(self._finish)
                self._state = State.FINISHED
        except BaseException as failure:  # shown on the screen, and raised again when the terminal is restored
            self.failure = failure
            self._state = State.FAILED
        finally:
            self._clock(False)
            self.generation += 1

    def _read_all(self) -> None:
        while not self._stop:
            if not self._go_on.is_set():
                self._clock(False)
                self._go_on.wait()
                continue
            self._clock(True)
            if self._one_step(self.analysis.step):
                self._state = State.LOADING
            elif not self.follow or self.analysis.over:
                return
            else:
                self._clock(False)
                self._state = State.FOLLOWING
                self._wake.wait(FOLLOW_SECONDS)
        if self.follow and not self._closing:
            self.analysis.stop()
            while not self._closing and self._one_step(self.analysis.step):
                pass

    def _finish(self) -> bool:
        self.analysis.finish()
        return True

    def _one_step(self, work: Callable[[], bool]) -> bool:
        """Works while no reader looks; readers that wait go first."""
        with self._turn:
            self._turn.wait_for(lambda: not self._busy and (not self._wanting or self._closing))
            self._busy = True
        try:
            more = work()
            if more:
                self.generation += 1
            return more
        finally:
            self._leave()

    def _clock(self, runs: bool) -> None:
        """Counts the time that is spent on reading."""
        now = time.monotonic()
        if self._since is not None:
            self._spent += now - self._since
        self._since = now if runs else None


def title_of(paths: Sequence[str]) -> str:
    """What to call a capture of these files: `a.pcap`, `a.pcap and 3 more`, `standard input`."""
    if not paths:
        return ""
    first = "standard input" if paths[0] == "-" else PurePath(paths[0]).name
    return first if len(paths) == 1 else f"{first} and {len(paths) - 1} more"
