"""`fields` lists what -e takes."""

from __future__ import annotations

from iscsi_analyzer.export.columns import described_fields
from tests.support.command import command


def test_all_fields_are_listed() -> None:
    done = command("fields")
    assert done.code == 0
    assert [line.split()[0] for line in done.out.splitlines()] == [name for name, _, _ in described_fields()]


def test_words_select() -> None:
    names = [line.split()[0] for line in command("fields", "initiator", "tag").out.splitlines()]
    assert "iscsi.initiatortasktag" in names
    assert "iscsi.opcode" not in names


def test_no_match_is_said_by_the_exit_code() -> None:
    assert command("fields", "nonsense") == (1, "", "")
