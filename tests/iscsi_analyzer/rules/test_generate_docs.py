"""The page about the rules is what the rules say of themselves now."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import generate_docs
from iscsi_analyzer.rules.catalogue import TOPICS, rules
from iscsi_analyzer.rules.generate_docs import NOT_JUDGED, page
from iscsi_analyzer.rules.left_out import LEFT_OUT
from tests.meta.tree import ROOT

PAGE = ROOT / "iscsi_analyzer" / "rules" / "README.md"


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "make docs"


def test_every_rule_is_on_the_page_once() -> None:
    text = page()
    assert [name for name in rules() if text.count(f"\n| `{name}` |") != 1] == []
    assert text.count("\n## ") == len(TOPICS) + 1
    assert f"\n{len(rules())} rules: " in text


def test_every_row_has_all_of_its_cells() -> None:
    rules_text, _, rest = page().partition(f"## {NOT_JUDGED}")
    for text, bars in ((rules_text, 6), (rest, 3)):
        rows = [line for line in text.splitlines() if line.startswith("| `")]
        assert [row for row in rows if row.replace("\\|", "").count("|") != bars] == []


def test_every_requirement_that_is_left_out_is_at_the_end_of_the_page_with_the_reason() -> None:
    rest = page().partition(f"## {NOT_JUDGED}")[2]
    assert [name for name, reason in LEFT_OUT.items() if f"\n| `{name}` | {reason}" not in rest] == []


def test_the_page_is_written_where_it_belongs(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate_docs, "HERE", tmp_path)
    generate_docs.main()
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == page()  # type: ignore[operator]
