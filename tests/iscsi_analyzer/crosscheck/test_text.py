"""A crosscheck as text: counts, the limits with their sentences, what is unexpected, and the verdict."""

from __future__ import annotations

from typing import Any

from iscsi_analyzer.crosscheck.record import CrosscheckRecord, DifferenceExample, DifferenceRecord, LimitRecord
from iscsi_analyzer.crosscheck.text import WIDTH, text
from iscsi_analyzer.export.tables import Style


def lines(**changes: Any) -> list[str]:
    facts: dict[str, Any] = {
        "wireshark_version": "4.0.17", "files": ["x.pcap"], "pdus": 10, "wireshark_pdus": 9, "matched": 9,
        "values": 1200, "equal": 1195, "explained": 0, "unexpected": 0, "limits": [], "differences": [],
    }  # fmt: skip
    return list(text(CrosscheckRecord(**facts | changes), Style(False)))


def test_the_counts_and_the_verdict_are_told() -> None:
    found = lines()
    assert found[1] == "  PDUs    9 that both show, of 10 of ours and 9 of Wireshark's"
    assert found[2] == "  values  1,195 that are the same, of 1,200 that were compared"
    assert found[-1] == "crosscheck passed"


def test_limits_are_explained() -> None:
    limit = LimitRecord(name="padding", explanation="Wireshark shows it only sometimes " * 6, count=1234)
    found = lines(limits=[limit], explained=1234)
    assert any(line.startswith("  1,234  padding: Wireshark shows") for line in found)
    assert max(map(len, found)) <= WIDTH
    assert found[-1] == "crosscheck passed: 1,234 differences, all of them known limits"


def test_what_is_unexpected_is_listed_with_an_example() -> None:
    example = DifferenceExample(pdu=7, frame=12, ours=["\x1b[1m"], wireshark=[])
    difference = DifferenceRecord(
        field="iscsi.cmdsn", shown_by="ours", pdu_kind="SCSI Command", count=3, examples=[example]
    )
    found = lines(differences=[difference], unexpected=3)
    assert any(
        line.split() == ["3", "iscsi.cmdsn", "SCSI", "Command", "only", "we", "12", "\\x1b[1m", "-"] for line in found
    )
    assert found[-1] == "crosscheck failed: 3 differences that nothing explains"


def test_a_tshark_that_ended_early_is_told() -> None:
    assert any("tshark ended early" in line for line in lines(complaint="cut short"))
