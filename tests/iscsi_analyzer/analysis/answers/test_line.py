"""The words that all answers share."""

from __future__ import annotations

import pytest

from iscsi_analyzer.analysis.answers.line import (
    Line,
    at,
    count,
    detail,
    listed,
    sessions_named,
    short,
    size,
    who,
    worst,
)
from iscsi_analyzer.analysis.diagnosis import diagnose
from iscsi_analyzer.analysis.text import section_lines
from tests.iscsi_analyzer.analysis.studies import S, said, sample, study
from tests.support.talk import Talk


def test_counts_and_lists_read_as_people_write_them() -> None:
    assert [count(1, "task"), count(2562, "task"), count(0, "ping"), count(2, "reply", "replies")] == [
        "1 task",
        "2,562 tasks",
        "0 pings",
        "2 replies",
    ]
    assert [listed([]), listed([1]), listed([1, 2]), listed([1, 2, 3]), listed(range(9), 3)] == [
        "",
        "1",
        "1 and 2",
        "1, 2 and 3",
        "0, 1, 2 and 6 more",
    ]
    assert [sessions_named([4]), sessions_named([1, 2])] == ["session 4", "sessions 1 and 2"]
    assert sessions_named([1, 2, 3]) == "sessions 1, 2 and 3"
    assert sessions_named([1, 3, 4, 5, 6, 9]) == "sessions 1, 3 to 6 and 9"


@pytest.mark.parametrize(
    ("number", "words"),
    [(512, "512 bytes"), (65536, "64 KiB"), (1 << 20, "1 MiB"), (3 << 30, "3 GiB"), (70000, "70,000 bytes")],
)
def test_sizes(number: int, words: str) -> None:
    assert size(number) == words


def test_the_highest_severity_counts() -> None:
    assert worst([Line(text="", severity=word) for word in ("ok", "look", "info")]) == "look"
    assert worst([]) == "ok"
    assert worst([detail("x")]) == "info"


def test_names_are_shortened_to_what_tells_them_apart() -> None:
    assert [short("iqn.2005-03.com.example:disk:one"), short("iqn.2005-03.com.example"), short("")] == [
        "one",
        "iqn.2005-03.com.example",
        "",
    ]


def test_a_session_without_names_is_told_by_its_addresses() -> None:
    assert who(sample("f10").sessions[0]) == "session 1 (127.0.0.1:38340 -> 127.0.0.1:3260)"
    assert who(sample("k24").sessions[0]) == "session 1 (kernel -> io)"
    assert who(sample("i01").sessions[0]) == "session 1 (Discovery by iscsi-ls)"


def test_what_comes_from_the_wire_cannot_steer_a_terminal() -> None:
    talk = Talk(initiator_name="iqn.a:evil\x1b[2J\n")
    talk.handshake()
    talk.login_request({"InitiatorName": talk.initiator_name, "TargetName": "iqn.b"})
    talk.login_response(status=0x0203)
    assert "evil\\x1b[2J" in said(study(talk), 2)
    assert all(line.isprintable() for line in section_lines(diagnose(study(talk))))


def test_times_count_from_the_first_frame() -> None:
    long, short_one = sample("k24").facts, sample("u08").facts
    assert at(long, long.start + 2 * S) == "at 2.000 s"
    assert at(short_one, short_one.start + 1234) == "at 0.000001 s"
    assert at(long, long.start - S) == "at 0.000 s"
