"""Who may capture: the rights of this process and of the capture programs, and the commands that grant what is missing.

Linux knows a capability for it (CAP_NET_RAW); elsewhere only root is believed to have the right beforehand.
"""

from __future__ import annotations

import os
import shlex
import stat
import sys
from pathlib import Path
from typing import Final

NET_RAW: Final = 13
"Number of the capability to open packet sockets."
_SBIN = ("/usr/local/sbin", "/usr/sbin", "/sbin")


def find(program: str) -> str:
    """Where a program is, in PATH or in the directories of administrators, even if this user may not run it; empty if
    there is none."""
    places = [*os.environ.get("PATH", os.defpath).split(os.pathsep), *_SBIN]
    found = [path for place in places if os.path.isfile(path := os.path.join(place, program))]
    return next((path for path in found if os.access(path, os.X_OK)), found[0] if found else "")


def this_process() -> bool:
    """Whether this process may open packet sockets itself."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return hasattr(os, "geteuid") and os.geteuid() == 0
    for line in status.splitlines():
        if line.startswith("CapEff:"):
            return bool(int(line.split()[1], 16) >> NET_RAW & 1)
    return False


def may(path: str) -> bool:
    """Whether the program at `path` may be run by this user, and capture."""
    return os.access(path, os.X_OK) and (this_process() or _privileged(path))


def _privileged(path: str) -> bool:
    """Whether a program brings rights of its own: file capabilities, or set-user-ID of root."""
    try:
        status = os.stat(path)
        if status.st_mode & stat.S_ISUID and status.st_uid == 0:
            return True
        return bool(os.getxattr(path, "security.capability"))
    except (OSError, AttributeError):
        return False


def advice(path: str) -> list[str]:
    """What gives this user the right to capture with the program at `path` (empty: with none but Python)."""
    again = f"as root: sudo {shlex.join(_own_command())}"
    if not path:
        return [again]
    if not os.access(path, os.X_OK):
        group = _group(path)
        return [
            f"{path} may be run by the group {group} only; join it: sudo usermod -aG {group} {_user()}"
            " (and log in again)",
            again,
        ]
    grant = "cap_net_raw,cap_net_admin+eip"
    return [f"the capability CAP_NET_RAW is missing; grant it: sudo setcap {grant} {path}", again]


def _group(path: str) -> str:
    try:
        import grp

        return grp.getgrgid(os.stat(path).st_gid).gr_name
    except (ImportError, KeyError, OSError):
        return "of the file"


def _user() -> str:
    return os.environ.get("USER") or os.environ.get("LOGNAME") or "$USER"


def _own_command() -> list[str]:
    """The words that this program was started with."""
    program, *words = sys.argv
    if program.endswith("__main__.py"):
        return [sys.executable, "-m", "iscsi_analyzer", *words]
    return [program, *words]
