"""Where a live capture is written that nobody wants to keep: a directory of its own, bounded, removed at the end.

Its name tells the process that it belongs to: what a killed process has left behind is removed by the next one.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Final

PREFIX: Final = "iscsi-analyzer-live-"
SHARE_OF_FREE: Final = 4
"Of the free disk space, at most one part in so many is used."
_OWNER = re.compile(re.escape(PREFIX) + r"(\d+)-.*")


class Spool:
    """The directory."""

    def __init__(self) -> None:
        """Raises OSError."""
        sweep()
        self.path = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))

    def room(self, wanted: int) -> int:
        """So many of the `wanted` bytes may be used, as much disk space as there is."""
        return min(wanted, max(1 << 20, free_bytes(self.path) // SHARE_OF_FREE))

    def close(self) -> None:
        """Removes it with everything in it."""
        shutil.rmtree(self.path, ignore_errors=True)


def free_bytes(place: str | Path) -> int:
    """The disk space that this user may still use at a place; much, if that is not known."""
    try:
        if hasattr(os, "statvfs"):
            status = os.statvfs(place)
            blocks = status.f_bfree if os.geteuid() == 0 else status.f_bavail
            return blocks * status.f_frsize
        return shutil.disk_usage(place).free
    except OSError:
        return 1 << 62


def sweep() -> None:
    """Removes the directories of processes that are gone."""
    if os.name != "posix":
        return  # signal 0 is no harmless question there
    with contextlib.suppress(OSError):
        for entry in os.scandir(tempfile.gettempdir()):
            found = _OWNER.fullmatch(entry.name)
            if found and entry.is_dir(follow_symlinks=False) and _is_mine(entry) and not _runs(int(found[1])):
                shutil.rmtree(entry.path, ignore_errors=True)


def _is_mine(entry: os.DirEntry[str]) -> bool:
    return not hasattr(os, "geteuid") or entry.stat(follow_symlinks=False).st_uid == os.geteuid()


def _runs(process: int) -> bool:
    """Whether there is a process of that number."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
