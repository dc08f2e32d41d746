"""Peers that contradict themselves, answer before they are asked, never finish, or flood: all of it is bounded, told,
and raises nothing."""

from __future__ import annotations

import struct

from iscsi_analyzer.export.report import report
from iscsi_analyzer.export.report_record import ReportRecord
from iscsi_analyzer.export.report_text import report_text
from iscsi_analyzer.model.login import MAX_TEXT
from iscsi_analyzer.model.session import MAX_OPEN
from tests.support.command import analysed
from tests.support.talk import I2T, T2I, Talk

SCSI_RESPONSE = 0x21


def told(talk: Talk) -> tuple[ReportRecord, str]:
    """The report, and its text in one line."""
    found = report(analysed(talk))
    return found, " ".join("\n".join(report_text(found, everything=True)).split())


def rules(found: ReportRecord) -> set[str]:
    return {finding.rule for finding in found.findings}


def test_two_connections_that_claim_the_same_cid() -> None:
    talk = Talk(max_connections=4).open()
    other = talk.join(cid=0).open()
    talk.read(4096)
    other.read(4096)
    found, text = told(talk)
    assert found.sessions == 1
    assert "connection 2 logged in with the CID of connection 1 (0)" in text
    assert "which went on all the same: two connections claim one CID (2 more PDUs)" in text
    assert "MC/S" not in text


def test_a_connection_that_takes_the_place_of_one_with_its_cid() -> None:
    talk = Talk(max_connections=4).open()
    talk.read(4096)
    talk.fin()
    other = talk.join(cid=0).open()
    other.read(4096)
    text = told(talk)[1]
    assert "connection 2 logged in with the CID of connection 1 (0)" in text
    assert "and took its place" in text
    assert "claim one CID" not in text


def test_a_login_that_contradicts_itself() -> None:
    talk = Talk()
    talk.handshake()
    request = talk.login_request(
        [
            *(("InitiatorName", "iqn.2005-03.com.example:a"), ("InitiatorName", "iqn.2005-03.com.example:b")),
            *(("SessionType", "Discovery"), ("SessionType", "Normal"), ("TargetName", "iqn.2005-03.com.example:t")),
            *(("MaxBurstLength", "512"), ("MaxBurstLength", "16777215"), ("HeaderDigest", "None")),
        ],
        csg=1,
        nsg=3,
    )
    answer = [("HeaderDigest", "None"), ("MaxBurstLength", "1024"), ("MaxBurstLength", "2048")]
    talk.login_response(answer, csg=1, nsg=3, initiator_task_tag=request.word(16))
    for _ in range(3):
        talk.read(512)
    found, text = told(talk)
    assert {"key-duplicate", "key-name-redeclared"} <= rules(found)
    assert "declared more than once" in text
    assert found.scsi_statuses[0].count == 3


def test_two_logins_with_one_name_and_isid_and_different_keys() -> None:
    talk = Talk(max_connections=2).open()
    other = talk.beside(session=talk.session).open()
    talk.read(4096)
    other.read(4096)
    found, _ = told(talk)
    assert found.sessions == 2
    assert sum(each.count for each in found.scsi_statuses) == 2


def test_answers_that_come_before_their_requests() -> None:
    talk = Talk().open()
    for tag in range(50, 60):
        talk.send(T2I, SCSI_RESPONSE, 0x80, initiator_task_tag=tag)
    for tag in range(50, 60):
        talk.command(tag=tag)
    found, text = told(talk)
    assert "itt-unknown-in-response" in rules(found)
    assert "10 answers were captured without the request" in text
    assert "10 SCSI tasks had no answer when the capture ended" in text


def test_a_task_that_never_ends() -> None:
    talk = Talk().open()
    talk.command(read=4096)
    for _ in range(200):
        talk.read(512)
        talk.wait(0.1)
    found, text = told(talk)
    assert found.scsi_statuses[0].count == 200
    assert "1 SCSI task had no answer when the capture ended, after 19.9 s" in text


def test_more_open_tasks_than_are_followed() -> None:
    """As many as it takes to pass the bound, in one stream of commands that nobody answers."""
    talk = Talk().open()
    start = b"\x01\xc0" + bytes(14)
    rest = bytes(4) + b"\x28" + bytes(15)
    many = MAX_OPEN + 1000
    commands = b"".join(start + struct.pack(">III", 1000 + number, 4096, number) + rest for number in range(many))
    for place in range(0, len(commands), 60_000):
        talk.raw(I2T, commands[place : place + 60_000])
    found, text = told(talk)
    assert found.pdus == 4 + many
    assert "not looked at one by one: 1,000 tasks, as too many were open" in text
    assert "1,000 SCSI tasks were not followed to their ends, as too many were open" in text
    assert f"{MAX_OPEN:,} SCSI tasks had no answer when the capture ended" in text


def test_keys_of_sixteen_megabytes() -> None:
    talk = Talk().open()
    length = 0xFFFFF8
    header = bytearray(48)
    header[0], header[1], header[5:8] = 0x44, 0x80, length.to_bytes(3, "big")
    header[16:24] = b"\x00\x00\x01\x00\xff\xff\xff\xff"
    talk.raw(I2T, bytes(header) + (b"X-big=" + b"a" * length)[: length - 1] + b"\0")
    talk.read(512)
    analysis = analysed(talk)
    assert sum(map(len, analysis.store.all_kept_data.values())) < MAX_TEXT + 4096
    found = report(analysis)
    assert "text-dsl-exceeds-maxrecv" in rules(found)
    assert found.scsi_statuses[0].count == 1
