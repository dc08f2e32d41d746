"""A real path that delays and drops, captured at both of its ends: what the forwarder says it dropped is what is found
to be missing, and nothing else is."""

from __future__ import annotations

from functools import cache

from iscsi_analyzer.compare import losses
from iscsi_analyzer.compare.record import ComparisonRecord
from tests.meta.tree import ROOT
from tests.support.command import command
from tests.support.mangle_whole import packet_of
from tests.support.samples import sample
from tests.support.two_sides import MS, compared, frames_of

DROPPED = frozenset(
    (0x31F6, 0x3219, 0x32D1, 0x32D7, 0x6DBB, 0x6DE5, 0x6DEF, 0x6E07, 0x6E09, 0x6E2B, 0x6E3E, 0x6E51, 0x6E64, 0x6E9E)
) | {0x6ECA}
"IP identifications of the frames that the forwarder dropped."
THERE, BACK = MS, 3 * MS // 2
"What it delayed frames by at least."


@cache
def record() -> ComparisonRecord:
    return compared(frames_of(sample("w01_host")), frames_of(sample("w02_array")))


def test_exactly_the_dropped_frames_are_missing() -> None:
    frames = {"A": frames_of(sample("w02_array")), "B": frames_of(sample("w01_host"))}
    found = set()
    for each in record().missing:
        packet = packet_of(frames[each.missing_in][each.frame - 1])
        assert packet is not None
        found.add(packet.ip_id)
    assert found == DROPPED
    assert len(record().missing) == len(DROPPED)


def test_lost_data_were_sent_again_and_lost_acknowledgements_cost_nothing() -> None:
    assert {(each.kind, each.fate) for each in record().missing} == {
        ("data", losses.LOST), ("data", losses.REPEATED), ("acknowledgement", losses.ACKNOWLEDGEMENT)
    }  # fmt: skip
    lost = [each for each in record().missing if each.fate == losses.LOST]
    assert all(each.instead_frame and each.late_ns > 4 * MS and each.pdus for each in lost)
    assert [(pair.pdus, pair.pdus_only_a, pair.pdus_only_b) for pair in record().connections] == [(60, 0, 0)]


def test_the_clock_is_the_same_within_the_uncertainty() -> None:
    """The way back is longer: that cannot be seen, but it is within the bound."""
    clocks = record().clocks
    assert clocks is not None
    assert clocks.nearer_to_initiator == "A"
    assert abs(clocks.offset_ns) <= clocks.uncertainty_ns
    assert THERE + BACK <= clocks.path_ns < THERE + BACK + MS // 2
    assert clocks.contradictions == 0


def test_the_target_is_not_to_blame() -> None:
    tasks = record().tasks
    assert tasks is not None
    assert tasks.parts.target < tasks.parts.network / 20
    assert record().headlines[0].text.startswith("it is the network, not the target")
    assert tasks.slowest[0].parts.network > 200 * MS  # a lost segment that TCP sent again late
    assert all(each.latency_p50_ns - each.target_p50_ns >= THERE + BACK for each in tasks.operations)


def test_the_example_of_the_readme_is_what_is_printed() -> None:
    text = (ROOT / "iscsi_analyzer" / "compare" / "README.md").read_text(encoding="utf-8")
    shown = text.partition("    in short\n")[2].partition("\n\n")[0]
    done = command("compare", sample("w01_host"), sample("w02_array"))
    printed = [line.strip() for line in done.out.splitlines()]
    assert [line for line in map(str.strip, shown.splitlines()) if line not in printed] == []
