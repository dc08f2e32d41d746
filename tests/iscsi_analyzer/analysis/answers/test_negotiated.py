"""4. What is in force, once for all sessions that agree; and what hurts."""

from __future__ import annotations

from tests.iscsi_analyzer.analysis.studies import lines, said, sample, study, worst
from tests.support.talk import Talk


def test_sessions_with_the_same_values_are_one_line() -> None:
    (line,) = lines(sample("u32"), 4)
    assert line.text == (
        "sessions 1 to 4: InitialR2T=Yes, ImmediateData=Yes, MaxBurstLength 256 KiB, FirstBurstLength 64 KiB, "
        "MaxRecvDataSegmentLength initiator 256 KiB, target 8 KiB, MaxOutstandingR2T 1, digests none, "
        "ErrorRecoveryLevel 0"
    )
    assert line.severity == "ok"


def test_digests_and_recovery_levels_are_told() -> None:
    talk = Talk(header_digest=True, data_digest=True, error_recovery_level=2).open()
    talk.close()
    assert "digests header and data, ErrorRecoveryLevel 2" in said(study(talk), 4)


def test_without_a_login_what_is_known_is_told_and_the_rest_said_to_be_unknown() -> None:
    for name in ("f10", "f14_ring_00003"):
        assert "the rest is not known, as the capture lacks the login or parts of it" in said(sample(name), 4)


def test_values_that_hurt_follow_with_their_tasks() -> None:
    found = sample("k12_write_r2tYes")
    assert worst(found, 4) == "look"
    assert "session 1: 16 writes of up to 64 KiB waited for an R2T" in said(found, 4)
    assert lines(found, 4)[-1].tasks


def test_odd_keys_are_told_but_do_not_hurt() -> None:
    found = sample("v05")
    assert "offered again after it was settled" in said(found, 4)
    assert worst(found, 4) == "info"


def test_discovery_sessions_are_left_out() -> None:
    assert lines(sample("u01"), 4) == []
