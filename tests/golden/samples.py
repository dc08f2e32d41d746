"""The samples, what is expected of each (samples/expected.json), and what an analysis says in the same words.

What is expected comes from tshark's streams and dissector (samples/expect.py), from nothing of the code under test.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import iscsi_analyzer
from iscsi_analyzer.run import Analysis
from iscsi_analyzer.store import rows
from iscsi_analyzer.store.store import Store

SAMPLES = Path(__file__).resolve().parents[2] / "samples"

NAMES = {
    0x00: "NOP-Out",
    0x01: "SCSI Command",
    0x02: "Task Management Request",
    0x03: "Login Request",
    0x04: "Text Request",
    0x05: "SCSI Data-Out",
    0x06: "Logout Request",
    0x10: "SNACK Request",
    0x20: "NOP-In",
    0x21: "SCSI Response",
    0x22: "Task Management Response",
    0x23: "Login Response",
    0x24: "Text Response",
    0x25: "SCSI Data-In",
    0x26: "Logout Response",
    0x31: "Ready To Transfer",
    0x32: "Asynchronous Message",
    0x3F: "Reject",
}


@cache
def expected() -> dict[str, dict[str, Any]]:
    """What is expected, by the name of a sample; files that belong together under the name of the first and `+`."""
    whole = json.loads((SAMPLES / "expected.json").read_text())
    found: dict[str, dict[str, Any]] = dict(whole["samples"])
    found.update({entry["files"][0] + "+": entry for entry in whole["together"]})
    return found


def paths(name: str) -> list[Path]:
    """The files of an entry of `expected`."""
    return [SAMPLES / file for file in expected()[name].get("files", [name])]


EXACT = [name for name, entry in expected().items() if entry["exact"]]
INEXACT = [name for name, entry in expected().items() if not entry["exact"]]


def analysed(files: Sequence[Path]) -> Analysis:
    return iscsi_analyzer.analyse(*files)


def said(analysis: Analysis) -> dict[str, Any]:
    """An entry as expected.json has them, told by our analysis."""
    store = analysis.store
    pdus: Counter[str] = Counter()
    status: dict[str, Counter[str]] = {}
    counts: dict[str, Counter[str]] = {
        name: Counter() for name in ("login_status", "task_management", "task_management_response", "reject")
    }
    digests = {part: Counter({"ok": 0, "bad": 0}) for part in ("header", "data")}
    for row in store.rows():
        head = row.header
        name = NAMES.get(row.opcode, f"0x{row.opcode:02x}")
        pdus[name] += 1
        digests["header"][row.header_digest] += 1
        digests["data"][row.data_digest] += 1
        if (row.opcode == 0x21 and head[2] == 0) or (row.opcode == 0x25 and head[1] & 1):
            status.setdefault(name, Counter())[f"0x{head[3]:02x}"] += 1
        elif row.opcode == 0x23 and row.header_captured >= 38:
            counts["login_status"][f"0x{head[36]:02x}{head[37]:02x}"] += 1
        elif row.opcode == 0x02:
            counts["task_management"][str(head[1] & 0x7F)] += 1
        elif row.opcode == 0x22:
            counts["task_management_response"][str(head[2])] += 1
        elif row.opcode == 0x3F:
            counts["reject"][f"0x{head[2]:02x}"] += 1
    return {
        "frames": analysis.engine.frames,
        "connections": len(store.connections),
        "gaps": sum(loss.kind == "gap" for loss in store.losses),
        "total": len(store),
        "pdus": dict(pdus),
        "scsi_status": {name: dict(count) for name, count in status.items()},
        "header_digest": {word: digests["header"][word] for word in ("ok", "bad")},
        "data_digest": {word: digests["data"][word] for word in ("ok", "bad")},
        **{name: dict(count) for name, count in counts.items()},
    }


def damaged(store: Store) -> list[int]:
    """The PDUs of which bytes are missing, or that are odd, or that come after bytes that could not be framed."""
    flags = rows.FLAG_CUT | rows.FLAG_UNFINISHED | rows.FLAG_ODD | rows.FLAG_RESYNC
    return [number for number, row in enumerate(store.rows(), 1) if row.flags & flags]
