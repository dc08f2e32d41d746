"""Bytes from files and pipes, in pieces and without buffers. Knows the operating system; no compression, no formats.

A capture may consist of a thousand files, so a file that is not being read need not be open: `HandlePool` closes the
one that was used longest ago, and a `FileReader` opens itself again at its place.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections import OrderedDict
from io import FileIO
from typing import BinaryIO, Final

from iscsi_analyzer.sources.problems import ERROR, SourceError, SourceProblem

STDIN: Final = "-"
PIPE_BYTES: Final = 1 << 20
"What a pipe that is followed should hold; the most that an ordinary user may ask for on Linux."
HANDLES_MAX: Final = 32
"Files that are open at the same time."


class Reader:
    """A stream of bytes that can be read once."""

    done: int = 0
    "Bytes that were taken from the disk or the pipe (compressed bytes, if it is compressed)."
    descriptor: int = -1
    "Of a pipe that is followed: what the operating system can wait for."

    def follow(self) -> None:
        """From now on `read` gives what is there and never waits."""

    def read(self, size: int) -> bytes:
        """At most `size` bytes; none at the end, or if there is nothing more for now. Raises OSError."""
        raise NotImplementedError

    def ended(self) -> bool:
        """After `read` gave nothing: is there no use in waiting for more?"""
        return False

    def incomplete(self) -> SourceProblem | None:
        """What is wrong with the input if it ends here for ever; None if that is a proper end."""
        return None

    def close(self) -> None:
        """Give back what the operating system lent."""


class HandlePool:
    """Open files, at most HANDLES_MAX of them."""

    def __init__(self, limit: int = HANDLES_MAX) -> None:
        self._open: OrderedDict[FileReader, FileIO] = OrderedDict()
        self._limit = limit

    def handle(self, reader: FileReader) -> FileIO:
        """The file of a reader, opened at its place if it was not open."""
        handle = self._open.get(reader)
        if handle is not None:
            self._open.move_to_end(reader)
            return handle
        while len(self._open) >= self._limit:
            _, oldest = self._open.popitem(last=False)
            oldest.close()
        handle = open(reader.path, "rb", buffering=0)  # noqa: SIM115 (the pool closes it)
        self._open[reader] = handle
        if reader.position:
            handle.seek(reader.position)
        return handle

    def release(self, reader: FileReader) -> None:
        """The reader needs its file no more."""
        handle = self._open.pop(reader, None)
        if handle is not None:
            handle.close()


class FileReader(Reader):
    """A regular file; it may grow while it is read."""

    def __init__(self, path: str, pool: HandlePool) -> None:
        self.path = path
        self.position = 0
        self._pool = pool
        self._identity: tuple[int, int] | None = None
        self._changed = ""

    def read(self, size: int) -> bytes:
        """See `Reader.read`."""
        handle = self._pool.handle(self)
        if self._identity is None:
            status = os.fstat(handle.fileno())
            self._identity = (status.st_dev, status.st_ino)
        data = handle.read(size) or b""
        self.position += len(data)
        self.done = self.position
        return data

    def read_at(self, offset: int, length: int) -> bytes:
        """The bytes of a span, as far as the file has them. Raises OSError."""
        handle = self._pool.handle(self)
        handle.seek(offset)
        length = min(length, os.fstat(handle.fileno()).st_size - offset)
        return handle.read(length) or b"" if length > 0 else b""

    def ended(self) -> bool:
        """See `Reader.ended`: another file may have taken the name, or somebody may have cut this one."""
        try:
            status = os.stat(self.path)
        except OSError:
            self._changed = "the file was removed"
        else:
            if self._identity is not None and (status.st_dev, status.st_ino) != self._identity:
                self._changed = "another file has taken its place"
            elif status.st_size < self.position:
                self._changed = f"the file was cut to {status.st_size} bytes"
        return bool(self._changed)

    def incomplete(self) -> SourceProblem | None:
        """See `Reader.incomplete`."""
        if not self._changed:
            return None
        said = f"{self._changed} while it was followed: what precedes was read"
        return SourceProblem(self.path, self.position, said, "begin again to read it anew", ERROR)

    def close(self) -> None:
        """See `Reader.close`."""
        self._pool.release(self)


class PipeReader(Reader):
    """The standard input, or a path that is no regular file. What was read is gone."""

    def __init__(self, stream: BinaryIO, owned: bool) -> None:
        self._stream = stream
        self._owned = owned
        self._over = False
        # A buffered stream gives what a pipe has at once by `read1`; its `read` would wait until all is there.
        self._take = getattr(stream, "read1", stream.read)

    def follow(self) -> None:
        """See `Reader.follow`."""
        try:
            self.descriptor = self._stream.fileno()
            os.set_blocking(self.descriptor, False)
            _widen(self.descriptor)
        except (OSError, ValueError, AttributeError):
            self.descriptor = (
                -1
            )  # something in memory, which never waits, or a system whose pipes can only be waited for

    def read(self, size: int) -> bytes:
        """See `Reader.read`."""
        if self.descriptor < 0:
            data: bytes = self._take(size) or b""
        else:
            try:
                data = os.read(self.descriptor, size)
            except BlockingIOError:
                return b""
            self._over = not data
        self.done += len(data)
        return data

    def ended(self) -> bool:
        """See `Reader.ended`: after its end a pipe brings nothing more."""
        return self._over or self.descriptor < 0

    def close(self) -> None:
        """See `Reader.close`."""
        if self.descriptor >= 0:
            os.set_blocking(self.descriptor, True)
            self.descriptor = -1
        if self._owned:
            self._stream.close()


def _widen(pipe: int) -> None:
    """Lets a pipe hold more, so that its writer need not wait for us so often."""
    with contextlib.suppress(OSError, ImportError, AttributeError):
        import fcntl

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)


def is_regular(path: str) -> bool:
    """Can the path be opened again and again with the same bytes in it?"""
    if path == STDIN:
        return False
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except OSError:
        return False


def size_on_disk(path: str) -> int | None:
    """Bytes of a regular file, None if it is none."""
    if path == STDIN:
        return None
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def open_reader(path: str, pool: HandlePool) -> Reader:
    """Whatever the path names, ready to be read. Raises SourceError."""
    try:
        if path == STDIN:
            return _open_stdin()
        status = os.stat(path)
        if stat.S_ISDIR(status.st_mode):
            raise SourceError(directory_problem(path))
        if stat.S_ISREG(status.st_mode):
            reader = FileReader(path, pool)
            pool.handle(reader)
            return reader
        return PipeReader(open(path, "rb", buffering=0), owned=True)
    except (OSError, ValueError) as error:
        raise SourceError(os_problem(path, error)) from error


def _open_stdin() -> Reader:
    if sys.stdin is None:
        raise SourceError(SourceProblem(STDIN, -1, "is closed", "give the name of a capture file", ERROR))
    # Python itself has put the standard input into binary mode below `buffer`, on Windows, too.
    stream: BinaryIO = sys.stdin.buffer
    if stream.isatty():
        remedy = "give the name of a capture file, or send a capture through a pipe"
        raise SourceError(SourceProblem(STDIN, -1, "is a terminal, not a capture", remedy, ERROR))
    return PipeReader(stream, owned=False)


def directory_problem(path: str) -> SourceProblem:
    """The user named a directory."""
    remedy = f"name the files in it: {os.path.join(path, '*')}"
    return SourceProblem(path, -1, "is a directory", remedy, ERROR)


def os_problem(path: str, error: OSError | ValueError, offset: int = -1) -> SourceProblem:
    """What the operating system says against opening or reading a path."""
    if isinstance(error, FileNotFoundError):
        return SourceProblem(path, offset, "there is no such file", "check the name", ERROR)
    if isinstance(error, PermissionError):
        remedy = "captures made by root often belong to root: change the owner or the permissions"
        return SourceProblem(path, offset, "may not be read: permission denied", remedy, ERROR)
    reason = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
    return SourceProblem(path, offset, f"cannot be read: {reason}", "", ERROR)
