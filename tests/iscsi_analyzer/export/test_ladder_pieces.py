"""Ladders for a ticket: of every session, of chosen tasks and findings, of a part of the capture."""

from __future__ import annotations

import pytest

from iscsi_analyzer.export.formats import Part
from iscsi_analyzer.export.ladder_pieces import pieces
from tests.support.command import analysed, command
from tests.support.samples import SAMPLES

BAD_DIGEST = SAMPLES / "k76_data_digest_error_dataout.pcap.zst"
DROPPED = SAMPLES / "k26_tcp_killed_session_reinstated.pcap.zst"


def text(name: str, part: Part) -> str:
    return b"".join(pieces(analysed(SAMPLES / name), part)).decode()


def test_every_session_has_its_ladder_with_every_pdu() -> None:
    analysis = analysed(DROPPED)
    found = b"".join(pieces(analysis, Part())).decode()
    heads = [line for line in found.splitlines() if line.startswith("session ")]
    assert [head.partition(":")[0] for head in heads] == ["session 1", "session 2"]
    assert sum(int(head.split()[2].replace(",", "")) for head in heads) == len(analysis.store)


def test_a_task_is_its_request_its_data_and_its_answer() -> None:
    found = text(DROPPED.name, Part(tasks=(3,)))
    assert found.startswith("task 3, session 1: 2 PDUs\n")
    assert "SCSI Command" in found and "SCSI Data-In" in found


def test_a_finding_is_its_evidence_with_the_rule_beside_it() -> None:
    found = text(BAD_DIGEST.name, Part(findings=(1,)))
    assert found.startswith("finding 1, data-digest-bad: ")
    assert "✗ data-digest-bad" in found


@pytest.mark.parametrize("part", [Part(tasks=(100_000,)), Part(findings=(100,))])
def test_what_is_not_there_is_said(part: Part) -> None:
    with pytest.raises(LookupError, match="there is no such"):
        text(DROPPED.name, part)


def test_a_filter_leaves_the_pdus_that_pass() -> None:
    """From the command line, as a user asks."""
    done = command("export", DROPPED, "--format", "text-ladder", "-Y", "iscsi.opcode == 0x03", "--session", "2")
    assert done.code == 0
    assert done.out.startswith("session 2: 1 PDU\n")
    assert done.out.count("Login Request") == 1
    assert "SCSI Command" not in done.out
