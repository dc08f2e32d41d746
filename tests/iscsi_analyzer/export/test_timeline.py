"""Laws of the timeline: events are in order, name PDUs and tasks that there are, and tell what the report tells."""

from __future__ import annotations

import json
from functools import cache
from itertools import pairwise
from typing import Any

import jsonschema
import pytest

from iscsi_analyzer.analysis.facts import Facts
from iscsi_analyzer.analysis.stalls import stalls
from iscsi_analyzer.export import timeline
from iscsi_analyzer.export.formats import Part
from iscsi_analyzer.export.schema import schema
from iscsi_analyzer.store.tasks import task_count
from tests.support.command import analysed, command
from tests.support.samples import SAMPLES

NAMES = [
    "k20_mcs_two_connections.pcap.zst",
    "k24_kernel_abort_lunreset_recovery.pcap.zst",
    "k26_tcp_killed_session_reinstated.pcap.zst",
    "k28_sense_medium_error_invalid_cdb_lba.pcap.zst",
    "k34_multipath_dm_two_portals.pcap.zst",
    "f10_mid_session_no_login.pcap.zst",
    "f41_drop_2pct.pcap.zst",
    "b01_badpdu_tgtd.pcap.zst",
]


@cache
def sessions(name: str) -> list[dict[str, Any]]:
    text = b"".join(timeline.pieces(analysed(SAMPLES / name), Part()))
    return [json.loads(line) for line in text.splitlines()]


def kinds(session: dict[str, Any]) -> list[str]:
    return [event["kind"] for event in session["events"]]


@pytest.mark.parametrize("name", NAMES)
def test_events_are_in_order_and_name_what_there_is(name: str) -> None:
    store = analysed(SAMPLES / name).store
    for session in sessions(name):
        times = [event["at_ns"] for event in session["events"]]
        assert times == sorted(times) and times[0] == 0
        for event in session["events"]:
            assert all(1 <= pdu <= len(store) for pdu in event.get("pdus", []))
            assert all(1 <= task <= task_count(store) for task in event.get("tasks", []))
            assert event["text"].isprintable()


@pytest.mark.parametrize("name", NAMES)
def test_every_record_is_as_the_schema_says(name: str) -> None:
    validator = jsonschema.Draft202012Validator(schema())
    for session in sessions(name):
        validator.validate(session)


def test_a_story_of_abort_and_return_is_told_in_its_order() -> None:
    first, second = sessions("k24_kernel_abort_lunreset_recovery.pcap.zst")
    told = [kind for kind in kinds(first) if kind in ("connect", "login", "unanswered", "quiet", "management", "end")]
    assert told[:2] == ["connect", "login"] and told[-1] == "end"
    assert told.index("unanswered") < told.index("management")
    assert (first["followed_by"], second["follows"]) == (2, 1)
    assert "return" in kinds(second)


def test_a_silence_is_the_time_before_the_pdu_that_ends_it() -> None:
    name = "k24_kernel_abort_lunreset_recovery.pcap.zst"
    store = analysed(SAMPLES / name).store
    silences = [event for event in sessions(name)[0]["events"] if event["kind"] == "quiet"]
    assert [event["pdus"] for event in silences] == [[number] for number in stalls(Facts(store), timeline.QUIET_NS)]
    for event in silences:
        (number,) = event["pdus"]
        assert event["duration_ns"] == store.row(number).time_first - store.row(number - 1).time_last


def test_a_session_without_its_login_does_not_pretend_to_have_one() -> None:
    (session,) = sessions("f10_mid_session_no_login.pcap.zst")
    assert not {"login", "login-step", "negotiated"} & set(kinds(session))
    assert "begins in the middle" in session["events"][0]["text"]


def test_what_the_capture_lacks_is_an_event_of_its_own() -> None:
    (session,) = sessions("f41_drop_2pct.pcap.zst")
    assert "gap" in kinds(session)


def test_failed_commands_come_with_their_sense() -> None:
    failed = [
        event
        for session in sessions("k28_sense_medium_error_invalid_cdb_lba.pcap.zst")
        for event in session["events"]
        if event["kind"] == "failed"
    ]
    assert len(failed) == 7
    assert all("CHECK CONDITION" in event["text"] for event in failed)


def test_a_kind_that_comes_too_often_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = sessions("k28_sense_medium_error_invalid_cdb_lba.pcap.zst")
    monkeypatch.setattr(timeline, "MOST", 3)
    name = "k28_sense_medium_error_invalid_cdb_lba.pcap.zst"
    part = [json.loads(line) for line in b"".join(timeline.pieces(analysed(SAMPLES / name), Part())).splitlines()]
    for full, short in zip(whole, part, strict=True):
        assert len(short["events"]) + short.get("not_listed", 0) == len(full["events"])


def test_one_session_can_be_asked_for() -> None:
    capture = SAMPLES / "k24_kernel_abort_lunreset_recovery.pcap.zst"
    done = command("export", capture, "--format", "timeline-json", "--session", "2")
    assert [record["session"] for record in done.records] == [2]


@pytest.mark.parametrize(
    ("name", "phases"),
    [
        (
            "k24_kernel_abort_lunreset_recovery.pcap.zst",
            ["login stage LoginOperationalNegotiation", "full feature phase"],
        ),
        ("k06_chap_wrong_password.pcap", ["login stage SecurityNegotiation"]),
        ("f10_mid_session_no_login.pcap.zst", []),
    ],
)
def test_phases_fill_the_time_of_a_connection(name: str, phases: list[str]) -> None:
    """Stages follow each other, and the full feature phase lasts until the connection ends."""
    session = sessions(name)[0]
    found = [event for event in session["events"] if event["kind"] == "phase"]
    assert [event["text"] for event in found] == phases
    for before, after in pairwise(found):
        assert before["at_ns"] + before["duration_ns"] <= after["at_ns"]
    if "full feature phase" in phases:
        (end,) = [event for event in session["events"] if event["kind"] == "end"]
        assert found[-1]["at_ns"] + found[-1]["duration_ns"] == end["at_ns"]


def test_the_words_of_a_step_are_single_spaced() -> None:
    steps = [event for event in sessions(NAMES[1])[0]["events"] if event["kind"] == "login-step"]
    assert steps and all("  " not in event["text"] for event in steps)
