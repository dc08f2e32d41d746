"""The text says who broke what and where, how the chapters fared, and never more than was seen."""

from __future__ import annotations

import msgspec

from iscsi_analyzer.conformance.text import text
from iscsi_analyzer.export.tables import WIDTH, Style
from tests.iscsi_analyzer.conformance.tallied import faulty_record, recorded
from tests.iscsi_analyzer.rules.judging import frames_of
from tests.support.mangle_loss import cut_start
from tests.support.talk import Talk

PLAIN = Style(False)


def test_the_short_text_fits_a_terminal_and_names_breaches_with_their_first_place() -> None:
    lines = list(text(faulty_record(), PLAIN))
    assert max(map(len, lines)) <= WIDTH
    assert lines[0] == "conformance: what was seen in 1 capture, 2 sessions, 2 connections, 25 PDUs"
    place = next(line for line in lines if "tmf-refcmdsn-wrong" in line)
    assert place.split()[:5] == ["error", "tmf-refcmdsn-wrong", "1", "of", "1"]
    assert "capture-1" in place and "PDU" in place
    assert any(line.startswith("  11.5 ") for line in lines)


def test_without_a_breach_it_says_in_how_many_occasions() -> None:
    talk = Talk().open()
    talk.read(4096)
    talk.close()
    said = " ".join(text(recorded(talk), PLAIN))
    assert "no breach was seen in" in said
    assert "conformant" not in said
    assert "This tells what was seen, and no more" in said


def test_what_could_not_be_judged_says_why() -> None:
    talk = Talk().open()
    for _ in range(4):
        talk.read(4096)
    lines = list(text(recorded(cut_start(frames_of(talk), len(talk.frames) // 2)), PLAIN, everything=True))
    row = next(line for line in lines if line.startswith("  datain-sequence-exceeds-maxburst"))
    assert row.endswith("the login was not captured")


def test_everything_lists_every_rule_and_requirement() -> None:
    record = faulty_record()
    lines = list(text(record, PLAIN, everything=True))
    assert all(any(line.split()[:1] == [rule.rule] for line in lines) for rule in record.rules)
    assert any(line.startswith("requirements of RFC 7143") for line in lines)
    assert any("RefCmdSN" in line for line in lines)


def test_names_from_the_wire_cannot_leave_their_line() -> None:
    record = faulty_record()
    evil = [
        msgspec.structs.replace(each, party=msgspec.structs.replace(each.party, name="a\nb\x1b[2J"))
        for each in record.parties
    ]
    for line in text(msgspec.structs.replace(record, parties=evil), PLAIN):
        assert line.isprintable()
