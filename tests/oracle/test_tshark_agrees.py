"""Wireshark's dissectors and ours say the same of every PDU of the samples, apart from the limits that are known; and
every limit still shows where it did."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from iscsi_analyzer.crosscheck import wireshark
from iscsi_analyzer.crosscheck.check import crosscheck
from iscsi_analyzer.crosscheck.difference import FRAME, PDU
from iscsi_analyzer.crosscheck.known import KNOWN
from iscsi_analyzer.crosscheck.record import CrosscheckRecord
from iscsi_analyzer.export.columns import named_fields
from iscsi_analyzer.options import DEFAULT_PORTS, Options
from iscsi_analyzer.run import Analysis
from tests.support.samples import captures, expected
from tests.support.tools import need

pytestmark = pytest.mark.oracle

NOT_THE_SAME_PDUS = {
    "b01_": {"unusual-header", "begins-in-the-middle"},
    "f02_": {"cut-header"},
    "f14_ring_00003": {"begins-in-the-middle"},
    "f41_": {"behind-a-gap"},
    "k10_": {"data-digest-apart", "frame-without-digest"},
    "k46_": {"frame-of-reassembly"},
    "w02_": {"frame-of-reassembly"},
    "k47_": {"frame-of-reassembly"},
    "k76_": {"data-digest-apart", "frame-without-digest"},
    "k84_": {"data-digest-apart", "frame-without-digest", "unusual-header"},
    "m42_": {"unusual-header", "behind-an-unusual-header"},
    "m59_": {"unusual-header"},
}
"Samples (by the beginning of their names) of which Wireshark does not show all PDUs, or not in their frames, and why."

SHOWN_IN = {
    "bad-header-digest": "m24_",
    "data-digest-not-seen": "m22_",
    "login-immediate": "u03_",
    "links": "u03_",
    "padding": "f01_",
    "logout-cid": "u03_",
    "lun-without-tag": "i01_",
    "lun-of-reset": "m59_",
    "lun-of-unknown-task": "f44_",
    "refused-login-numbers": "i05_",
    "no-status-statsn": "k84_",
    "no-status-residuals": "k84_",
    "task-management-lengths": "b01_",
    "sense-with-good": "m39_",
    "scsi-status": "u03_",
    "long-text": "b01_",
    "vendor-header": "b01_",
    "status-again": "k84_",
    "report-in-data": "m41_",
    "variable-length-cdb": "b01_",
    "operation-code": "u03_",
    "task-behind-a-gap": "f41_",
    "task-out-of-order": "k47_",
    "task-with-data-digest": "k10_",
    "unknown-device": "b01_",
}
"Limit -> a sample (by the beginning of its name) that shows it; those about whole PDUs are above."


@cache
def checked(capture: Path) -> CrosscheckRecord:
    """The crosscheck of a sample."""
    ports = expected().get(capture.name, {}).get("ports", [])
    with Analysis([capture], Options(ports=(*DEFAULT_PORTS, *ports)), random_access=True) as analysis:
        return crosscheck(analysis.run())


def begins_with(start: str) -> CrosscheckRecord:
    return checked(next(path for path in captures() if path.name.startswith(start)))


@pytest.mark.parametrize("capture", captures(), ids=lambda path: path.name.partition(".")[0])
def test_every_difference_of_a_sample_is_a_known_limit(capture: Path) -> None:
    need("tshark")
    found = checked(capture)
    assert [difference for difference in found.differences if difference.limit is None] == []
    assert found.unexpected == 0
    lost = next((why for start, why in NOT_THE_SAME_PDUS.items() if capture.name.startswith(start)), set())
    assert {each.limit for each in found.differences if each.field in (PDU, FRAME)} == lost
    if not lost:
        assert found.matched == found.pdus == found.wireshark_pdus


@pytest.mark.parametrize(("limit", "start"), SHOWN_IN.items(), ids=SHOWN_IN)
def test_every_known_limit_still_shows(limit: str, start: str) -> None:
    need("tshark")
    assert limit in {each.name for each in begins_with(start).limits}


def test_every_known_limit_has_a_sample() -> None:
    of_pdus = {limit for limits in NOT_THE_SAME_PDUS.values() for limit in limits}
    assert {known.name for known in KNOWN} == {*SHOWN_IN, *of_pdus}


def test_every_sample_that_is_named_exists() -> None:
    names = [path.name for path in captures()]
    starts = {*NOT_THE_SAME_PDUS, *SHOWN_IN.values()}
    assert [start for start in starts if not any(name.startswith(start) for name in names)] == []


def test_every_wireshark_name_prints_in_wiresharks_base() -> None:
    """Hexadecimal where Wireshark has hexadecimal, with its number of digits."""
    need("tshark")
    from iscsi_analyzer.export.wireshark_formats import BYTES, DECIMAL, HEX_BYTES

    digits = {"FT_UINT8": 1, "FT_UINT16": 2, "FT_UINT24": 3, "FT_UINT32": 4, "FT_UINT64": 8}
    wrong = []
    for name, (kind, base) in wireshark.formats().items():
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
