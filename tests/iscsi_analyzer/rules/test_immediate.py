"""Data that a SCSI Command carries or announces: what the login allowed."""

from __future__ import annotations

import pytest

from tests.iscsi_analyzer.rules.judging import near_miss
from tests.iscsi_analyzer.rules.scsi_talks import blamed, broken, with_keys
from tests.support.talk import Talk


def test_immediate_data_needs_a_yes() -> None:
    talk = with_keys(ImmediateData="No")
    talk.command(write=4096, data=bytes(1))
    assert blamed(talk, "immediate-data-not-allowed").facts == {"length": 1}


@near_miss("immediate-data-not-allowed")
@pytest.mark.parametrize("length", [1, 4096])
def test_immediate_data_is_allowed_with_a_yes(length: int) -> None:
    talk = with_keys(ImmediateData="Yes")
    talk.command(write=4096, data=bytes(length))
    assert broken(talk) == []


@near_miss("immediate-data-not-allowed", "immediate-exceeds-firstburst", "cmd-f-clear-with-initialr2t")
def test_nobody_is_held_to_a_login_that_was_not_seen() -> None:
    talk = with_keys(ImmediateData="No", FirstBurstLength="512")
    login = len(talk.frames)
    for _ in range(3):
        talk.command(write=8192, data=bytes(4096), final=False)
    assert broken(talk.frames[login:]) == []


def test_immediate_data_fits_the_first_burst() -> None:
    talk = with_keys(FirstBurstLength="512")
    talk.command(write=4096, data=bytes(513))
    assert blamed(talk, "immediate-exceeds-firstburst").facts == {"length": 513, "first_burst": 512}


@near_miss("immediate-exceeds-firstburst")
def test_immediate_data_may_fill_the_first_burst() -> None:
    talk = with_keys(FirstBurstLength="512")
    talk.command(write=4096, data=bytes(512))
    assert broken(talk) == []


def test_nothing_is_announced_where_all_waits_for_r2ts() -> None:
    talk = with_keys(InitialR2T="Yes")
    talk.command(write=4096, final=False)
    assert broken(talk) == ["cmd-f-clear-with-initialr2t"]


@near_miss("cmd-f-clear-with-initialr2t")
def test_data_may_be_announced_with_initialr2t_no() -> None:
    talk = with_keys(InitialR2T="No")
    talk.command(write=4096, final=False)
    assert broken(talk) == []


def test_nothing_is_announced_behind_a_full_first_burst() -> None:
    talk = with_keys(InitialR2T="No", FirstBurstLength="512")
    talk.command(write=4096, data=bytes(512), final=False)
    assert blamed(talk, "cmd-f-clear-burst-full").facts == {"first_burst": 512}


@near_miss("cmd-f-clear-burst-full")
def test_the_rest_of_the_first_burst_may_be_announced() -> None:
    talk = with_keys(InitialR2T="No", FirstBurstLength="512")
    talk.command(write=4096, data=bytes(508), final=False)
    assert broken(talk) == []


def unasked(status: int, **keys: str) -> Talk:
    """A write with immediate data, and how the target takes it."""
    talk = with_keys(**keys)
    write = talk.command(write=512, data=bytes(512))
    talk.response(write, status, sense=bytes((0x70, 0, 11)) + bytes(15) if status else b"")
    return talk


def test_a_target_rejects_what_must_not_come() -> None:
    assert broken(unasked(0, ImmediateData="No")) == ["immediate-data-not-allowed", "unsolicited-accepted"]


@near_miss("unsolicited-accepted")
def test_a_target_that_rejects_it_is_right() -> None:
    assert broken(unasked(2, ImmediateData="No")) == ["immediate-data-not-allowed"]


@near_miss("unsolicited-accepted")
def test_a_target_takes_what_may_come() -> None:
    assert broken(unasked(0, ImmediateData="Yes")) == []


@near_miss("unsolicited-accepted")
def test_data_that_was_asked_for_is_taken() -> None:
    talk = Talk(immediate_data=False).open()
    talk.write(8192)
    assert broken(talk) == []
