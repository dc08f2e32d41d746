"""Two PDUs stand side by side, and what differs is marked and can be shown alone."""

from __future__ import annotations

from iscsi_analyzer.export.pdu_view import Views
from tests.tui.screen_text import AppPilot, run_app, sample, text_of
from tests.tui.stores import store
from tui.app import IscsiAnalyzerApp
from tui.pdus.detail import detail
from tui.screens.compare import CompareScreen


def test_only_what_differs_can_be_shown() -> None:
    found = store("k01")
    views = Views(found, bytes_too=True)
    left, right = detail(found, views, 1), detail(found, views, 2)

    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        app.push_screen(CompareScreen(left, right))
        await pilot.pause()
        assert "TotalAHSLength" in text_of(app)
        await pilot.press("space")
        await pilot.pause()
        assert "TotalAHSLength" not in text_of(app)
        assert "≠" in text_of(app)
        await pilot.press("escape")
        await pilot.pause()
        assert "≠" not in text_of(app)

    run_app(sample("k01"), script)
