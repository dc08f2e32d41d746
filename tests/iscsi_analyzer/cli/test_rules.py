"""`rules` lists the catalogue, a line for each rule."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from iscsi_analyzer.rules.catalogue import rules
from tests.iscsi_analyzer.rules.plugins import LARGE_READS, plugin
from tests.support.command import command


def test_a_rule_is_a_line() -> None:
    """`iscsi-analyzer rules | wc -l` counts them."""
    lines = command("rules").out.splitlines()
    assert len(lines) == len(rules())
    (gap,) = [line for line in lines if line.startswith("cmdsn-gap ")]
    assert "  error " in gap and "  initiator " in gap and "RFC 7143 section 4.2.2.1" in gap
    assert gap.endswith("A command skipped numbers of the command sequence.")


def test_words_choose() -> None:
    lines = command("rules", "logout", "Target").out.splitlines()
    assert lines and all("target" in line.lower() and "logout" in line.lower() for line in lines)
    assert command("rules", "no such words at all").code == 1


def test_every_format_has_the_same_rules() -> None:
    lines = command("rules", "-T", "jsonl").records
    assert [record["name"] for record in lines] == list(rules())
    assert json.loads(command("rules", "-T", "json").out) == lines
    rows = list(csv.DictReader(io.StringIO(command("rules", "-T", "csv").out)))
    assert [row["name"] for row in rows] == list(rules())
    assert json.loads(command("rules", "no such words at all", "-T", "json").out) == []


def test_rules_of_a_plug_in_are_listed(tmp_path: Path) -> None:
    source = plugin(tmp_path, LARGE_READS).source
    lines = command("rules", "--plugin", str(source)).out.splitlines()
    assert lines[-1].startswith("example-large-read")
