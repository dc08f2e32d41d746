"""Where a terminal knows ASCII only, every screen is ASCII, and nothing changes its place."""

from __future__ import annotations

import io
import sys

import pytest
from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color

from tests.tui.screen_text import AppPilot, run_app, sample, settled, text_of
from tui.app import IscsiAnalyzerApp
from tui.ascii_filter import LOOKS_LIKE, AsciiFilter, ascii_terminal
from tui.screens import SCREENS


def test_every_character_has_one_likeness_of_its_width() -> None:
    chars = "".join(LOOKS_LIKE.values())
    assert len(set(chars)) == len(chars)
    assert all(like.isascii() and cell_len(char) == 1 for like, some in LOOKS_LIKE.items() for char in some)


def test_lines_keep_their_width() -> None:
    line = [Segment("│━▶ 漢字 ok"), Segment("plain")]
    (first, second) = AsciiFilter().apply(line, Color(0, 0, 0))
    assert (first.text, second) == ("|=> ???? ok", line[1])
    assert cell_len(first.text) == cell_len(line[0].text)


def test_every_screen_is_made_of_characters_that_have_a_likeness() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        for view in SCREENS:
            await pilot.press(view.KEY)
            await settled(app, pilot)
            segments = AsciiFilter().apply([Segment(text_of(app).replace("?", ""))], Color(0, 0, 0))
            assert "?" not in segments[0].text, view.NAME

    run_app(sample("k34"), script)


@pytest.mark.parametrize(("encoding", "only_ascii"), [("utf-8", False), ("ascii", True), ("latin-1", True)])
def test_the_encoding_of_the_terminal_decides(encoding: str, only_ascii: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "__stderr__", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    assert ascii_terminal() == only_ascii
