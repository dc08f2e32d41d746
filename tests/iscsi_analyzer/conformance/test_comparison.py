"""Two runs beside each other: what is new, what is gone, and what nobody knows any more."""

from __future__ import annotations

import msgspec
import pytest

from iscsi_analyzer.conformance.comparison import NotARecord, change_of, changes, read_record
from iscsi_analyzer.conformance.record import VERSION, Change
from tests.iscsi_analyzer.conformance.tallied import faulty_record, recorded
from tests.support.talk import Talk


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        ("held", "broken", "newly-broken"),
        ("not-exercised", "broken", "newly-broken"),
        ("broken", "broken", "still-broken"),
        ("broken", "held", "mended"),
        ("broken", "not-exercised", "no-longer-exercised"),
        ("broken", "undecidable", "no-longer-exercised"),
        ("held", "undecidable", "no-longer-exercised"),
        ("not-exercised", "held", "newly-exercised"),
        ("held", "held", None),
        ("not-exercised", "undecidable", None),
    ],
)
def test_what_came_of_a_rule(before: str, now: str, change: Change | None) -> None:
    """Nothing is called mended that had no occasion to be broken again."""
    assert change_of(before, now) == change


def test_two_records_beside_each_other() -> None:
    good = Talk().open()
    good.tmf(1, good.command(read=4096))
    good.close()
    then, now = faulty_record(), recorded(good)
    found = {each.rule: each.change for each in changes(then, now)}
    assert found["tmf-refcmdsn-wrong"] == "mended"
    assert found["tmf-lun-reserved"] == "no-longer-exercised"
    back = {each.rule: each.change for each in changes(now, then)}
    assert back["tmf-refcmdsn-wrong"] == "newly-broken"
    assert changes(now, now) == []


def test_a_rule_that_one_run_did_not_know_was_not_exercised_there() -> None:
    now = recorded(Talk().open())
    older = msgspec.structs.replace(now, rules=now.rules[10:])
    assert {each.change for each in changes(older, now)} <= {"newly-exercised"}
    assert {each.change for each in changes(now, older)} <= {"no-longer-exercised"}


def test_a_record_is_read_again_as_it_was_written() -> None:
    record = faulty_record()
    assert read_record(msgspec.json.encode(record)) == record


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b'{"type": "report"}', b"\xff\xfe"])
def test_other_files_are_refused_in_words(data: bytes) -> None:
    with pytest.raises(NotARecord, match="conformance -T json"):
        read_record(data)


def test_a_later_version_is_refused() -> None:
    later = msgspec.structs.replace(faulty_record(), version=VERSION + 1)
    with pytest.raises(NotARecord, match="version"):
        read_record(msgspec.json.encode(later))
