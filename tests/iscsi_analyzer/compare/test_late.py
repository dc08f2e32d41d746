"""PDUs that take longer than others between two captures are told, with the reason that shows."""

from __future__ import annotations

from tests.support.talk_load import mixture
from tests.support.two_sides import MS, compared, far, slow, with_data


def test_a_pdu_that_waits_on_the_way_is_late_and_slow() -> None:
    frames = slow(mixture(seed=8, pdus=100, depth=1).frames, 6000)
    place = next(each for each in with_data(frames, up=True) if len(frames[each].data) < 150)  # a PDU of its own
    waiting = frames[place]._replace(ts_ns=frames[place].ts_ns + 30 * MS)
    other = far([*frames[:place], waiting, *frames[place + 1 :]], 2 * MS, 2 * MS)
    record = compared(frames, other)
    [late] = record.late
    assert (late.cause, late.direction, late.frame_a) == ("slow on the way", "I2T", place + 1)
    assert late.delay_ns == 32 * MS
    assert compared(frames, other, late_ns=40 * MS).late == []
