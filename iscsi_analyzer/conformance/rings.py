"""Which files are pieces of one capture: those of a ring, told by their names, as dumpcap, tcpdump and we make them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import Final

_PATTERNS: Final = (
    re.compile(r"(?P<stem>.+)_\d{5}_\d{14}\.[A-Za-z0-9.]+"),  # dumpcap -b: name_00001_20261120114318.pcapng
    re.compile(r"(?P<stem>.+\.(?:pcap|pcapng|cap|dmp))\d+(?:\.[a-z0-9]+)?"),  # tcpdump -C: name.pcap1
)


def captures(files: Iterable[str]) -> list[list[str]]:
    """The files, each once and each capture's together, in the order of their first ones."""
    names = list(dict.fromkeys(files))
    stems = [_stem(name) for name in names]
    found: dict[str, list[str]] = {}
    for name, stem in zip(names, stems, strict=True):
        # The first piece of tcpdump's ring has no number.
        key = stem or (f"{name}\0" if f"{name}\0" in stems else name)
        found.setdefault(key, []).append(name)
    return list(found.values())


def _stem(name: str) -> str:
    """What the pieces of a ring have in common; empty for other files."""
    folder, base = os.path.split(name)
    for pattern in _PATTERNS:
        match = pattern.fullmatch(base)
        if match:
            return f"{os.path.join(folder, match['stem'])}\0"
    return ""
