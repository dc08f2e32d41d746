"""Every capture has its expectation and its line in the README, the numbers fit, and independent readers agree."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules.catalogue import rules
from samples import expect
from tests.support.samples import SAMPLES, by_opcode, captures, expected, together
from tests.support.tools import need

MEGABYTE = 1 << 20

SECOND_LOOK = (
    "m05_chap.pcap.zst",
    "m21_both_digests.pcap.zst",
    "m37_data_in_512k.pcap.zst",
    "u16_header_digest.pcap.zst",
)
"Samples that are small, and among them use every part of the walk."


def test_every_capture_says_what_it_must_show() -> None:
    """A capture without an expectation proves nothing; an expectation without its capture is a lost file."""
    assert {path.name for path in captures()} == set(expected())


def test_the_readme_names_every_capture_and_what_it_shows() -> None:
    readme = (SAMPLES / "README.md").read_text()
    lines = [f"| {name} | {entry['frames']} |" for name, entry in expected().items()]
    assert [line for line in lines if line not in readme] == []
    assert [entry["shows"] for entry in expected().values() if entry["shows"] not in readme] == []


@pytest.mark.parametrize("name", sorted(expected()))
def test_the_numbers_of_an_expectation_fit_together(name: str) -> None:
    """PDUs by name add up to the total, no more statuses than PDUs that can carry one, and a doubt has its reason."""
    entry = expected()[name]
    assert entry["total"] == sum(entry["pdus"].values())
    assert set(entry["pdus"]) <= set(expect.NAMES.values())
    for pdu, statuses in entry["scsi_status"].items():
        assert sum(statuses.values()) <= entry["pdus"][pdu]
    assert sum(entry.get("login_status", {}).values()) in (0, entry["pdus"].get("Login Response", 0))
    assert entry["exact"] or entry["why"]
    assert entry.get("at_most", entry["total"]) >= entry["total"]
    assert entry["shows"]


@pytest.mark.parametrize("name", sorted(expected()))
def test_a_finding_is_argued_with_the_section_that_it_is_about(name: str) -> None:
    """Whoever is accused finds the place in the standard, one that the rule refers to, and what was done instead."""
    for finding in expected()[name]["findings"]:
        rule = rules()[finding["rule"]]
        standard, said, broken = finding["why"].partition(": ")
        assert said and ". " in broken, finding
        sections = standard.removeprefix("RFC 7143 ").removeprefix("RFC 7144 ").removeprefix("section ").split(" and ")
        assert all(section in rule.reference for section in sections), (finding["rule"], standard, rule.reference)
        assert 0 < finding["connection"] <= expected()[name]["connections"] and finding["count"] > 0


def test_files_that_belong_together_are_all_here() -> None:
    for group in together():
        assert group["frames"] == sum(expected()[name]["frames"] for name in group["files"])
        assert group["total"] == sum(group["pdus"].values())


def test_the_samples_stay_small() -> None:
    """A clone stays quick: large captures are made when they are needed, not kept."""
    assert sum(path.stat().st_size for path in captures()) < 3 * MEGABYTE


@pytest.mark.oracle
@pytest.mark.parametrize("name", SECOND_LOOK)
def test_a_walk_over_the_streams_and_tshark_confirm_the_expectation(name: str) -> None:
    """`expect.py --check` does the same for all of them, which takes minutes."""
    need("tshark")
    entry = expected()[name]
    walk = expect.by_walk(SAMPLES / name, entry["ports"])
    assert walk.lost == []
    seen = walk.entry()
    assert {key: entry[key] for key in seen} == seen
    assert expect.frames(SAMPLES / name) == entry["frames"]
    assert expect.by_dissector(SAMPLES / name, entry["ports"]) == entry["pdus"]


def test_counts_by_opcode_lose_nothing() -> None:
    for entry in expected().values():
        assert sum(by_opcode(entry).values()) == entry["total"]
