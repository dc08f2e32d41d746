"""Round trips are counted, with their extremes and their distribution."""

from __future__ import annotations

from iscsi_analyzer.streams.tally import RTT_BUCKETS, Tally


def timed(*spans: int) -> Tally:
    """A direction with round trips of so many nanoseconds."""
    tally = Tally()
    for span in spans:
        tally.rtt_end, tally.rtt_ts = 1000, 5_000_000
        tally.round_trip(1000, 5_000_000 + span)
    return tally


def test_round_trips_add_up() -> None:
    tally = timed(10, 30, 20)
    assert (tally.rtt_count, tally.rtt_sum, tally.rtt_min, tally.rtt_max) == (3, 60, 10, 30)


def test_buckets_are_the_bits_of_the_time() -> None:
    tally = timed(0, 1, 2, 3, 4, 1023, 1024, 1 << 60)
    assert sum(tally.rtt_buckets) == 8 and len(tally.rtt_buckets) == RTT_BUCKETS
    assert [tally.rtt_buckets[bits] for bits in (0, 1, 2, 3, 10, 11)] == [1, 1, 2, 1, 1, 1]
    assert tally.rtt_buckets[-1] == 1


def test_a_part_of_an_acknowledgement_ends_nothing() -> None:
    """The round trip is that of the last byte; later acknowledgements end it as well, and it ends once."""
    tally = Tally()
    tally.rtt_end, tally.rtt_ts = 1000, 0
    tally.round_trip(999, 10)
    assert tally.rtt_count == 0
    tally.round_trip(1001, 20)
    assert (tally.rtt_count, tally.rtt_sum, tally.rtt_end) == (1, 20, -1)


def test_time_that_runs_backwards_is_no_round_trip() -> None:
    tally = timed(-5)
    assert tally.rtt_count == 0 and tally.rtt_end == -1
