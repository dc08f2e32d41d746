"""The statistics of `live` are understood, and what they prove about the bars is said, no more."""

from __future__ import annotations

from tests.benchmarks.live import Counts, counts, verdict

LINE = (
    "iscsi-analyzer: 5 s, 1,048,576 frames captured, 12 dropped, 1,000,000 analysed (200,000/s), 400,000 PDUs, "
    "100,000 tasks (20,000/s), 12.5 MB behind, 3 gaps, 7 runs of bytes not framed"
)


def test_a_line_of_statistics_is_understood() -> None:
    assert counts(LINE) == Counts(1048576, 12, 1000000, 200000, 400000, 12500000, 3)
    assert counts("iscsi-analyzer: capturing on lo") is None


def test_a_gap_without_drops_is_a_silent_loss() -> None:
    assert "NOT MET" in verdict(Counts(10, 0, 10, 5, 1, 0, 1), 1)[0]
    assert "NOT MET" not in verdict(Counts(10, 3, 10, 5, 1, 0, 1), 1)[0]
    assert "NOT MET" not in verdict(Counts(10, 0, 10, 5, 1, 0, 0), 1)[0]


def test_the_best_second_decides_about_the_rate() -> None:
    whole = Counts(0, 0, 200_000, 0, 0, 0, 0)
    assert verdict(whole, 100_000)[1].endswith("met")
    assert "not shown" in verdict(whole, 99_999)[1]
