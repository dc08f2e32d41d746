"""tshark's dissectors and ours say the same of every PDU of the samples, apart from the differences that are meant to
be."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

from iscsi_analyzer.export.columns import WHERE, Column, column, named_fields
from iscsi_analyzer.export.pdu_view import PduView, Views
from iscsi_analyzer.options import DEFAULT_PORTS, Options
from iscsi_analyzer.run import Analysis
from tests.oracle import tshark
from tests.oracle.differences import DIFFERENCES, NOT_COMPARED, OURS, TSHARK, VALUES, Difference
from tests.support.samples import captures, expected
from tests.support.tools import need

pytestmark = pytest.mark.oracle

SCSI = (
    "scsi.lun",
    "scsi.status",
    "scsi_sbc.opcode",
    "scsi_sbc.rdwr6.lba",
    "scsi_sbc.rdwr10.lba",
    "scsi_sbc.rdwr16.lba",
    "scsi_sbc.rdwr6.xferlen",
    "scsi_sbc.rdwr10.xferlen",
    "scsi_sbc.rdwr12.xferlen",
    "scsi.sns.errtype",
    "scsi.sns.key",
    "scsi.sns.asc",
    "scsi.sns.ascq",
    "scsi.sns.ascascq",
)
"The SCSI fields that are compared here; those of parameter data are compared beside their dissectors."

BESIDE = ("iscsi.flags", "iscsi.scsicommand.", "iscsi.scsiresponse.", "iscsi.scsidata.")
"Fields that tshark shows beside the PDU for some PDUs: they are compared for all PDUs of a frame together."

COMPARED = [path for path in captures() if not path.name.startswith(tuple(NOT_COMPARED))]

Mismatch = tuple[str, str, str, int, list[str], list[str]]
"Field, side, kind of PDU, number of PDU, tshark's values, ours."


@cache
def columns() -> dict[str, Column]:
    """The iSCSI fields that both know, and the chosen SCSI fields."""
    known = tshark.formats()
    names = [name for name in (*WHERE, "iscsi.time", *named_fields()) if name.startswith("iscsi.") and name in known]
    return {name: column(name) for name in (*dict.fromkeys(names), *SCSI)}


def mismatches(capture: Path, directory: Path) -> list[Mismatch]:
    """Everything in which the two differ on a capture."""
    ports = expected().get(capture.name, {}).get("ports", [3260])
    theirs = tshark.pdus(tshark.plain_file(capture, directory), ports)
    ours: dict[int, list[PduView]] = defaultdict(list)
    with Analysis([capture], Options(ports=(*DEFAULT_PORTS, *ports)), random_access=True) as analysis:
        analysis.run()
        for view in Views(analysis.store, secrets=True, bytes_too=True).more():
            ours[view.row.frame_last].append(view)
        frames = sorted({*theirs, *ours})
        return [each for frame in frames for each in _in_frame(theirs.get(frame, []), ours.get(frame, []), frame)]


def _in_frame(theirs: list[tshark.Values], ours: list[PduView], frame: int) -> list[Mismatch]:
    if len(theirs) != len(ours):
        opcodes = [name for values in theirs for name in values.get("iscsi.opcode", [])]
        return [("PDUs", VALUES, f"frame {frame}", frame, opcodes, [view.pdu.name for view in ours])]
    found = []
    for name, each in columns().items():
        if name in SCSI or name.startswith(BESIDE):
            left = sorted(text for values in theirs for text in _plain(name, values.get(name, [])))
            right = sorted(text for view in ours for text in each.get(view))
            if name in ("scsi.lun", "scsi_sbc.opcode"):  # shown once for each layer
                left, right = sorted(set(left)), sorted(set(right))
            pairs = [(left, right, ours[0])]
        else:
            pairs = [
                (_plain(name, values.get(name, [])), each.get(view), view)
                for values, view in zip(theirs, ours, strict=True)
            ]
        for left, right, view in pairs:
            if left != right:
                side = OURS if not left else TSHARK if not right else VALUES
                found.append((name, side, view.pdu.name, view.number, left, right))
    return found


def _plain(name: str, values: list[str]) -> list[str]:
    """Bytes without colons: that is how -T fields prints them."""
    facts = named_fields().get(name)
    if name in ("iscsi.isid", "scsi_sbc.rdwr16.lba") or (facts is not None and facts.kind == "bytes"):
        return [value.replace(":", "") for value in values]
    return values


def _meant(mismatch: Mismatch, difference: Difference) -> bool:
    field, side, kind, *_ = mismatch
    return (field, side) == (difference.field, difference.side) and (not difference.pdus or kind in difference.pdus)


@pytest.mark.parametrize("capture", COMPARED, ids=lambda path: path.name.partition(".")[0])
def test_every_shared_field_of_a_clean_capture_is_the_same(capture: Path, tmp_path: Path) -> None:
    need("tshark", "zstd")
    unexpected = [
        mismatch
        for mismatch in mismatches(capture, tmp_path)
        if not any(_meant(mismatch, difference) for difference in DIFFERENCES)
    ]
    assert unexpected == []


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda each: f"{each.field}-{each.side}")
def test_every_difference_that_is_meant_to_be_still_occurs(difference: Difference, tmp_path: Path) -> None:
    need("tshark", "zstd")
    capture = next(path for path in captures() if path.name.startswith(difference.sample))
    assert any(_meant(mismatch, difference) for mismatch in mismatches(capture, tmp_path))


def test_every_sample_that_is_not_compared_exists() -> None:
    names = [path.name for path in captures()]
    assert [start for start in NOT_COMPARED if not any(name.startswith(start) for name in names)] == []


def test_every_wireshark_name_prints_in_wiresharks_base() -> None:
    """Hexadecimal where Wireshark has hexadecimal, with its number of digits."""
    need("tshark")
    from iscsi_analyzer.export.wireshark_formats import BYTES, DECIMAL, HEX_BYTES

    digits = {"FT_UINT8": 1, "FT_UINT16": 2, "FT_UINT24": 3, "FT_UINT32": 4, "FT_UINT64": 8}
    wrong = []
    for name, (kind, base) in tshark.formats().items():
        facts = named_fields().get(name)
        if facts is None or facts.kind not in ("number", "group"):
            continue
        width = HEX_BYTES.get(name, facts.width if facts.base == "hex" and name not in DECIMAL else 0)
        wanted = digits.get(kind, 0) if base.startswith("BASE_HEX") else 0
        if kind == "FT_BYTES":
            fine = name in BYTES
        else:
            fine = width == wanted or kind == "FT_BOOLEAN"
        if not fine:
            wrong.append((name, kind, base, facts, width))
    assert wrong == []
