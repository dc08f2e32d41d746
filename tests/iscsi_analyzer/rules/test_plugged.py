"""Plug-ins see what the built-in rules see, and cannot stop them."""

from __future__ import annotations

from pathlib import Path

from iscsi_analyzer.options import Options
from iscsi_analyzer.rules.plugin import Plugin
from tests.iscsi_analyzer.rules.judging import desk_of, found, sentence
from tests.iscsi_analyzer.rules.plugins import DIVIDES, LARGE_READS, plugin
from tests.support.talk import Talk

LISTENS = """
from iscsi_analyzer.rules.rule import NOTE, Rule

RULES = (Rule("example-events", NOTE, "initiator", "", "Never found"),)


def heard(desk, *what):
    desk.memory.setdefault("events", []).append(what)


def see(follower, look, desk):
    if look.opcode in (0x01, 0x21, 0x25):
        heard(desk, "see", look.number)


def lost(follower, to_target, desk):
    heard(desk, "lost", to_target)


def full_feature(follower, number, desk):
    heard(desk, "full feature", number)


def over(follower, task, outcome, number, desk):
    if task.kind == 1:
        heard(desk, "over", outcome, number)


def closed(follower, desk):
    heard(desk, "closed", follower.number)
"""


def conversation() -> Talk:
    talk = Talk(initiator_max_recv_data_segment_length=4 << 20, max_burst_length=4 << 20).open()
    talk.read(2 << 20)
    talk.read(4096)
    talk.async_message(6)
    talk.close()
    return talk


def test_a_plug_in_finds_what_it_looks_for(tmp_path: Path) -> None:
    """Beside the built-in rules, and anew in every analysis."""
    options = Options(plugins=(plugin(tmp_path, LARGE_READS),))
    for _ in range(2):
        desk = desk_of(conversation(), options)
        assert [finding.rule for finding in desk.findings] == ["example-large-read", "async-event-unassigned"]
        assert desk.findings[0].facts == {"length": 2 << 20}
        assert desk.memory == {"large reads": [desk.findings[0].pdu]}


def test_a_plug_in_that_raises_is_a_finding_and_stops_nobody(tmp_path: Path) -> None:
    options = Options(plugins=(plugin(tmp_path, DIVIDES, "divides"), plugin(tmp_path, LARGE_READS)))
    crashed, large, event = found(conversation(), options)
    assert (crashed.rule, crashed.party, large.rule, event.rule) == (
        "rule-crashed",
        "capture",
        "example-large-read",
        "async-event-unassigned",
    )
    assert "example-division of plug-in divides failed with ZeroDivisionError" in sentence(crashed)
    assert crashed.count == len(conversation().pdus)


def test_a_plug_in_hears_of_every_event(tmp_path: Path) -> None:
    talk = Talk().open()
    talk.read(4096)
    talk.close()
    desk = desk_of(talk, Options(plugins=(plugin(tmp_path, LISTENS),)))
    assert desk.memory["events"] == [
        ("full feature", 4),
        ("see", 5),
        ("see", 6),
        ("over", 1, 6),
        ("closed", 1),
    ]
    frames = talk.frames
    desk = desk_of(frames[:8] + frames[9:], Options(plugins=(plugin(tmp_path, LISTENS),)))
    assert any(event[0] == "lost" for event in desk.memory["events"])  # type: ignore[attr-defined]


def test_an_installed_plug_in_that_cannot_be_used_is_a_finding() -> None:
    """It belongs to no connection, and nobody on the wire is to blame."""
    broken = Plugin("broken", problem="ImportError: no such thing")
    (finding,) = found(Talk().open(), Options(plugins=(broken,)))
    assert (finding.rule, finding.connection, finding.pdu) == ("rule-crashed", 0, 0)
    assert "Plug-in broken failed with ImportError" in sentence(finding)
