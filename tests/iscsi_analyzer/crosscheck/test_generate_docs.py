"""The page about the known limits is current."""

from __future__ import annotations

from iscsi_analyzer.crosscheck.generate_docs import PAGE, page
from iscsi_analyzer.crosscheck.known import KNOWN


def test_the_page_is_current() -> None:
    """`make docs` writes it again."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_limit_is_on_it() -> None:
    assert all(f"| {known.name} |" in page() for known in KNOWN)
