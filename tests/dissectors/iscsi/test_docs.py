"""The page of layouts is what the declarations say."""

from __future__ import annotations

from pathlib import Path

import pytest

from dissectors.iscsi import docs
from dissectors.iscsi.keytable import KEYS
from dissectors.pdu import PDU_TYPES


def test_the_page_is_current() -> None:
    """If this fails: `python -m dissectors.iscsi.docs`."""
    assert docs.PAGE.read_text(encoding="utf-8") == docs.render()


def test_the_page_has_every_pdu_every_field_and_every_key() -> None:
    page = docs.render()
    for pdu_type in PDU_TYPES:
        section = page.partition(f"## {pdu_type.name} (0x")[2].partition("\n## ")[0]
        assert all(f"`{row.name}`" in section for row in pdu_type.plan.fields)
        assert "RFC 7143 section" in section
    assert all(f"| {name} " in page for name in KEYS)


def test_writing_the_page_writes_all_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docs, "PAGE", tmp_path / "layouts.md")
    docs.main()
    assert (tmp_path / "layouts.md").read_text(encoding="utf-8") == docs.render()
