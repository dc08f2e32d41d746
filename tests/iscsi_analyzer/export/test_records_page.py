"""The page about the records is current and names every field."""

from __future__ import annotations

from iscsi_analyzer.export.generate_docs import HERE
from iscsi_analyzer.export.pdu_record import PduRecord
from iscsi_analyzer.export.records_page import records_text


def test_the_page_is_current() -> None:
    """`make docs` writes it again."""
    assert HERE.joinpath("records.md").read_text(encoding="utf-8") == records_text()


def test_every_field_has_its_line() -> None:
    text = records_text()
    assert all(f"| `{name}` | " in text for name in PduRecord.__struct_fields__)
    assert "| `keys` | list of [string, string], optional |" in text
    assert "| `initiator` | [Endpoint](#endpoint) |" in text
    assert "| `vlan` | integer or null |" in text
