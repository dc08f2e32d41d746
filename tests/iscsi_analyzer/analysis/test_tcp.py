"""Loss, reordering, closed windows and waits are told apart, and tied to the tasks that were under way."""

from __future__ import annotations

from random import Random

from iscsi_analyzer.analysis.tcp import Health
from tests.iscsi_analyzer.analysis.studies import MS, sample, study
from tests.support import mangle_loss, mangle_whole
from tests.support.talk import I2T, T2I, Talk
from tests.support.talk_capture import SLL2
from tests.support.talk_load import mixture


def busy(name: str) -> Health:
    """The health of the last connection of a sample."""
    return sample(name).tcp[-1]


def test_segments_lost_on_the_way_are_told_from_segments_that_were_overtaken() -> None:
    lossy, mixed = busy("k46"), busy("k47")
    assert [(side.lost, side.reordered) for side in lossy.sides] == [(12, 0), (24, 0)]
    assert [side.lost for side in mixed.sides] == [0, 0]
    assert all(side.reordered > 100 and side.retransmitted > 40 for side in mixed.sides)


def test_tasks_that_met_a_loss_are_compared_with_tasks_that_did_not() -> None:
    hurt = {(each.event, each.by): each for each in busy("k46").hurt}
    timeouts = hurt["retransmission", "initiator"]
    assert (timeouts.events, timeouts.tasks) == (4, 3)
    assert 200 * MS < timeouts.p50_ns < 230 * MS
    assert timeouts.others_p50_ns < 10 * MS
    for each in busy("k46").hurt:
        assert len(each.examples) == min(each.tasks, 10)
        assert each.p50_ns > each.others_p50_ns


def test_the_tasks_named_were_under_way_when_it_happened() -> None:
    study_ = sample("k47")
    times = sorted(event.ts for event in study_.facts.found.tcp_events if event.what == "out of order")
    for each in study_.tcp[-1].hurt:
        if each.event == "out of order":
            for task in each.examples:
                begin, end = study_.facts.asked[task - 1], study_.facts.answered[task - 1]
                assert any(begin <= ts <= end for ts in times)


def test_a_clean_connection_is_clean() -> None:
    for name in ("k20", "k34", "u32", "v05"):
        assert all(health.clean and not health.hurt and not health.delayed_acks for health in sample(name).tcp)
    assert all(health.clean for health in study(mixture(1, pdus=300)).tcp)


def test_copies_made_by_the_capture_are_no_retransmissions() -> None:
    talk = mixture(2, pdus=300)
    frames = mangle_whole.encapsulate(mangle_whole.duplicate(talk.frames, Random(1), share=1.0, distance=0), SLL2)
    (health,) = study(frames).tcp
    assert health.clean
    assert all(side.duplicates_by_capture > 50 for side in health.sides)


def test_frames_that_the_capture_lacks_are_gaps_and_no_loss() -> None:
    talk = mixture(3, pdus=400)
    (health,) = study(mangle_loss.drop(talk.frames, Random(4), share=0.05)).tcp
    assert any(side.gaps for side in health.sides)
    assert [side.lost for side in health.sides] == [0, 0]
    assert not [each for each in health.hurt if each.event in ("loss", "out of order")]


def test_frames_that_the_capture_swapped_are_no_reordering() -> None:
    (health,) = sample("f42").tcp
    assert [(side.reordered, side.lost) for side in health.sides] == [(0, 0), (0, 0)]


def test_retransmissions_of_what_was_captured_are_counted() -> None:
    talk = mixture(5, pdus=300)
    (health,) = study(mangle_whole.retransmit(talk.frames, Random(3), share=0.05)).tcp
    assert sum(side.retransmitted for side in health.sides) > 5
    assert [side.lost for side in health.sides] == [0, 0]


def test_a_closed_receive_window_is_timed() -> None:
    talk = Talk().open()
    window = talk.initiator.window
    task = talk.command(read=4096)
    talk.initiator.window = 0
    talk.ack(I2T)
    talk.wait(0.3)
    talk.initiator.window = window
    talk.ack(I2T)
    talk.data_in(task, 4096, status=0)
    (health,) = study(talk).tcp
    side = health.sides[0]
    assert (side.by, side.zero_windows) == ("initiator", 1)
    assert 295 * MS < side.zero_window_ns < 310 * MS
    assert [each.event for each in health.hurt] == ["zero window"]


def test_many_tasks_of_forty_milliseconds_look_like_delayed_acknowledgements() -> None:
    talk = Talk().open()
    for number in range(20):
        task = talk.command(read=512, lba=number)
        talk.wait(0.0405 if number % 2 else 0.001)
        talk.data_in(task, 512, status=0)
    (found,) = study(talk).tcp[0].delayed_acks
    assert (found.what, found.wait, found.count, found.of) == ("tasks", "40 ms", 10, 20)


def test_tasks_of_all_lengths_do_not_look_like_delayed_acknowledgements() -> None:
    talk = Talk().open()
    for number in range(40):
        task = talk.command(read=512, lba=number)
        talk.wait(0.020 + number / 1000)
        talk.data_in(task, 512, status=0)
    assert study(talk).tcp[0].delayed_acks == []


def test_the_handshake_gives_a_round_trip_and_the_segment_size() -> None:
    talk = Talk(mss=8948).open()
    talk.close()
    (health,) = study(talk).tcp
    assert 0 < health.handshake_ns < MS
    assert {side.mss for side in health.sides} == {8960}
    assert health.sides[0].round_trips.count > 0


def test_the_bounds_of_round_trips_hold() -> None:
    for name in ("k46", "k34"):
        for health in sample(name).tcp:
            for side in health.sides:
                trips = side.round_trips
                assert trips.min <= trips.mean <= trips.max
                assert trips.p50_at_most <= trips.p99_at_most <= trips.max


def stuck(talk: Talk) -> Talk:
    """A read whose segments of full size do not arrive, however often they are sent."""
    task = talk.command(read=16384)
    with talk.deaf(I2T):
        side = talk.line.side(T2I)
        start = side.seq
        talk.data_in(task, 16384, status=0)
        data = bytes(1448)
        for _ in range(4):
            talk.wait(0.4)
            talk.line.segment(side, data, seq=start)
    return talk


def test_full_segments_that_never_arrive_hint_at_the_mtu() -> None:
    talk = Talk(ack_every=0).open()
    talk.read(512)
    stuck(talk)
    hint = study(talk).tcp[0].mtu_hint
    assert "segments of 1448 bytes from the target were sent again 4 times" in hint
    assert "1488 bytes" in hint


def test_a_path_that_carried_full_segments_before_is_not_blamed() -> None:
    """A host that no longer listens loses large segments like all others."""
    talk = Talk(ack_every=0).open()
    talk.read(16384)
    assert study(stuck(talk)).tcp[0].mtu_hint == ""
