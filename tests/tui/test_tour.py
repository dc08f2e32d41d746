"""Every screen comes up in a real terminal, says something of a capture full of faults, and the terminal comes back."""

from __future__ import annotations

from tests.support.tools import need
from tests.tui.screen_text import sample
from tests.tui.tour import walk
from tui.screens import SCREENS


def test_a_walk_through_every_screen_at_the_smallest_size() -> None:
    need("tmux")
    shown = walk(sample("b01"), 80, 24)
    assert list(shown) == [screen.TITLE_WORD for screen in SCREENS]
    assert all(len(text.splitlines()) == 24 for text in shown.values())
    assert not any("Traceback" in text for text in shown.values())
    assert "cmdsn" in shown["Findings"] or "login" in shown["Findings"]
