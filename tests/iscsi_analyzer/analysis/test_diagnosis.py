"""What an engineer reads: the story of each capture, silence where nothing is wrong, and no accusation without
evidence."""

from __future__ import annotations

from pathlib import Path
from random import Random

import msgspec
import pytest

from iscsi_analyzer.analysis.answers.line import SEVERITIES
from iscsi_analyzer.analysis.diagnosis import QUESTIONS, Section, answer, diagnose
from iscsi_analyzer.analysis.study import Study
from tests.iscsi_analyzer.analysis.studies import opened, said, sample, study, worst
from tests.iscsi_analyzer.stores import every_kind, sliced
from tests.support import mangle_loss
from tests.support.samples import captures
from tests.support.talk import T2I, Talk
from tests.support.talk_cases import CASES
from tests.support.talk_load import mixture


@pytest.mark.parametrize(
    "name", ["f01", "f06", "f09", "f20", "f40", "k28", "m20", "m34", "m44", "u21", "u24", "v01", "v03"]
)
def test_sections_without_anything_to_say_are_left_out(name: str) -> None:
    assert {section.question for section in diagnose(sample(name))} <= {3, 4, 9}


@pytest.mark.parametrize("seed", range(4))
def test_a_healthy_conversation_is_well(seed: int) -> None:
    found = diagnose(study(mixture(seed, pdus=400, connections=1 + seed % 2)))
    assert {section.severity for section in found} <= {"ok", "info"}


@pytest.mark.parametrize("seed", range(6))
def test_what_the_capture_lacks_is_told_as_such_and_held_against_nobody(seed: int) -> None:
    """A healthy conversation of which the capture has lost frames: the gaps are named, and nothing hurts."""
    talk = mixture(seed, pdus=300)
    random = Random(seed)
    for frames in (
        mangle_loss.drop(talk.frames, random, share=0.05),
        mangle_loss.cut_middle(talk.frames, random, count=40),
        mangle_loss.cut_start(talk.frames, 40),
        mangle_loss.one_direction(talk.frames, T2I),
        sliced(talk.frames, 96),
    ):
        found = study(frames)
        assert worst(found, 0) == "look"
        for question in (1, 2, 5, 6, 8, 10):
            assert worst(found, question) in ("", "ok", "info", "look"), said(found, question)


def check(found: Study) -> list[Section]:
    """Laws of every diagnosis."""
    sections = diagnose(found)
    assert [section.question for section in sections] == sorted({section.question for section in sections})
    for section in sections:
        assert section.lines and not section.lines[0].detail
        assert SEVERITIES.index(section.severity) == max(SEVERITIES.index(line.severity) for line in section.lines)
        for line in section.lines:
            assert line.text == line.text.strip() and "\n" not in line.text
            assert all(1 <= pdu <= found.facts.pdu_count for pdu in line.pdus)
            assert all(1 <= task <= found.facts.task_count for task in line.tasks)
            assert all(1 <= frame <= found.facts.engine.frames for frame in line.frames)
    again = msgspec.json.decode(msgspec.json.encode(sections), type=list[Section])
    assert again == sections
    return sections


@pytest.mark.parametrize(
    "path", [path for path in captures() if path.stat().st_size < 60_000], ids=lambda path: path.name
)
def test_every_sample_is_diagnosed_with_evidence_that_exists(path: Path) -> None:
    check(opened(path))


@pytest.mark.parametrize("name", list(CASES))
def test_odd_conversations_are_diagnosed(name: str) -> None:
    check(study(CASES[name]().frames))


@pytest.mark.parametrize("seed", range(12))
def test_damaged_captures_are_diagnosed(seed: int) -> None:
    random = Random(seed)
    frames = mangle_loss.corrupt(every_kind().frames, random, count=20)
    check(study(mangle_loss.drop(frames, random, share=0.1)))


def test_everything_that_is_computed_can_be_written_as_json() -> None:
    for found in (sample("k24"), sample("k34"), study(every_kind()), study([])):
        for name in ("keys", "logins", "endings", "sessions", "paths", "latency", "load", "tcp", "outcomes", "aborts",
                     "counters", "remarks"):  # fmt: skip
            assert msgspec.json.encode(getattr(found, name))


def test_an_empty_capture_has_nothing_to_say() -> None:
    assert diagnose(study([])) == []
    assert diagnose(study(Talk().open())) != []


def test_questions_have_numbers_that_stay() -> None:
    assert [number for number, *_ in QUESTIONS] == list(range(12))
    with pytest.raises(ValueError, match="no question 12"):
        answer(study([]), 12)
