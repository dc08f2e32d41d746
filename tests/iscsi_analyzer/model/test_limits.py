"""What nobody said is unknown."""

from __future__ import annotations

import pytest

from iscsi_analyzer.model.limits import UNKNOWN, Limits
from tests.iscsi_analyzer.stores import store_of
from tests.support.talk import Talk

NAMES = (
    "initiator_max_recv",
    "target_max_recv",
    "max_burst",
    "first_burst",
    "initial_r2t",
    "immediate_data",
    "max_outstanding_r2t",
    "data_pdu_in_order",
    "data_sequence_in_order",
    "error_recovery_level",
    "max_connections",
    "protocol_level",
    "fast_abort",
    "response_fence",
    "time2wait",
    "time2retain",
    "discovery",
)


@pytest.mark.parametrize("name", NAMES)
def test_every_value_is_unknown_until_a_login_settles_it(name: str) -> None:
    assert getattr(Limits(), name) == UNKNOWN == -1


def test_a_login_settles_them_and_a_capture_without_it_does_not() -> None:
    talk = Talk(max_burst_length=8192, initial_r2t=False).open()
    talk.read(512)
    talk.read(512)
    limits = store_of(talk.frames).followers[0].limits
    assert (limits.max_burst, limits.initial_r2t, limits.immediate_data, limits.discovery) == (8192, 0, 1, 0)
    late = store_of(talk.frames[8:]).followers[0].limits
    assert {getattr(late, name) for name in NAMES} == {UNKNOWN}
