"""`explain` tells people everything about a rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from iscsi_analyzer.export.tables import WIDTH
from iscsi_analyzer.rules.catalogue import HEADINGS, rules
from tests.iscsi_analyzer.rules.plugins import DIVIDES, LARGE_READS, plugin
from tests.support.command import command


def test_an_explanation_has_every_section_in_order() -> None:
    lines = command("explain", "cmdsn-gap").out.splitlines()
    assert lines[:2] == ["cmdsn-gap", "  A command skipped numbers of the command sequence."]
    assert [line for line in lines if line in HEADINGS] == list(HEADINGS)
    assert "  severity   error" in lines and "  broken by  the initiator" in lines


@pytest.mark.parametrize("name", sorted(rules()))
def test_every_rule_is_explained_within_a_terminal(name: str) -> None:
    """Examples are code and may be wider."""
    lines = command("explain", name).out.splitlines()
    assert lines[0] == name
    prose = [line for line in lines if not line.startswith("    ")]
    assert [line for line in prose if len(line) > WIDTH] == []
    assert all(heading in lines for heading in HEADINGS)


def test_several_can_be_asked_for() -> None:
    lines = command("explain", "cmdsn-gap", "statsn-gap").out.splitlines()
    assert [line for line in lines if line in ("cmdsn-gap", "statsn-gap")] == ["cmdsn-gap", "statsn-gap"]


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("cmdsn-gab", "cmdsn-gap"), ("CMDSN_GAP", "cmdsn-gap"), ("rtt-missing", "tmf-rtt-missing")],
)
def test_a_name_that_is_nearly_right_is_mended(wrong: str, right: str) -> None:
    done = command("explain", wrong)
    assert (done.code, done.out) == (1, "")
    assert right in done.err and "meant?" in done.err


def test_a_name_that_means_nothing_is_refused() -> None:
    done = command("explain", "xyzzy")
    assert done.code == 1 and "meant?" not in done.err and "iscsi-analyzer rules" in done.err
    assert command("explain").code == 1


def test_rules_of_a_plug_in_are_explained(tmp_path: Path) -> None:
    source = str(plugin(tmp_path, LARGE_READS).source)
    out = command("explain", "example-large-read", "--plugin", source).out
    assert "A read of more than a megabyte." in out and "talk.command(read=2 << 20)" in out
    source = str(plugin(tmp_path, DIVIDES, "divides").source)
    assert command("explain", "example-division", "--plugin", source).out.startswith("example-division\n")
    newer = LARGE_READS.replace('1 MiB")', '1 MiB", "a disk", since="RFC 7144")')
    source = str(plugin(tmp_path, newer, "newer").source)
    out = command("explain", "example-large-read", "--plugin", source).out
    assert "  since      RFC 7144\n" in out and "  needs      a disk\n" in out
