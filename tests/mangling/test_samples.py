"""Findings on real captures under mangling: what loses nothing changes none, what loses bytes adds none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from random import Random

import pytest

from iscsi_analyzer.rules.desk import INITIATOR, TARGET, Finding
from tests.golden.samples import SAMPLES, expected
from tests.mangling.analysed import Analysed
from tests.support.mangle import lossless, lossy, seed_of
from tests.support.mangle_loss import drop, late
from tests.support.talk_capture import Frame, read_pcap

MOST_FRAMES = 330
"Larger captures take too long for every run; they show little that the small ones do not."
NAMES = [
    name
    for name, entry in expected().items()
    if "files" not in entry and ".pcapng" not in name and entry["frames"] <= MOST_FRAMES
]
WITHOUT = ("corrupt", "keep_alive")
"As in `test_findings`."
MOVED = ("reorder",)
"Seconds lie between the frames of some captures: to exchange two of them is to change who closed a connection first."

OTHER_NAMES = {
    # An ExpStatSN that runs ahead is one that goes back afterwards, when the capture lacks what it runs ahead of.
    ("k84_erl2_snack_and_digest_recovery.pcap.zst", "expstatsn-regress"),
}
"With less to see the fault of a party may have another name."

COUNTED = ("isid-unstable",)
"Told of the fifth connection in a row: of another one where the capture lacks any of them."

Found = tuple[str, str, tuple[bytes, bytes]]
"Of a finding: rule, party, and the ends of the connection."


@cache
def frames_of(name: str) -> list[Frame]:
    return read_pcap(SAMPLES / name)


def ends(analysed: Analysed, finding: Finding) -> tuple[bytes, bytes]:
    sender = analysed.store.connections[finding.connection - 1].to_target
    assert sender is not None
    return sender.source, sender.destination


def found(frames: Sequence[Frame]) -> list[tuple[Found, int, list[bytes]]]:
    """Each finding with its count and the headers of the PDUs that show it."""
    analysed = Analysed(frames)
    rows = list(analysed.store.rows())
    return sorted(
        (
            (finding.rule, finding.party, ends(analysed, finding)),
            int(finding.count),
            sorted(rows[number - 1].header for number in finding.pdus),
        )
        for finding in analysed.engine.desk.findings
    )


@cache
def plain(name: str) -> list[tuple[Found, int, list[bytes]]]:
    return found(frames_of(name))


def accused(told: Iterable[tuple[Found, int, list[bytes]]]) -> set[Found]:
    return {finding for finding, _, _ in told if finding[1] in (INITIATOR, TARGET)}


def unjust(name: str, frames: Sequence[Frame]) -> set[Found]:
    """Accusations that the whole capture does not have."""
    before = accused(plain(name))
    counted = {rule for rule, _, _ in before if rule in COUNTED}
    new = accused(found(frames)) - before
    return {finding for finding in new if (name, finding[0]) not in OTHER_NAMES and finding[0] not in counted}


@pytest.mark.parametrize("name", NAMES)
def test_what_loses_nothing_changes_no_finding(name: str) -> None:
    for seed in range(2):
        mangle = lossless(seed_of(name, seed), without=MOVED)
        assert found(mangle(frames_of(name))) == plain(name), mangle


@pytest.mark.parametrize("name", NAMES)
def test_what_loses_bytes_accuses_nobody(name: str) -> None:
    """Frames dropped or cut, one direction, a late start, an early end."""
    for seed in range(3):
        mangle = lossy(seed_of(name, seed), without=WITHOUT)
        frames = mangle(frames_of(name))
        assert not frames or unjust(name, frames) == set(), mangle


@pytest.mark.parametrize("name", NAMES)
def test_a_capture_that_drops_or_starts_anywhere_accuses_nobody(name: str) -> None:
    frames = frames_of(name)
    for seed in range(2):
        random = Random(f"{name} {seed}")
        assert unjust(name, drop(frames, random, share=random.choice((0.02, 0.1, 0.4)))) == set(), seed
        assert unjust(name, frames[random.randrange(1, len(frames)) :]) == set(), seed


@pytest.mark.parametrize("name", NAMES)
def test_what_comes_late_accuses_nobody(name: str) -> None:
    """But that a party closed a connection first, which only the order of two frames tells."""
    for seed in range(2):
        spoiled = late(frames_of(name), Random(f"{name} {seed}"), count=1 + 3 * seed)
        new = {finding for finding in unjust(name, spoiled) if not finding[0].startswith("conn-closed")}
        assert new == set(), seed
