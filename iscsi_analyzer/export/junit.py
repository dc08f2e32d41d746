"""Findings as JUnit XML, which continuous integration shows: each rule is a test case, which fails if it was broken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from iscsi_analyzer.export.findings import FindingRecord
from iscsi_analyzer.export.findings_text import where
from iscsi_analyzer.export.tables import visible
from iscsi_analyzer.rules.rule import Rule
from iscsi_analyzer.rules.verdicts import at_least


def junit(
    name: str, rules: Mapping[str, Rule], findings: Sequence[FindingRecord], fail_on: str, broken: Iterable[str] = ()
) -> bytes:
    """The document. `name` says what was checked; findings below the severity `fail_on` do not fail their rule and are
    output of it. `broken` are faults of the input."""
    by_rule: dict[str, list[FindingRecord]] = {rule: [] for rule in rules}
    for finding in findings:
        by_rule.setdefault(finding.rule, []).append(finding)
    root = Element("testsuites", name="iscsi-analyzer")
    suite = SubElement(root, "testsuite", name=_text(name))
    failures = 0
    for rule, found in by_rule.items():
        case = SubElement(suite, "testcase", classname="iscsi-analyzer.rules", name=_text(rule))
        grave = [finding for finding in found if at_least(finding.severity, fail_on)]
        if grave:
            failures += 1
            failure = SubElement(case, "failure", type=grave[0].severity, message=_text(grave[0].message))
            failure.text = _lines(grave)
        rest = [finding for finding in found if finding not in grave]
        if rest:
            SubElement(case, "system-out").text = _lines(rest)
    faults = list(broken)
    if faults:
        case = SubElement(suite, "testcase", classname="iscsi-analyzer", name="input")
        error = SubElement(case, "error", type="input", message=_text(faults[0]))
        error.text = "\n".join(map(_text, faults))
    for element in (root, suite):
        element.set("tests", str(len(suite)))
        element.set("failures", str(failures))
        element.set("errors", str(int(bool(faults))))
    suite.set("skipped", "0")
    indent(root, " ")
    text: str = tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def _lines(findings: Iterable[FindingRecord]) -> str:
    lines = []
    for finding in findings:
        place = "" if finding.pdu is None else f", PDU {finding.pdu}, frame {finding.frame}"
        times = f", {finding.count} times" if finding.count > 1 else ""
        lines.append(
            f"{finding.severity}: {_text(finding.message)} ({where(finding)}{place}{times}; {finding.reference})"
        )
    return "\n".join(lines)


def _text(text: str) -> str:
    """Text that XML can hold: control characters and lone surrogates are escapes."""
    return visible(text).encode("utf-8", "backslashreplace").decode()
