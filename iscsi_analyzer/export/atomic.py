"""Files that are there in whole or not at all: written beside their place under another name, and renamed at the end.

Knows nothing of what is written.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


class OutputError(Exception):
    """The output cannot be written; the message names the file, what is wrong, and a remedy."""


_REMEDIES = {
    errno.ENOSPC: "make room, or write to another disk",
    errno.EFBIG: "raise the limit of file sizes, or write to another file system",
    errno.EDQUOT: "make room, or write to another disk",
    errno.ENOENT: "make the directory first",
    errno.ENOTDIR: "check the path",
    errno.EACCES: "write where you may",
    errno.EPERM: "write where you may",
    errno.EROFS: "write to another disk",
    errno.EISDIR: "name a file in it",
    errno.ENAMETOOLONG: "choose a shorter name",
}


def check_target(path: Path, inputs: Iterable[str | os.PathLike[str]]) -> None:
    """Raises OutputError if `path` is one of the captures that are read, by whatever name, or a directory."""
    if path.is_dir():
        raise OutputError(f"{path}: this is a directory ({_REMEDIES[errno.EISDIR]})")
    for each in inputs:
        with suppress(OSError):
            # The standard input may be a file, too.
            if os.path.samefile(path, 0 if each == "-" else each):
                raise OutputError(f"{path}: this is the capture that is read (choose another name)")


@contextmanager
def made_directory(path: Path) -> Iterator[Path]:
    """A directory that is made if it is not there, and taken away again if the block has not ended well and left it
    empty. Raises OutputError where the system refuses."""
    there = path.is_dir()
    try:
        path.mkdir(exist_ok=True)
    except OSError as error:
        raise refused(str(path), error) from None
    try:
        yield path
    except BaseException:
        if not there:
            with suppress(OSError):
                path.rmdir()
        raise


@contextmanager
def written(path: Path) -> Iterator[BinaryIO]:
    """A stream whose content stands at `path` when the block has ended well; otherwise what was there stays.

    What is no regular file (a pipe, a device) is written to directly. Raises OutputError where the system refuses.
    """
    direct = path.exists() and not stat.S_ISREG(path.stat().st_mode)
    # A link stays a link: what it points to is replaced.
    target = path if direct else Path(os.path.realpath(path))
    part = target if direct else target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with open(part, "wb" if direct else "xb") as stream:
            yield stream
        if not direct:
            os.replace(part, target)
    except OSError as error:
        raise refused(str(path), error) from None
    finally:
        if not direct:
            with suppress(OSError):
                part.unlink()


def refused(place: str, error: OSError, result: str = "nothing was written") -> OutputError:
    """What to say when the system does not let us write there, and what that means."""
    remedy = _REMEDIES.get(error.errno or 0, "write somewhere else")
    words = error.strerror or str(error)
    return OutputError(f"{place}: {words[:1].lower()}{words[1:]}: {result} ({remedy})")
