"""A capture: one file, many files, or the standard input, merged by time and handed to a frame sink step by step."""

from __future__ import annotations

import heapq
import os
import select
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Final

from iscsi_analyzer.sources.cursor import Cursor, Outcome
from iscsi_analyzer.sources.facts import FileFacts, InterfaceFacts
from iscsi_analyzer.sources.folders import with_captures_of_folders
from iscsi_analyzer.sources.opening import Opening
from iscsi_analyzer.sources.problems import ERROR, ProblemLog, SourceError, SourceProblem
from iscsi_analyzer.sources.reading import STDIN, HandlePool, Reader, is_regular, os_problem, size_on_disk
from iscsi_analyzer.sources.sink import BEFORE_ALL, NO_LIMIT, FrameSink, Interfaces
from iscsi_analyzer.sources.spans import SpanReader, Spans

CHUNK: Final = 1 << 20
"Bytes of a file that are worked on in one step."
SMALL_CHUNK: Final = 1 << 16
"Where many files overlap, their chunks are made smaller, but not smaller than this."
FULL_CHUNKS: Final = 8
"So many files may have a full chunk at the same time."
PEEK_MAX: Final = 1 << 22
"So far a file is searched for its first frame when several are opened (bytes)."
FILES_MAX: Final = 1 << 15


def open_capture(
    paths: Sequence[str | os.PathLike[str]],
    *,
    follow: bool = False,
    random_access: bool = False,
    chunk_size: int = CHUNK,
    until: Callable[[int], int] | None = None,
) -> Capture:
    """Open capture files as one capture, merged by time; `-` is the standard input, and a directory stands for the
    captures in it.

    With `follow` the files may still grow: `step` then says False for "nothing new for now". `random_access` lets
    `read_span` reach all bytes of compressed files and pipes, too, by temporary copies. `chunk_size` (bytes) is the
    work of one step. `until` is asked once, with the time of the first frame (ns since 1970), for the time of the last
    one that is wanted: reading ends before the first frame that is later. Files that cannot be read are reported in
    `problems`; SourceError is raised if none can be.
    """
    names = [os.fspath(path) for path in paths]
    if not names:
        raise ValueError("open_capture needs at least one path")
    return Capture(names, follow, random_access, chunk_size, until)


class Capture:
    """Reads its files; see `open_capture`. A context manager."""

    def __init__(
        self,
        names: list[str],
        follow: bool,
        random_access: bool,
        chunk_size: int,
        until: Callable[[int], int] | None = None,
        readers: Callable[[int], Reader | None] = lambda _: None,
    ) -> None:
        """`readers` may have other bytes for a file, by its index, than those at its path."""
        self._log = ProblemLog()
        self._readers = readers
        self._interfaces = Interfaces()
        self._pool = HandlePool()
        names = with_captures_of_folders(names, self._pool, self._log)
        self.files: list[FileFacts] = [FileFacts(name, i, size=size_on_disk(name)) for i, name in enumerate(names)]
        "One entry for each path that was given, readable or not; directories are replaced by the captures in them."
        self._spans = Spans(self.files, self._log, random_access)
        self._follow = follow
        self._chunk_size = chunk_size
        self._cursors: list[Cursor] = []
        self._queue: list[tuple[int, int]] = []
        "Time of the next frame and index into `_cursors`, of every cursor that is not finished, running, or waiting."
        self._current: int = -1
        self._limit: int = NO_LIMIT
        self._waiting: list[int] = []
        self._until = until
        self._last_wanted: int = NO_LIMIT
        "Later frames are not read."
        self._begun: set[int] = set()
        "Cursors that have a chunk in memory."
        self._next: dict[int, FileFacts] = {}
        "File -> the one that begins when it has ended."
        self._settled: set[int] = set()
        "Files that do not grow any more."
        for facts in self.files:
            self._add(facts, alone=len(names) == 1)
        if not self._cursors:
            self.close()
            raise SourceError(self.problems[0], self.problems)

    def _add(self, facts: FileFacts, alone: bool) -> bool:
        """Open one input for a first look: what is it, and when is its first frame? False if it cannot be read."""
        if self._spans.is_forgotten(facts.index):
            return False
        if facts.index >= FILES_MAX:
            self._log.add(
                SourceProblem(facts.path, -1, f"only {FILES_MAX} files are read at once", "merge some", ERROR)
            )
            return False
        if facts.path == STDIN and any(cursor.facts.path == STDIN for cursor in self._cursors):
            self._log.add(SourceProblem(STDIN, -1, "is given twice: read once", "", ERROR))
            return False
        reader = self._readers(facts.index)
        try:
            opening = Opening(facts.path, self._pool, reader)
            if self._follow:
                opening.reader.follow()
            opening.identify(final=not self._follow)
        except SourceError as error:
            self._log.add(error.problem)
            return False
        except OSError as error:
            self._log.add(os_problem(facts.path, error))
            return False
        facts.format = opening.format
        facts.compression = opening.compression
        next_ts = BEFORE_ALL
        keep = alone or self._follow or reader is not None or not is_regular(facts.path)
        if not keep:
            next_ts = first_time(facts, opening, self._pool)
        cursor = Cursor(facts, self._log, self._interfaces, self._pool, self._spans.chunk, opening if keep else None)
        cursor.follow = self._follow and facts.index not in self._settled
        cursor.may_be_empty = self._follow  # nothing may have happened yet, or between two files of a ring
        heapq.heappush(self._queue, (next_ts, len(self._cursors)))
        self._cursors.append(cursor)
        return True

    def append(self, path: str | os.PathLike[str], after: int | None = None) -> int:
        """One more file for a capture that is followed; returns its index in `files`.

        It goes on where file `after` ends, which will not grow any more: the next file of a ring buffer. Without
        `after` it is read beside the others.
        """
        name = os.fspath(path)
        facts = FileFacts(name, len(self.files), size=size_on_disk(name))
        self.files.append(facts)
        if after is None:
            self._add(facts, alone=True)
            return facts.index
        its_turn_is_later = any(waiting.index == after for waiting in self._next.values())
        self._next[after] = facts
        self.settle(after)
        cursor = self._cursor_of(after)
        if not its_turn_is_later and (cursor is None or cursor.over):
            self._go_on(after)
        return facts.index

    def _cursor_of(self, index: int) -> Cursor | None:
        """The cursor of a file; None if the file could not be opened, or its turn has not come yet."""
        return next((cursor for cursor in reversed(self._cursors) if cursor.facts.index == index), None)

    def _go_on(self, index: int) -> None:
        """A file is finished: begin with the one that goes on after it, or with the first in that row that can be
        read."""
        while (facts := self._next.pop(index, None)) is not None and not self._add(facts, alone=True):
            index = facts.index

    def settle(self, index: int) -> None:
        """A file that was followed will not grow any more, or one whose turn has not come yet will not."""
        self._settled.add(index)
        cursor = self._cursor_of(index)
        if cursor is not None:
            cursor.follow = False

    def forget(self, index: int) -> None:
        """A file is going to be removed on purpose: asking for its bytes gives none, and if its turn has not come it is
        left out. What was begun is read on."""
        self._spans.forget(index)

    def is_read(self, index: int) -> bool:
        """Whether a file was read to its end, or was begun and never will be."""
        cursor = self._cursor_of(index)
        return cursor is not None and cursor.over

    def bytes_done_of(self, index: int) -> int:
        """Bytes of one file that were read from disk or pipe."""
        cursor = self._cursor_of(index)
        return 0 if cursor is None else cursor.bytes_done

    def note(self, problem: SourceProblem) -> None:
        """Somebody else has found something wrong with the input."""
        self._log.add(problem)

    @property
    def over(self) -> bool:
        """Whether there is nothing left to read or to wait for."""
        return self._current < 0 and not self._queue and not self._waiting

    def wait(self, seconds: float) -> None:
        """Sleeps until a pipe that is followed may have more, or for that long."""
        pipes = [descriptor for cursor in self._cursors if (descriptor := cursor.descriptor) >= 0]
        try:
            if pipes:
                select.select(pipes, [], [], seconds)
                return
        except OSError:  # a system that can wait for sockets only
            pass
        time.sleep(seconds)

    def step(self, sink: FrameSink) -> bool:
        """Hand about one chunk's frames to the sink. False if all is read, or, while following, if nothing is new."""
        for index in self._waiting:
            heapq.heappush(self._queue, (BEFORE_ALL, index))
        self._waiting.clear()
        while True:
            if self._current < 0:
                if not self._queue or not self._choose():
                    return False
            cursor = self._cursors[self._current]
            outcome = cursor.run(self._limit, sink)
            if outcome is Outcome.CHUNK:
                return True
            if outcome is Outcome.LIMIT:
                heapq.heappush(self._queue, (cursor.next_ts, self._current))
            elif outcome is Outcome.WAIT:
                self._waiting.append(self._current)
            elif outcome is Outcome.FULL:
                self._leave()
                return False
            else:
                self._begun.discard(self._current)
                self._go_on(cursor.facts.index)
            self._current = -1

    def _choose(self) -> bool:
        """Run the file whose next frame is the earliest, up to where another one's turn is. Equal times go by file.
        False if no further frame is wanted."""
        ts, index = heapq.heappop(self._queue)
        if self._until is not None and ts != BEFORE_ALL:
            self._last_wanted = self._until(ts)
            self._until = None
        if ts > self._last_wanted:
            self._leave()
            return False
        self._current = index
        if ts == BEFORE_ALL and (self._queue or self._until is not None):
            # Its first time is not known yet.
            self._limit = BEFORE_ALL
        elif not self._queue:
            self._limit = self._last_wanted
        else:
            other_ts, other = self._queue[0]
            self._limit = min(other_ts if index < other else other_ts - 1, self._last_wanted)
        self._begun.add(index)
        share = FULL_CHUNKS * self._chunk_size // len(self._begun)
        self._cursors[index].chunk_size = min(self._chunk_size, max(share, SMALL_CHUNK))
        return True

    def _leave(self) -> None:
        """No further frame is wanted, of no file."""
        self._next.clear()
        self._queue.clear()
        self._waiting.clear()
        self._current = -1
        for cursor in self._cursors:
            cursor.leave()

    def stop_following(self) -> None:
        """The files will not grow any more: further steps read to their ends and then finish."""
        self._follow = False
        for cursor in self._cursors:
            cursor.follow = False

    def again(self) -> Capture:
        """The same files from the beginning, for a second pass: the same frames in the same order, while the numbers of
        interfaces may differ. What can be read only once is there if `random_access` was asked for. This capture must
        stay open. Raises SourceError."""

        def reader(index: int) -> Reader | None:
            facts = self.files[index]
            if is_regular(facts.path):
                return None
            return SpanReader(self._spans.read, index, None if facts.compression else facts.size)

        for index, problem in self._spans.refused.items():
            if not is_regular(self.files[index].path):
                raise SourceError(problem)
        names = [facts.path for facts in self.files]
        return Capture(names, False, False, self._chunk_size, readers=reader)

    def read_span(self, position: int, length: int) -> bytes:
        """Captured bytes at a position that a frame had; fewer or none if they cannot be had. Any thread may ask."""
        return self._spans.read(position, length)

    @property
    def refused(self) -> list[SourceProblem]:
        """Why bytes of some files could not be had again when somebody asked for them."""
        return list(self._spans.refused.values())

    @property
    def problems(self) -> list[SourceProblem]:
        """What was wrong so far, in the order of discovery."""
        return self._log.problems

    @property
    def interfaces(self) -> list[InterfaceFacts]:
        """The interfaces of all files; the numbers that frames carry are indexes into this list."""
        return self._interfaces.facts

    @property
    def bytes_done(self) -> int:
        """Bytes read from disk or pipe so far (compressed ones, if they are)."""
        return sum(cursor.bytes_done for cursor in self._cursors)

    @property
    def bytes_total(self) -> int | None:
        """Bytes on disk of all files that can be read; None if that is not known, as for the standard input."""
        total = 0
        for cursor in self._cursors:
            if cursor.facts.size is None:
                return None
            total += cursor.facts.size
        return total

    def close(self) -> None:
        """Close all files."""
        for cursor in self._cursors:
            cursor.close()
        self._spans.close()

    def __enter__(self) -> Capture:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def first_time(facts: FileFacts, opening: Opening, pool: HandlePool) -> int:
    """Time of a file's first frame; BEFORE_ALL if it is not near the beginning. The file is left as if never opened."""
    log = ProblemLog()
    probe = Cursor(FileFacts(facts.path), log, Interfaces(), pool, None, opening)
    probe.chunk_size = SMALL_CHUNK
    sink = FrameSink()
    found = BEFORE_ALL
    while probe.bytes_done < PEEK_MAX:
        outcome = probe.run(BEFORE_ALL, sink)
        if outcome is Outcome.LIMIT:
            found = probe.next_ts
        if outcome is not Outcome.CHUNK:
            break
    probe.close()
    return found
