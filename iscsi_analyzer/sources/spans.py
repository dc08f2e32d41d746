"""The second look at bytes that went by: random access to every input by the positions that frames carry.

Chunks that were read last are answered from memory. Files are read again; compressed ones are decompressed again into a
temporary file as far as is asked for; a pipe is copied into one while it is read, if that was asked for at the start.
"""

from __future__ import annotations

import tempfile
import threading
from collections import deque
from collections.abc import Callable
from typing import IO, Final

from iscsi_analyzer.sources.facts import FileFacts
from iscsi_analyzer.sources.opening import Opening
from iscsi_analyzer.sources.problems import WARNING, ProblemLog, SourceError, SourceProblem
from iscsi_analyzer.sources.reading import FileReader, HandlePool, Reader, os_problem
from iscsi_analyzer.sources.sink import POSITION_BITS, POSITION_MASK

WINDOW: Final = 8 << 20
"So many bytes of recent chunks are kept."
SPOOLS_MAX: Final = 16
"Temporary copies of compressed files that are kept at the same time."
PIECE: Final = 1 << 20


class Spool:
    """A temporary file that has the first bytes of an input. It has no name and goes when it is closed."""

    def __init__(self, opening: Opening | None = None) -> None:
        """With an `opening`, the spool fetches what it lacks. Raises OSError."""
        self.size = 0
        self._file: IO[bytes] = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 (closed by `close`)
        self._opening = opening

    def append(self, data: bytes) -> None:
        """More bytes of the input. Raises OSError."""
        self._file.seek(self.size)
        view = memoryview(data)
        while view:
            written = self._file.write(view)
            self.size += written
            view = view[written:]

    def read(self, offset: int, length: int) -> bytes:
        """The bytes of the span, as far as the input has them. Raises OSError."""
        self._fetch(offset + length)
        self._file.seek(offset)
        return self._file.read(max(0, min(length, self.size - offset)))

    def _fetch(self, end: int) -> None:
        opening = self._opening
        if opening is None:
            return
        if opening.head:
            self.append(opening.head)
            opening.head = b""
        while self.size < end:
            data = opening.reader.read(PIECE)
            if not data:
                return
            self.append(data)

    def close(self) -> None:
        """Give back the disk space."""
        self._file.close()
        if self._opening is not None:
            self._opening.reader.close()


class SpanReader(Reader):
    """All bytes of one input from the beginning, by what a `Spans.read` still has of them."""

    def __init__(self, read: Callable[[int, int], bytes], index: int, end: int | None = None) -> None:
        """`end` is the number of its bytes, if that is known: nobody is asked for more."""
        self._read = read
        self._position = index << POSITION_BITS
        self._end = None if end is None else self._position + end

    def read(self, size: int) -> bytes:
        """See `Reader.read`."""
        if self._end is not None:
            size = min(size, self._end - self._position)
        data = self._read(self._position, size)
        self._position += len(data)
        self.done += len(data)
        return data


class Spans:
    """Answers `read` for all inputs of a capture, also when another thread asks than the one that reads them."""

    def __init__(self, files: list[FileFacts], log: ProblemLog, random_access: bool) -> None:
        self._files = files
        self._log = log
        self._random_access = random_access
        self._lock = threading.Lock()
        self._recent: deque[tuple[int, bytes]] = deque()
        self._recent_size = 0
        self._pool = HandlePool()
        self._readers: dict[int, FileReader] = {}
        self._spools: dict[int, Spool] = {}
        self._failed: set[int] = set()
        self._forgotten: set[int] = set()
        self.refused: dict[int, SourceProblem] = {}
        "Files whose bytes cannot be had again, by their index, and why."

    def chunk(self, position: int, data: bytes) -> None:
        """The capture has read a chunk; a pipe's is copied, for it cannot be had again."""
        with self._lock:
            self._recent.append((position, data))
            self._recent_size += len(data)
            while self._recent_size > WINDOW and len(self._recent) > 1:
                self._recent_size -= len(self._recent.popleft()[1])
            index = position >> POSITION_BITS
            if self._random_access and index not in self._failed and self._files[index].size is None:
                try:
                    if index not in self._spools:
                        self._spools[index] = Spool()
                    self._spools[index].append(data)
                except OSError as error:
                    self._give_up(index, error)

    def read(self, position: int, length: int) -> bytes:
        """The bytes of a span of one file; fewer, or none, if they cannot be had (any more)."""
        if length <= 0 or position < 0:
            return b""
        with self._lock:
            found = self._from_recent(position, length)
            if len(found) == length:
                return found
            index = position >> POSITION_BITS
            if index >= len(self._files) or index in self._failed:
                return found
            try:
                again = self._from_file(index, position & POSITION_MASK, length)
            except SourceError as error:
                self._failed.add(index)
                self.refused[index] = error.problem
                self._log.add(error.problem)
                return found
            except OSError as error:
                self._give_up(index, error)
                return found
            return again if len(again) > len(found) else found

    def _from_recent(self, position: int, length: int) -> bytes:
        found: list[bytes] = []
        for base, chunk in self._recent:
            start = position - base
            if 0 <= start < len(chunk):
                piece = chunk[start : start + length]
                found.append(piece)
                position += len(piece)
                length -= len(piece)
                if not length:
                    break
        return found[0] if len(found) == 1 else b"".join(found)

    def _from_file(self, index: int, offset: int, length: int) -> bytes:
        facts = self._files[index]
        if facts.size is None:
            spool = self._spools.get(index)
            return spool.read(offset, length) if spool is not None else b""
        if facts.compression:
            return self._spool(index).read(offset, length) if self._random_access else b""
        reader = self._readers.get(index)
        if reader is None:
            reader = self._readers[index] = FileReader(facts.path, self._pool)
        return reader.read_at(offset, length)

    def _spool(self, index: int) -> Spool:
        """The temporary copy of a compressed file; the oldest of them makes room."""
        spool = self._spools.get(index)
        if spool is None:
            copies = [i for i in self._spools if self._files[i].size is not None]
            if len(copies) >= SPOOLS_MAX:
                self._spools.pop(copies[0]).close()
            opening = Opening(self._files[index].path, self._pool)
            opening.identify(final=True)
            try:
                spool = self._spools[index] = Spool(opening)
            except OSError:
                opening.reader.close()
                raise
        return spool

    def is_forgotten(self, index: int) -> bool:
        """Whether a file was removed on purpose."""
        return index in self._forgotten

    def forget(self, index: int) -> None:
        """A file is removed on purpose."""
        with self._lock:
            self._failed.add(index)
            self._forgotten.add(index)
            reader = self._readers.pop(index, None)
            if reader is not None:
                reader.close()

    def _give_up(self, index: int, error: OSError) -> None:
        """The disk refuses: say so once, go on without."""
        self._failed.add(index)
        facts = self._files[index]
        spool = self._spools.pop(index, None)
        if spool is not None:
            spool.close()
        if facts.size is not None and not facts.compression:
            self.refused[index] = os_problem(facts.path, error)
            self._log.add(self.refused[index])
            return
        place = tempfile.gettempdir()
        said = f"no copy of its bytes can be kept in {place} ({error.strerror or error}): no details of its PDUs"
        self.refused[index] = SourceProblem(facts.path, -1, said, "free some disk space, or set TMPDIR", WARNING)
        self._log.add(self.refused[index])

    def close(self) -> None:
        """Close all files and remove the temporary ones."""
        with self._lock:
            for spool in self._spools.values():
                spool.close()
            for reader in self._readers.values():
                reader.close()
            self._spools.clear()
            self._readers.clear()
            self._recent.clear()
