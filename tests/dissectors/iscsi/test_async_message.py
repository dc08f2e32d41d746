"""Asynchronous Message (RFC 7143 section 11.9)."""

from __future__ import annotations

import pytest

from tests.dissectors.iscsi.headers import find, made, names

NAME = "Asynchronous Message"
SENSE = b"\0\x12" + bytes.fromhex("70000600000000" "0a00000000" "3f0e" "00000000")  # fmt: skip


@pytest.mark.parametrize(
    ("values", "summary"),
    [
        ({"async_event": 1, "parameter3": 10}, "Logout requested seconds to log out 10 StatSN 0"),
        ({"async_event": 2, "parameter1": 1, "parameter2": 2, "parameter3": 3},
         "Connection drop notification CID 1 Time2Wait 2 Time2Retain 3 StatSN 0"),
        ({"async_event": 3, "parameter2": 2, "parameter3": 3},
         "Session drop notification Time2Wait 2 Time2Retain 3 StatSN 0"),
        ({"async_event": 4, "parameter3": 5}, "Negotiation requested seconds to start 5 StatSN 0"),
        ({"async_event": 5, "lun": 1 << 48}, "Task termination LUN 1 StatSN 0"),
        ({"async_event": 250}, "vendor-specific (0xfa) StatSN 0"),
        ({"async_event": 77}, "unassigned (0x4d) StatSN 0"),
    ],
)  # fmt: skip
def test_each_event_says_its_own_parameters(values: dict[str, int], summary: str) -> None:
    assert made(NAME, **values).summary() == f"{NAME} {summary}"


def test_a_scsi_event_brings_sense_data_and_more() -> None:
    pdu = made(NAME, SENSE + b"more", async_event=0, lun=1 << 48)
    assert pdu.summary() == (
        f"{NAME} SCSI asynchronous event LUN 1 UNIT ATTENTION: REPORTED LUNS DATA HAS CHANGED (6/3F/0E) StatSN 0"
    )
    assert find(pdu.tree(), "iscsi.asynceventdata").value == b"more"
    assert find(pdu.tree(), "Sense data").offset == 50
    assert names(pdu) == []


@pytest.mark.parametrize(("event", "used"), [(0, ""), (1, "3"), (2, "123"), (3, "23"), (4, "3"), (5, ""), (255, "123")])
def test_parameters_mean_something_only_in_the_events_that_use_them(event: int, used: str) -> None:
    tree = made(NAME, async_event=event).tree()
    meaningful = "".join(n for n in "123" if "not meaningful" not in find(tree, f"iscsi.parameter{n}").text)
    assert meaningful == used


def test_a_parameter_is_shown_with_its_meaning() -> None:
    assert find(made(NAME, async_event=3, parameter2=4).tree(), "iscsi.parameter2").text == "4 (Time2Wait)"


def test_the_task_tag_must_be_the_reserved_one() -> None:
    assert names(made(NAME, initiator_task_tag=1)) == ["fixed-field"]
