"""Findings are told below their rules or their connections, the worst first."""

from __future__ import annotations

import msgspec

from iscsi_analyzer.export.findings import FindingRecord
from iscsi_analyzer.export.findings_text import SHOWN, by_connection, by_rule, rule_lines, summary, where, worst_first
from iscsi_analyzer.export.tables import WIDTH, Style
from tests.iscsi_analyzer.export.faulty import faulty

PLAIN = Style(False)


def told(findings: list[FindingRecord], *, everything: bool = False) -> list[str]:
    return list(by_rule(findings, PLAIN, everything=everything))


def test_rules_come_by_severity_with_every_place_below_them() -> None:
    assert told(faulty().findings()) == [
        "error    tmf-rtt-missing  RFC 7143 section 11.5.4",
        "  ABORT TASK names no task: its Referenced Task Tag is 0xffffffff",
        "    initiator, connection 1: PDU 7 (frame 10), task 0x00000002; 3 times, also",
        "      PDUs 9, 11",
        "    initiator, connection 2: PDU 24 (frame 34), task 0x00000001",
        "",
        "error    tmf-refcmdsn-wrong  RFC 7143 sections 11.5.1 and 11.5.5, RFC 7144 section 6.3.3",
        "  ABORT TASK of task 0x00000006 has RefCmdSN 0, the CmdSN of the task is 2",
        "    initiator, connection 1: PDU 16 (frame 19), task 0x00000007, see PDU 15",
        "",
        "note     tmf-lun-reserved  RFC 7143 section 11.5.3, RFC 7144 section 6.3.1",
        "  TARGET WARM RESET is about no logical unit, but its LUN field is",
        "    0x0001000000000000",
        "    initiator, connection 1: PDU 5 (frame 8), task 0x00000001",
        "",
        "note     conn-closed-in-ffp  RFC 7143 section 4.2.6",
        "  The initiator closed a connection in the full feature phase without a logout",
        "    initiator, connection 2",
    ]


def test_each_rule_is_a_line_of_the_report() -> None:
    assert list(rule_lines(faulty().findings(), PLAIN)) == [
        "  error  tmf-rtt-missing     initiator  4 times, PDU 7",
        "  error  tmf-refcmdsn-wrong  initiator  once, PDU 16",
        "  note   tmf-lun-reserved    initiator  once, PDU 5",
        "  note   conn-closed-in-ffp  initiator  once",
    ]


def test_connections_come_in_order_with_their_ends() -> None:
    lines = list(by_connection(faulty().findings(), PLAIN, lambda number: f"end {number} -> other end"))
    assert lines[0] == "connection 1  end 1 -> other end, session 1"
    second = lines.index("connection 2  end 2 -> other end, session 2")
    assert "tmf-refcmdsn-wrong" in "\n".join(lines[:second])
    assert "conn-closed-in-ffp" in "\n".join(lines[second:])
    assert lines[1].startswith("  error    tmf-rtt-missing")


def test_what_belongs_to_no_connection_comes_first() -> None:
    record = FindingRecord(
        number=9,
        rule="rule-crashed",
        severity="warning",
        party="capture",
        reference="",
        message="Plug-in x failed",
        facts={},
        count=1,
    )
    lines = list(by_connection([*faulty().findings(), record], PLAIN, str))
    assert lines[:3] == ["the analysis", "  warning  rule-crashed", "    Plug-in x failed"]
    assert where(record) == "capture"


def test_severity_goes_before_order() -> None:
    assert [finding.number for finding in worst_first(faulty().findings())] == [2, 3, 4, 1, 5]


def test_many_connections_with_one_fault_are_few_lines() -> None:
    first = faulty().findings()[3]
    many = [msgspec.structs.replace(first, connection=number) for number in range(1, 21)]
    lines = told(many)
    assert len(lines) == 2 + SHOWN + 1
    assert lines[-1] == "    and on 15 more connections"
    assert len(told(many, everything=True)) == 2 + 20


def test_a_storm_is_one_line() -> None:
    storm = msgspec.structs.replace(faulty().findings()[1], count=100_000, pdus=list(range(7, 263)))
    words = " ".join(" ".join(told([storm])).split())
    assert words.endswith("; 100,000 times, also PDUs 8, 9, 10, 11, 12, ...")


def test_words_of_strangers_cannot_draw_on_the_terminal() -> None:
    evil = msgspec.structs.replace(faulty().findings()[0], message="a\x1b[31mb\nc")
    text = "\n".join([*told([evil]), *by_connection([evil], PLAIN, str)])
    assert "\x1b" not in text and "a\\x1b[31mb\\nc" in text


def test_prose_fits_the_terminal() -> None:
    for line in [*told(faulty().findings()), *by_connection(faulty().findings(), PLAIN, str)]:
        assert len(line) <= WIDTH or "RFC" in line


def test_all_of_them_are_one_line() -> None:
    assert summary([]) == "no findings"
    assert summary(faulty().findings()) == "3 errors and 2 notes, of 4 rules"
    assert summary(faulty().findings()[:1], 7) == "1 note, of 1 rule; 7 more were not kept"


def test_severities_have_colours_where_colours_are_wanted() -> None:
    assert "\x1b[31merror" in "\n".join(by_rule(faulty().findings(), Style(True)))
