"""What a target may announce, and how."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import async_message
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, finding_of, findings_of, names, near_miss
from tests.support.mangle_loss import snap
from tests.support.talk import Talk


@pytest.mark.parametrize("name", names(async_message))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


SENSE = bytes((0x70, 0, 6, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x2A, 1, 0, 0, 0, 0))
WITH_SENSE = bytes((0, len(SENSE))) + SENSE


@pytest.mark.parametrize("event", [1, 3, 248])
def test_a_discovery_session_hears_answers_only(event: int) -> None:
    talk = Talk().open(discovery=True)
    talk.async_message(event)
    assert findings_of(talk) == ["async-in-discovery"]


@near_miss("async-in-discovery", "async-event-unassigned", "async-itt")
@pytest.mark.parametrize("event", [1, 2, 3, 4, 248, 255])
def test_a_normal_session_may_hear_of_every_event(event: int) -> None:
    talk = Talk().open()
    talk.async_message(event)
    talk.close()
    assert findings_of(talk) == []


@pytest.mark.parametrize("event", [6, 7, 247])
def test_events_6_to_247_do_not_exist(event: int) -> None:
    talk = Talk().open()
    talk.async_message(event)
    assert finding_of(talk, "async-event-unassigned").facts == {"event": event}


def test_a_message_belongs_to_no_task() -> None:
    talk = Talk().open()
    talk.async_message(3, initiator_task_tag=0)
    finding = finding_of(talk, "async-itt")
    assert finding.party == "target" and finding.facts == {"tag": 0}


@pytest.mark.parametrize("data", [b"", b"\0", b"\0\0", b"\0\0vendor"])
def test_a_scsi_event_says_what_happened(data: bytes) -> None:
    talk = Talk().open()
    talk.async_message(0, data=data)
    finding_of(talk, "async-event0-without-sense")


@near_miss("async-event0-without-sense", "async-sense-length-invalid")
@pytest.mark.parametrize("rest", [b"", b"vendor"])
def test_sense_data_may_be_followed_by_more(rest: bytes) -> None:
    talk = Talk().open()
    talk.async_message(0, data=WITH_SENSE + rest, lun=1)
    assert findings_of(talk) == []


@near_miss("async-event0-without-sense", "async-sense-length-invalid")
def test_data_that_was_not_captured_proves_nothing() -> None:
    """The snap length keeps the header alone."""
    talk = Talk().open()
    talk.async_message(0, data=WITH_SENSE)
    frames = talk.frames
    assert findings_of([*frames[:-1], *snap(frames[-1:], 66 + 48)]) == []


@pytest.mark.parametrize(("event", "data"), [(0, bytes((0, 19)) + SENSE), (3, WITH_SENSE), (1, b"\0\1\0")])
def test_the_length_of_sense_data_fits(event: int, data: bytes) -> None:
    talk = Talk().open()
    talk.async_message(event, data=data)
    assert finding_of(talk, "async-sense-length-invalid").facts["length"] == len(data)


def test_a_connection_that_is_dropped_is_one_of_the_session() -> None:
    talk = Talk(cid=2).open()
    talk.async_message(2, parameter1=9)
    assert finding_of(talk, "async-drop-cid-unknown").facts == {"cid": 9, "known": "2"}


@near_miss("async-drop-cid-unknown")
def test_it_may_be_the_very_connection() -> None:
    talk = Talk(cid=2).open()
    talk.async_message(2, parameter1=2, parameter2=2, parameter3=20)
    assert findings_of(talk) == []


@near_miss("async-drop-cid-unknown")
def test_other_connections_need_not_be_in_the_capture() -> None:
    talk = Talk(max_connections=4).open()
    talk.async_message(2, parameter1=9)
    assert findings_of(talk) == []


def test_fast_abort_is_negotiated_before_it_is_used() -> None:
    talk = Talk().open()
    talk.async_message(5, lun=1)
    finding_of(talk, "async5-not-negotiated")


@near_miss("async5-not-negotiated")
def test_with_fast_abort_tasks_may_be_terminated() -> None:
    talk = Talk().open(
        offer={"TaskReporting": "FastAbort,ResponseFence,RFC3720"}, answer={"TaskReporting": "FastAbort"}
    )
    talk.async_message(5, lun=1)
    assert findings_of(talk) == []


@near_miss("async5-not-negotiated")
def test_nobody_is_held_to_what_was_not_seen() -> None:
    talk = Talk().open()
    login = len(talk.frames)
    talk.async_message(5, lun=1)
    talk.close()
    assert findings_of(talk.frames[login:]) == []


@pytest.mark.parametrize("event", [1, 3, 4])
def test_only_vendors_have_codes_of_their_own(event: int) -> None:
    talk = Talk().open()
    talk.async_message(event, async_vcode=3)
    assert finding_of(talk, "async-vcode-reserved").facts["vcode"] == 3


@pytest.mark.parametrize("event", [1, 2, 3, 4])
def test_events_of_connections_have_no_lun(event: int) -> None:
    talk = Talk().open()
    talk.async_message(event, lun=1)
    assert finding_of(talk, "async-lun-reserved").facts["lun"] == 1 << 48


@pytest.mark.parametrize(
    ("event", "fields"),
    [(0, {"parameter1": 1}), (1, {"parameter2": 1}), (3, {"parameter1": 1}), (4, {"parameter1": 1})],
)
def test_parameters_without_a_meaning_are_zero(event: int, fields: dict[str, int]) -> None:
    talk = Talk().open()
    talk.async_message(event, data=b"" if event else WITH_SENSE, **fields)
    assert finding_of(talk, "async-param-reserved").facts["value"] == 1


@near_miss("async-vcode-reserved", "async-lun-reserved", "async-param-reserved", "async-sense-length-invalid")
def test_vendors_fill_in_what_they_like() -> None:
    talk = Talk().open()
    talk.async_message(248, data=b"\xff" * 8, lun=1, async_vcode=7, parameter1=1, parameter2=2, parameter3=3)
    assert findings_of(talk) == []


@near_miss("async-param-reserved")
@pytest.mark.parametrize("event", [2, 3])
def test_parameters_with_a_meaning_may_have_any_value(event: int) -> None:
    talk = Talk(max_connections=2).open()
    talk.async_message(event, parameter1=1 if event == 2 else 0, parameter2=2, parameter3=20)
    assert findings_of(talk) == []
