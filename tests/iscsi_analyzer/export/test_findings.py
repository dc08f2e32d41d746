"""The record of a finding says everything that is known of it, in words that JSON has."""

from __future__ import annotations

import json

import msgspec

from iscsi_analyzer.export.findings import FindingRecord, fact, finding_record, finding_records
from iscsi_analyzer.options import Options
from iscsi_analyzer.rules.desk import Finding
from iscsi_analyzer.rules.rule import NOTE, Rule
from iscsi_analyzer.rules.selection import Selection
from iscsi_analyzer.rules.verdicts import Verdict
from tests.iscsi_analyzer.export.faulty import RULES, conversation, faulty
from tests.support.command import analysed


def test_every_finding_is_a_record() -> None:
    records = faulty().findings()
    assert [record.rule for record in records] == RULES
    assert [record.number for record in records] == [1, 2, 3, 4, 5]
    assert [record.connection for record in records] == [1, 1, 1, 2, 2]
    assert [record.severity for record in records] == ["note", "error", "error", "error", "note"]


def test_a_record_points_to_its_pdus_and_frames() -> None:
    store = faulty().store
    for record in finding_records(store):
        if record.pdu is not None:
            row = store.row(record.pdu)
            assert (record.frame, record.connection) == (row.frame_last, row.connection)
            assert record.pdus[0] == record.pdu
            assert record.rule in store.verdicts.names(record.pdu)
            assert record.task == int.from_bytes(row.header[16:20], "big")


def test_what_comes_again_is_counted() -> None:
    record = faulty().findings()[1]
    assert (record.count, len(record.pdus)) == (3, 3)


def test_the_other_end_of_the_evidence_is_named() -> None:
    record = faulty().findings()[2]
    (command,) = record.related
    assert faulty().store.row(command).opcode == 0x01
    assert record.message == "ABORT TASK of task 0x00000006 has RefCmdSN 0, the CmdSN of the task is 2"
    assert record.facts["cmd_sn"] == 2


def test_what_is_shown_by_silence_has_no_pdu() -> None:
    record = faulty().findings()[4]
    data = json.loads(msgspec.json.encode(record))
    assert not {"pdu", "frame", "time", "pdus", "related", "task"} & data.keys()
    assert data["type"] == "finding" and data["connection"] == 2


def test_the_users_choice_holds() -> None:
    options = Options(plugins=(), selection=Selection(ignore=("tmf-*",), severity={"conn-*": "error"}))
    (record,) = analysed(conversation(), options).findings()
    assert (record.rule, record.severity) == ("conn-closed-in-ffp", "error")


def test_findings_are_members_of_the_records_of_their_pdus() -> None:
    analysis = faulty()
    marked = {record.number: record.findings for record in analysis.pdus() if record.findings}
    shown: dict[int, list[str]] = {}
    for finding in analysis.findings():
        for pdu in finding.pdus:
            shown.setdefault(pdu, []).append(finding.rule)
    assert marked == shown


def test_facts_are_what_json_can_hold() -> None:
    assert [fact(value) for value in (1, True, None, "a", 0.5, b"\x01\xff", -(1 << 63), (1 << 64) - 1)] == [
        1,
        True,
        None,
        "a",
        0.5,
        "01ff",
        -(1 << 63),
        (1 << 64) - 1,
    ]
    assert fact(1 << 64) == "18446744073709551616"
    assert fact([1, 2]) == "[1, 2]"


def test_a_party_that_nobody_knows_blames_nobody() -> None:
    """A plug-in may say what it likes; the record keeps to its words."""
    finding = Finding("example-a", "somebody", 1, 0, 0, 0, {"what": object})
    record = finding_record(faulty().store, Verdict(finding, Rule("example-a", NOTE, "", "", "Said"), NOTE))
    assert isinstance(record, FindingRecord) and record.party == "capture"
    assert (record.session, record.connection, record.pdu, record.task) == (None, None, None, None)
    assert msgspec.json.encode(record)
