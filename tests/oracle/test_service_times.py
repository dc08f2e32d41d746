"""As many SCSI commands were answered, and as quickly, as `tshark -z scsi,srt,0` says, in clean captures of real peers.

tshark counts from the frame that completes a command to that which completes its status, leaves commands out that ended
with sense data, and INQUIRY as long as it does not know what kind of device answers.
"""

from __future__ import annotations

import re
import subprocess
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from iscsi_analyzer.analysis.facts import Facts
from tests.oracle.tshark import PREFERENCES, plain_file
from tests.support.command import analysed
from tests.support.samples import SAMPLES
from tests.support.tools import need

pytestmark = pytest.mark.oracle

CLEAN = (
    "k02_login_scan_logout.pcap.zst",
    "k12_write_r2tYes_immNo.pcap.zst",
    "k28_sense_medium_error_invalid_cdb_lba.pcap.zst",
    "k31_ipv6_kernel.pcap.zst",
    "u31_logout_reconnect_10x.pcap.zst",
    "u32_check_condition_read_beyond_end.pcap.zst",
    "v01_write_initialr2t_yes_immediate_yes.pcap.zst",
    "v05_write_small_bursts_many_r2t.pcap.zst",
    "v10_read_tiny_datain_512.pcap.zst",
)
BEFORE_KNOWN = (0x12, 0xA0)
"INQUIRY and REPORT LUNS come before anybody knows the device: tshark counts some of them."

_ROW = re.compile(r"^\s+(\d+)  .{22}\s+(\d+)\s+([\d.]+)\s+([\d.]+)\s+([\d.]+)\s+([\d.]+)$")
Times = tuple[int, float, float, float]
"Calls, least, most and sum of times in seconds."


def tsharks(capture: Path) -> dict[int, Times]:
    """The table of tshark, by operation code."""
    words = ["tshark", "-q", "-z", "scsi,srt,0", "-r", str(capture)]
    for preference in PREFERENCES:
        words += ["-o", preference]
    text = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    rows = [found.groups() for line in text.splitlines() if (found := _ROW.match(line))]
    return {int(row[0]): (int(row[1]), float(row[2]), float(row[3]), float(row[5])) for row in rows}


def ours(sample: str) -> dict[int, Times]:
    """The same of the tasks that ended with GOOD."""
    facts = Facts(analysed(SAMPLES / sample).store)
    good = facts.measured[facts.task("status")[facts.measured] == 0]
    times = defaultdict(list)
    for code, spent in zip(facts.task("operation")[good], (facts.answered - facts.asked_last)[good], strict=True):
        times[int(code)].append(int(spent) / 1e9)
    return {code: (len(found), min(found), max(found), float(np.sum(found))) for code, found in times.items()}


@pytest.mark.parametrize("sample", CLEAN)
def test_counts_and_times_are_those_of_tshark(sample: str, tmp_path: Path) -> None:
    need("tshark", "zstd")
    theirs, mine = tsharks(plain_file(SAMPLES / sample, tmp_path)), ours(sample)
    assert theirs or sample.startswith("u32")
    assert theirs.keys() <= mine.keys()
    for code, found in mine.items():
        if code in BEFORE_KNOWN:
            assert theirs.get(code, (0,))[0] <= found[0]
        else:
            assert theirs[code] == pytest.approx(found, abs=2e-6), f"operation 0x{code:02x}"
