"""Cells have exactly the width that they were given, whatever the text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.widgets.columns import RIGHT, fit


@given(st.text(max_size=30), st.integers(1, 40))
def test_a_cell_is_as_wide_as_it_should_be(text: str, width: int) -> None:
    assert cell_len(fit(text, width)) == width
    assert cell_len(fit(text, width, RIGHT)) == width


@pytest.mark.parametrize(
    ("text", "width", "align", "cell"),
    [
        ("abc", 5, "left", "abc  "),
        ("abc", 5, "right", "  abc"),
        ("abcdef", 4, "left", "abc…"),
        ("a\nb", 4, "left", "a\\nb"),
        ("\x1b[31m", 8, "left", "\\x1b[31m"),
        ("日本語", 5, "left", "日本…"),
    ],
)
def test_cells_are_cut_padded_and_made_harmless(text: str, width: int, align: str, cell: str) -> None:
    assert fit(text, width, align) == cell
