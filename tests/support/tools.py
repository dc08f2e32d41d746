"""Which programs of the outside world are here, and what a test does without them: skip, or fail where all must run.

Knows program names and their Debian packages, nothing of iSCSI. pytest is imported only when a test asks.
"""

from __future__ import annotations

import os
import shutil
from functools import cache
from pathlib import Path

PACKAGES = {
    "capinfos": "wireshark-common",
    "chromedriver": "chromium-driver",
    "chromium": "chromium",
    "dumpcap": "wireshark-common",
    "editcap": "wireshark-common",
    "ip": "iproute2",
    "iscsi-inq": "libiscsi-bin",
    "iscsi-ls": "libiscsi-bin",
    "iscsi-perf": "libiscsi-bin",
    "iscsi-readcapacity16": "libiscsi-bin",
    "iscsi-test-cu": "libiscsi-bin",
    "istgt": "istgt",
    "mount": "mount",
    "qemu-img": "qemu-utils",
    "qemu-io": "qemu-utils",
    "setpriv": "util-linux",
    "tcpdump": "tcpdump",
    "tgtadm": "tgt",
    "tgtd": "tgt",
    "tmux": "tmux",
    "tshark": "tshark",
    "zstd": "zstd",
}
"Program -> Debian package that brings it; a program without an entry is named as it is."

QEMU_ISCSI = "qemu-iscsi"
"Not a program: the iSCSI driver of the QEMU tools, which Debian keeps in a package of its own (qemu-block-extra)."

CAPTURING = "capturing"
"Not a program: the right to capture on the loopback interface (root, or file capabilities of tcpdump)."

_SEARCH = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin", "/sbin"))
"Targets live in sbin directories, which the PATH of an ordinary user lacks."


def which(name: str) -> str | None:
    """The path of a program, looked for in PATH and in the sbin directories; None without it."""
    return shutil.which(name, path=_SEARCH)


def missing(*names: str) -> list[str]:
    """What of `names` is not here, each as a phrase that says how to get it; empty when all is well."""
    return [_remedy(name) for name in names if not _present(name)]


def required() -> bool:
    """True where a missing tool is a failure: in CI, or when ISCSI_ANALYZER_REQUIRE_TOOLS is set to anything but 0."""
    return any(
        os.environ.get(name, "").lower() not in ("", "0", "false") for name in ("CI", "ISCSI_ANALYZER_REQUIRE_TOOLS")
    )


def need(*names: str) -> None:
    """Lets a test go on only when all of `names` are here: skips it otherwise, or fails it where tools are required."""
    import pytest

    lacks = missing(*names)
    if lacks and required():
        pytest.fail("missing: " + "; ".join(lacks), pytrace=False)
    if lacks:
        pytest.skip("missing: " + "; ".join(lacks))


@cache
def _present(name: str) -> bool:
    if name == QEMU_ISCSI:
        return bool(which("qemu-io")) and any(Path("/usr/lib").glob("**/qemu/block-iscsi.so"))
    if name == CAPTURING:
        return bool(which("tcpdump")) and (os.geteuid() == 0 or _has_capabilities(which("tcpdump")))
    return which(name) is not None


def _has_capabilities(path: str | None) -> bool:
    """True when a program file carries capabilities: the xattr is there for everybody to read."""
    try:
        return path is not None and bool(os.getxattr(path, "security.capability"))
    except OSError:
        return False


def _remedy(name: str) -> str:
    if name == QEMU_ISCSI:
        return "QEMU's iSCSI driver (apt-get install qemu-utils qemu-block-extra)"
    if name == CAPTURING:
        return (
            "the right to capture with tcpdump on the loopback interface (be root, or setcap cap_net_raw+ep on tcpdump)"
        )
    return f"{name} (apt-get install {PACKAGES[name]})" if name in PACKAGES else name
