"""Requests, data and answers are tied together as tshark ties them, with the same times, in clean captures of real
peers.

tshark ties SCSI tasks only, and keeps one frame for each purpose; frames that end more than one PDU are left out.
"""

from __future__ import annotations

import subprocess
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from iscsi_analyzer import analyse
from iscsi_analyzer.export.columns import column
from iscsi_analyzer.export.pdu_view import Views
from tests.oracle.tshark import PREFERENCES, plain_file
from tests.support.samples import SAMPLES
from tests.support.tools import need

pytestmark = pytest.mark.oracle

FIELDS = (
    "iscsi.request_frame",
    "iscsi.response_frame",
    "iscsi.data_in_frame",
    "iscsi.data_out_frame",
    "iscsi.time",
)
SCSI = ("0x01", "0x05", "0x21", "0x25")
CLEAN = (
    "k02_login_scan_logout.pcap.zst",
    "k12_write_r2tYes_immNo.pcap.zst",
    "k31_ipv6_kernel.pcap.zst",
    "v01_write_initialr2t_yes_immediate_yes.pcap.zst",
    "v05_write_small_bursts_many_r2t.pcap.zst",
    "v10_read_tiny_datain_512.pcap.zst",
)

Row = tuple[str, ...]


@cache
def ours(sample: str) -> dict[str, Row]:
    """Frame -> opcode and FIELDS, of frames that end one PDU, which is of a SCSI task."""
    views = Views(analyse(SAMPLES / sample).store)
    wanted = [column(name) for name in ("frame.number", "iscsi.opcode", *FIELDS)]
    rows = [["".join(each.get(view)) for each in wanted] for view in views.more()]
    alone = Counter(row[0] for row in rows)
    return {row[0]: tuple(row[1:]) for row in rows if alone[row[0]] == 1 and row[1] in SCSI}


@cache
def tsharks(sample: str, place: Path) -> dict[str, Row]:
    """The same by tshark, which needs two passes to know what comes later."""
    words = ["tshark", "-2", "-r", str(plain_file(SAMPLES / sample, place)), "-Y", "iscsi", "-T", "fields"]
    for preference in PREFERENCES:
        words += ["-o", preference]
    for name in ("frame.number", "iscsi.opcode", *FIELDS):
        words += ["-e", name]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    return {row[0]: tuple(row[1:]) for row in rows}


@pytest.mark.parametrize("sample", CLEAN)
def test_frames_and_times_of_scsi_tasks_are_the_same(sample: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    need("tshark", "zstd")
    mine, theirs = ours(sample), tsharks(sample, tmp_path_factory.getbasetemp())
    assert len(mine) > 20
    assert {frame: row for frame, row in mine.items() if row != theirs[frame]} == {}
