"""The page about the commands is current and complete."""

from __future__ import annotations

from iscsi_analyzer.cli.commands import COMMANDS
from iscsi_analyzer.cli.generate_docs import HERE, page


def test_the_page_is_current() -> None:
    """`make docs` writes it again."""
    assert HERE.joinpath("commands.md").read_text(encoding="utf-8") == page()


def test_every_command_has_its_section_and_table_cells_are_whole() -> None:
    text = page()
    assert all(f"\n## {each.name}\n" in text for each in COMMANDS)
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert all(line.replace("\\|", "").count("|") == 3 for line in rows)
