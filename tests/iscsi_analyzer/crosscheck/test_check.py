"""Differences are counted by kind, values are told without secrets and data, and tshark gets a file it can read."""

from __future__ import annotations

from pathlib import Path

import pytest

from iscsi_analyzer.crosscheck import check
from iscsi_analyzer.crosscheck.check import Account, crosscheck, ports_of, readable, shown
from iscsi_analyzer.crosscheck.connections import Circumstances
from iscsi_analyzer.crosscheck.difference import OURS, VALUES, Difference
from iscsi_analyzer.crosscheck.wireshark import Frame
from iscsi_analyzer.run import Analysis
from tests.iscsi_analyzer.crosscheck.sides import all_columns, echo
from tests.support.samples import SAMPLES, sample


def difference(field: str, side: str, kind: str, pdu: int) -> Difference:
    return Difference(field, side, kind, pdu, pdu, ("1",), (), Circumstances())


def test_differences_are_counted_by_kind_with_the_unexpected_ones_first() -> None:
    account = Account()
    for pdu in range(1, 21):
        account.add(difference("iscsi.padding", OURS, "SCSI Data-In", pdu))
    account.add(difference("iscsi.cmdsn", VALUES, "SCSI Command", 30))
    unexpected, known = account.records()
    assert (unexpected.field, unexpected.count, unexpected.limit, unexpected.shown_by) == (
        "iscsi.cmdsn",
        1,
        None,
        "both",
    )
    assert (known.limit, known.count, len(known.examples)) == ("padding", 20, check.EXAMPLES)
    assert account.unexpected == 1
    assert {each.name: count for each, count in account.limits.items()} == {"padding": 20}


def test_kinds_of_differences_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "KINDS", 3)
    account = Account()
    for number in range(10):
        account.add(difference("iscsi.cmdsn", VALUES, f"kind {number}", 1))
    assert (len(account.records()), account.unexpected) == (3, 10)


def test_secrets_and_data_are_not_told() -> None:
    assert shown("iscsi.keyvalue", ("CHAP_R=0x1234", "TargetName=x")) == ["CHAP_R=...", "TargetName=x"]
    assert shown("iscsi.login.chap_r", ("0x1234",)) == ["..."]
    assert shown("iscsi.immediatedata", ("00ff00",)) == ["3 bytes"]
    assert shown("iscsi.cmdsn", ("1",)) == ["1"]
    assert len(shown("iscsi.keyvalue", ("x" * 1000,))[0]) < 100


def test_the_ports_of_targets_are_told_to_tshark() -> None:
    with Analysis([sample("m03_discovery_unusual_port")]) as analysis:
        assert set(ports_of(analysis.run())) > {3260}


@pytest.mark.parametrize(
    "names", [["u01_discovery_sendtargets"], ["u03_login_inquiry"], ["f14_ring_00001_20261120114318", "f20_gzip"]]
)
def test_tshark_gets_a_file_that_it_can_read(names: list[str]) -> None:
    """An uncompressed capture as it is; others as a copy with the same frames."""
    paths = [sample(name) for name in names]
    with Analysis(paths, random_access=True) as analysis:
        analysis.run()
        with readable(analysis) as path:
            assert (path == str(paths[0])) == (paths[0].suffix == ".pcap")
            with Analysis([path]) as copy:
                assert copy.run().engine.frames == analysis.engine.frames
        assert Path(path).exists() == (paths[0].suffix == ".pcap")


def test_a_crosscheck_counts_what_tshark_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here somebody who leaves out the padding, and one PDU."""
    with Analysis([SAMPLES / "u21_read_small.pcap.zst"], random_access=True) as analysis:
        store = analysis.run().store
        frames: list[Frame] = list(echo(store))
        gone = frames.pop()
        for frame in frames:
            for values in frame.pdus:
                values.pop("iscsi.padding", None)
        monkeypatch.setattr(check.wireshark, "frames", lambda path, ports: iter(frames))
        monkeypatch.setattr(check.wireshark, "formats", lambda: dict.fromkeys(all_columns(), ("", "")))
        monkeypatch.setattr(check.wireshark, "version", lambda: "9.9")
        heard: list[int] = []
        found = crosscheck(analysis, tell=lambda done, total: heard.append(done))
    assert heard == [frame.number for frame in frames]
    assert found.wireshark_version == "9.9"
    assert found.matched == found.wireshark_pdus == found.pdus - len(gone.pdus)
    assert found.unexpected == len(gone.pdus)
    assert found.differences[0].examples[0].frame == gone.number
