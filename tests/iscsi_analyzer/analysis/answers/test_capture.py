"""What the capture lacks is told first, and as the capture's own doing."""

from __future__ import annotations

from random import Random

import pytest

from tests.iscsi_analyzer.analysis.studies import lines, said, sample, study, worst
from tests.support.mangle_loss import drop, one_direction
from tests.support.talk import T2I, Talk
from tests.support.talk_load import mixture


@pytest.mark.parametrize(
    ("name", "phrases"),
    [
        ("f10", ["connection 1 (127.0.0.1:38340 -> 127.0.0.1:3260): the capture lacks its beginning"]),
        ("f10", ["the login was not seen, so names and negotiated values are not known"]),
        ("f02", ["266,530 bytes from the initiator (cut off by the snap length)"]),
        ("f41", ["the capture lacks 48 bytes from the initiator", "1 answer was captured without the request"]),
        ("f43", ["twice (a mirror, or several interfaces); the copies do not count"]),
        (
            "f44",
            ["its beginning and everything that the initiator sent", "17 answers were captured without"],
        ),
    ],
)
def test_real_captures(name: str, phrases: list[str]) -> None:
    text = said(sample(name), 0)
    for phrase in phrases:
        assert phrase in text


@pytest.mark.parametrize("name", ["f01", "f42", "k20", "k46", "u32"])
def test_a_whole_capture_lacks_nothing(name: str) -> None:
    assert lines(sample(name), 0) == []


def test_bytes_that_are_no_pdu_are_counted() -> None:
    talk = Talk().open()
    talk.read(4096)
    talk.raw(T2I, b"\xee" * 400)
    talk.read(4096)
    talk.read(4096)
    assert "captured bytes are no PDU that could be recognised" in said(study(talk), 0)


def test_losses_add_up() -> None:
    found = study(drop(mixture(1, pdus=300).frames, Random(3), share=0.05))
    gaps = sum(half.gap_bytes for link in found.facts.store.connections for half in (link.first, link.second))
    text = said(found, 0)
    assert sum(int(word.replace(",", "")) for word in text.split() if word.replace(",", "").isdigit()) >= gaps > 0


def test_half_of_a_conversation() -> None:
    found = study(one_direction(mixture(1, pdus=100).frames, T2I))
    assert "everything that the initiator sent" in said(found, 0)
    assert worst(found, 0) == "look"


def test_what_is_beyond_the_bounds_is_said() -> None:
    found = study(Talk().open())
    found.facts.found.losses_not_listed = 7
    found.facts.engine.forgotten = 3
    assert "not looked at one by one: 7 losses of bytes and 3 connections without iSCSI" in said(found, 0)


def test_every_bound_that_was_reached_is_said() -> None:
    found = study(Talk().open())
    collected, engine = found.facts.found, found.facts.engine
    collected.tcp_events_not_listed = collected.kept_overflow = collected.crowded = 2
    collected.sessions.sessions[0].overflows = 4
    collected.sessions.followers[0].login.forgotten = 5
    collected.connections[0].first.overflows = 1
    engine.desk.unmarked = 6
    text = said(found, 0)
    for words in (
        "2 TCP events",
        "the data of 2 PDUs",
        "4 tasks, as too many were open",
        "5 keys of logins and texts",
        "1 hole in streams",
        "2 connections of which too little was known",
        "the findings of 6 PDUs",
    ):
        assert words in text
