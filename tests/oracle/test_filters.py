"""A display filter finds the frames that tshark finds with the same filter, in clean captures of real peers; where it
does not, the difference is wanted and says why.

tshark filters frames and we filter PDUs, so frames that end more than one PDU are left out of the comparison.
"""

from __future__ import annotations

import subprocess
from functools import cache

import numpy as np
import pytest

from iscsi_analyzer import analyse
from iscsi_analyzer.query import compile_filter
from iscsi_analyzer.store.columns import pdu_columns
from iscsi_analyzer.store.store import Store
from tests.support.samples import SAMPLES
from tests.support.tools import need, which

pytestmark = pytest.mark.oracle

OPTIONS = ("-2", "-o", "tcp.reassemble_out_of_order:TRUE", "-o", "iscsi.bogus_pdu_max_data_len:16777216")
_FRAME_LAST = 20

WRITES = "k12_write_r2tYes_immNo.pcap.zst"
SCAN = "k02_login_scan_logout.pcap.zst"
CHAP = "k04_chap_ok.pcap.zst"
SENSE = "k28_sense_medium_error_invalid_cdb_lba.pcap.zst"
ABORT = "k24_kernel_abort_lunreset_recovery.pcap.zst"
IPV6 = "k31_ipv6_kernel.pcap.zst"
DIGESTS = "k09_header_digest.pcap.zst"
SMALL = "v01_write_initialr2t_yes_immediate_yes.pcap.zst"

ALIKE = {
    WRITES: (
        "iscsi",
        "iscsi.opcode == 0x25",
        'iscsi.opcode == "SCSI Data In"',
        "iscsi.opcode != 0x25",
        "iscsi.opcode > 0x20",
        "iscsi.opcode in {0x05, 0x25}",
        "iscsi.opcode in {1..3, 0x31}",
        "!(iscsi.opcode == 1)",
        "iscsi.flags & 0x80",
        "iscsi.flags & 0x80 == 0x80",
        "iscsi.flags == 0xc1",
        "not iscsi.flags",
        "iscsi.scsicommand.R == 1",
        "iscsi.scsicommand.W == True",
        "iscsi.scsicommand.expecteddatatransferlength >= 4096",
        "iscsi.datasegmentlength > 1000",
        "iscsi.targettransfertag != 0xffffffff",
        "iscsi.cmdsn > 5",
        "iscsi.expstatsn",
        "iscsi.datasn >= 1",
        "iscsi.r2tsn == 0",
        "iscsi.bufferOffset > 0",
        "iscsi.desireddatalength",
        "iscsi.scsidata.F == 1",
        "iscsi.scsidata.S == 1",
        "iscsi.scsidata.readresidualcount > 0",
        "scsi.lun",
        "scsi_sbc.opcode == 0x2a",
        "scsi_sbc.rdwr10.lba > 100",
        "scsi_sbc.rdwr10.xferlen > 8",
        "scsi",
    ),
    SCAN: (
        "iscsi.keyvalue",
        'iscsi.keyvalue contains "InitiatorName"',
        'iscsi.keyvalue contains "initiatorname"',
        'iscsi.keyvalue matches "initiatorname"',
        'iscsi.keyvalue ~ "^HeaderDigest=(CRC32C|None)"',
        'iscsi.keyvalue[0:3] == "Tar"',
        'lower(iscsi.keyvalue) contains "target"',
        "len(iscsi.keyvalue) > 30",
        "iscsi.login.T == 1",
        "iscsi.login.csg == 1",
        "iscsi.login.nsg == 3",
        "iscsi.login.status == 0",
        "iscsi.isid contains 3d",
        "iscsi.isid.t == 0",
        "iscsi.tsih > 0",
        "iscsi.logout.response == 0",
        "iscsi.time2wait",
        "scsi_sbc.opcode == 0x12",
        "scsi.cdb.alloclen16 > 36",
        "frame.number > 20",
        "frame.number in {5..9, 30}",
        "frame.time_relative > 0.01",
        "frame.time_epoch > 1795172722",
        "tcp.srcport == 3260",
        "tcp.port == 3260",
        "tcp.port != 3260",
        "any tcp.port != 3260",
        "tcp.srcport < tcp.dstport",
        "iscsi.opcode == 1 || iscsi.opcode == 0x21 && iscsi.scsiresponse.status == 0",
    ),
    CHAP: ("iscsi.login.csg == 0", 'iscsi.keyvalue contains "CHAP_R"', "iscsi.login.C", "iscsi.text.F == 1"),
    SENSE: (
        "iscsi.scsiresponse.status == 2",
        "iscsi.scsiresponse.U == 1",
        "iscsi.scsiresponse.residualcount > 0",
        "scsi.sns.key == 5",
        "scsi.sns.key",
        "scsi.sns.asc == 0x21",
        "scsi.sns.ascascq == 0x2900",
    ),
    ABORT: (
        "iscsi.taskmanfun.function == 5",
        "iscsi.taskmanfun.response == 0",
        "iscsi.taskmanfun.referencedtasktag",
        "iscsi.initiatortasktag == 0xffffffff",
    ),
    IPV6: ("ipv6.addr == ::1", "ipv6.src == ::/64", "ip", "ipv6"),
    DIGESTS: ("iscsi.headerdigest32",),
    SMALL: (
        "ip.src == 127.0.0.1",
        "ip.addr == 127.0.0.0/8",
        "ip.dst != 127.0.0.1",
        "iscsi.expdatasn",
        "iscsi.maxcmdsn",
    ),
}
"Sample -> filters that find the same there."

WANTED = (
    (
        "iscsi.I",
        SCAN,
        "iscsi.opcode == 0x03",
        "more",
        "a Login Request has the I bit, too (RFC 7143 section 11.12)",
    ),
    (
        "iscsi.statsn",
        WRITES,
        "iscsi.opcode == 0x25 && iscsi.scsidata.S == 0",
        "fewer",
        "StatSN of a Data-In without the S bit is reserved (section 11.7.3)",
    ),
    (
        "iscsi.scsiresponse.residualcount",
        SCAN,
        "iscsi.opcode == 0x21",
        "fewer",
        "a residual count means nothing without O or U (section 11.4.5)",
    ),
    (
        "iscsi.cid",
        SCAN,
        "iscsi.logout.reason == 0",
        "fewer",
        "a logout that closes the session has no CID (section 11.14.3)",
    ),
    (
        "scsi.lun == 0",
        ABORT,
        "iscsi.opcode == 0x00",
        "fewer",
        "the LUN of a NOP-Out without a target transfer tag is reserved (section 11.18.3)",
    ),
    (
        "scsi_sbc.opcode",
        SENSE,
        "iscsi.scsiresponse.status == 2",
        "more",
        "a response with sense data belongs to a command, too",
    ),
    (
        "scsi.inquiry.evpd.pagecode",
        SCAN,
        "scsi_sbc.opcode == 0x12",
        "more",
        "tshark leaves the page code out without EVPD; a CDB has the byte",
    ),
    (
        "iscsi.request_frame",
        ABORT,
        "iscsi.opcode in {0x00, 0x20, 0x22..0x24, 0x26, 0x31}",
        "more",
        "tshark ties no login, text, logout, NOP, task management PDU or R2T to its request",
    ),
    (
        "iscsi.response_frame",
        ABORT,
        "iscsi.opcode in {0x00, 0x02..0x04, 0x06, 0x20, 0x23, 0x24, 0x31}",
        "more",
        "nor to its answer",
    ),
    ("iscsi.time", SCAN, "iscsi.opcode in {0x20, 0x22..0x24, 0x26}", "more", "nor does it time them"),
    (
        "iscsi.padding",
        SCAN,
        "iscsi.datasegmentlength & 3",
        "more",
        "every data segment that is no multiple of four has padding",
    ),
)
"Filter, sample, the PDUs that the difference is about, whether we find more or fewer, and why."


@cache
def store(sample: str) -> Store:
    return analyse(SAMPLES / sample).store


@cache
def comparable(sample: str) -> frozenset[int]:
    """Frames that end exactly one PDU."""
    frames, counts = np.unique(pdu_columns(store(sample)).field(_FRAME_LAST, "<u4"), return_counts=True)
    return frozenset(frames[counts == 1].tolist())


def ours(sample: str, text: str) -> frozenset[int]:
    frames = pdu_columns(store(sample)).field(_FRAME_LAST, "<u4")
    return frozenset(frames[compile_filter(text).pdus(store(sample))].tolist()) & comparable(sample)


def tsharks(sample: str, text: str) -> frozenset[int]:
    program = which("tshark")
    assert program is not None
    command = [program, *OPTIONS, "-r", str(SAMPLES / sample), "-Y", text, "-T", "fields", "-e", "frame.number"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return frozenset(map(int, done.stdout.split())) & comparable(sample)


@pytest.mark.parametrize(("sample", "text"), [(sample, text) for sample, texts in ALIKE.items() for text in texts])
def test_a_filter_finds_what_tshark_finds(sample: str, text: str) -> None:
    need("tshark")
    theirs = tsharks(sample, text) if text not in ("ip", "ipv6") else tsharks(sample, f"iscsi && {text}")
    if text.startswith(("frame", "tcp", "ip", "any", "!", "not")) or "!=" in text:
        theirs &= ours(sample, "iscsi")  # frames without a PDU
    assert sorted(ours(sample, text)) == sorted(theirs)


@pytest.mark.parametrize(("text", "sample", "about", "which", "why"), WANTED, ids=[row[0] for row in WANTED])
def test_a_difference_is_wanted_and_stays_within_its_reason(
    text: str, sample: str, about: str, which: str, why: str
) -> None:
    need("tshark")
    mine, theirs = ours(sample, text), tsharks(sample, text)
    assert why
    surplus, lack = mine - theirs, theirs - mine
    if which == "fewer":
        surplus, lack = lack, surplus
    assert surplus, "there is no difference any more"
    assert surplus <= ours(sample, about)
    assert not lack
