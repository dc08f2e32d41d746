"""While a filter is typed it says whether it is valid, and knows how names go on."""

from __future__ import annotations

import pytest

from tests.tui.screen_text import AppPilot, run_app, sample, text_of, typed
from tui.app import IscsiAnalyzerApp
from tui.widgets.filter_bar import complete, completions, error_of


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("iscsi.initiatort", "iscsi.initiatortasktag"),
        ("iscsi.opcode == 1 && scsi.lu", "iscsi.opcode == 1 && scsi.lun"),
        ("nothing.like.that", "nothing.like.that"),
        ("iscsi.opcode == ", "iscsi.opcode == "),
        ("", ""),
    ],
)
def test_a_word_is_completed_as_far_as_it_is_certain(before: str, after: str) -> None:
    assert complete(before) == after


def test_completions_go_one_dot_at_a_time() -> None:
    assert list(completions("isc", 12)) == ["iscsi", "iscsi."] or list(completions("isc", 12)) == ["iscsi."]
    assert "iscsi.task." in list(completions("iscsi.t", 50))


def test_what_is_wrong_is_pointed_at() -> None:
    error = error_of("iscsi.opcode ==")
    assert error is not None
    assert error_of("") is None
    assert error_of("iscsi.opcode == 1") is None


def test_the_bar_shows_validity_while_typing() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        await pilot.press("2", "slash")
        await typed(app, pilot, "iscsi.opcod")
        await pilot.press("e")
        assert "✓" in text_of(app)
        await typed(app, pilot, "iscsi.opcode ==")
        lines = text_of(app).splitlines()
        assert "✗" in lines[-2]
        assert lines[-3].rstrip().endswith("^")
        await pilot.press("enter")
        await pilot.pause()
        assert app.filter_text == ""
        await pilot.press("space", "1", "enter")
        await pilot.pause()
        assert app.filter_text == "iscsi.opcode == 1"

    run_app(sample("k01"), script)
