"""The lines of a live analysis are the records of one that is over, each as soon as it is complete."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from iscsi_analyzer.export.live_lines import LiveLines
from iscsi_analyzer.run import Analysis
from tests.support.command import command
from tests.support.samples import sample

NAMES = ["k02_login_scan_logout", "m56_data_sn_wrong", "k24_kernel_abort_lunreset_recovery", "f41_drop_2pct"]


def in_pieces(path: Path) -> list[dict[str, Any]]:
    """The records, written after every few kilobytes."""
    text = b""
    with Analysis([path]) as analysis:
        analysis.capture._chunk_size = 1 << 12
        lines = LiveLines(analysis.store)
        while analysis.step():
            text += lines.more()
        analysis.finish()
        text += lines.more() + lines.end()
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("name", NAMES)
def test_live_records_are_those_of_the_commands(name: str) -> None:
    """Of a finding that occurs again, the last record counts."""
    path = sample(name)
    found = in_pieces(path)
    for kind in ("pdus", "tasks", "findings"):
        mine = {record["number"]: record for record in found if record["type"] == kind[:-1]}
        whole = command(kind, path, "-T", "jsonl", "-q").records
        for record in [*whole, *mine.values()]:
            if kind == "pdus":
                record.pop("findings", None)  # what a later PDU shows of an earlier one is told by the finding
        assert [*mine.values()] == whole


def test_nothing_is_written_twice() -> None:
    found = in_pieces(sample("k02_login_scan_logout"))
    keys = [(record["type"], record["number"]) for record in found if record["type"] != "finding"]
    assert len(keys) == len(set(keys))
