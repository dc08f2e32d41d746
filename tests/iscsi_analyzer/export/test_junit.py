"""JUnit XML: each rule is a test case, which fails if it was broken badly enough."""

from __future__ import annotations

from xml.etree.ElementTree import Element, fromstring

import msgspec
import pytest

from iscsi_analyzer.export.findings import FindingRecord
from iscsi_analyzer.export.junit import junit
from iscsi_analyzer.rules.catalogue import rules
from tests.iscsi_analyzer.export.faulty import faulty


def document(findings: list[FindingRecord], fail_on: str = "error", broken: tuple[str, ...] = ()) -> Element:
    return fromstring(junit("some.pcap", rules(), findings, fail_on, broken))


def failed(root: Element) -> list[str]:
    return [case.attrib["name"] for case in root.iter("testcase") if case.find("failure") is not None]


def test_every_rule_is_a_test_case() -> None:
    root = document([])
    assert (root.tag, len(list(root.iter("testcase")))) == ("testsuites", len(rules()))
    assert failed(root) == []
    suite = root[0]
    assert suite.attrib == {
        "name": "some.pcap",
        "tests": str(len(rules())),
        "failures": "0",
        "errors": "0",
        "skipped": "0",
    }


@pytest.mark.parametrize(("level", "count"), [("error", 2), ("warning", 2), ("note", 4)])
def test_rules_fail_from_the_level_on(level: str, count: int) -> None:
    root = document(faulty().findings(), level)
    assert len(failed(root)) == count
    assert root.attrib["failures"] == root[0].attrib["failures"] == str(count)


def test_a_failure_says_what_was_found_and_where() -> None:
    root = document(faulty().findings())
    failure = next(case for case in root.iter("testcase") if case.attrib["name"] == "tmf-rtt-missing").find("failure")
    assert failure is not None and failure.attrib["type"] == "error"
    assert failure.attrib["message"].startswith("ABORT TASK names no task")
    lines = (failure.text or "").splitlines()
    assert len(lines) == 2
    assert "initiator, connection 1, PDU 7" in lines[0] and "3 times" in lines[0]


def test_what_does_not_fail_is_output() -> None:
    root = document(faulty().findings())
    case = next(case for case in root.iter("testcase") if case.attrib["name"] == "conn-closed-in-ffp")
    output = case.find("system-out")
    assert output is not None and (output.text or "").startswith("note: The initiator closed")


def test_a_fault_of_the_input_is_an_error() -> None:
    root = document([], broken=("some.pcap: cut short", "and more"))
    (error,) = root.iter("error")
    assert (error.attrib["message"], error.text) == ("some.pcap: cut short", "some.pcap: cut short\nand more")
    assert root.attrib["errors"] == "1" and root.attrib["tests"] == str(len(rules()) + 1)


def test_nothing_from_the_wire_breaks_the_document() -> None:
    evil = msgspec.structs.replace(
        faulty().findings()[1], message="a\x00b\x1b]]>&<\ud800\uffff", rule="x\x01", reference="<RFC>"
    )
    root = document([evil])
    assert failed(root) == ["x\\x01"]
    assert "a\\x00b\\x1b]]>&<\\ud800" in "".join(root.itertext())
