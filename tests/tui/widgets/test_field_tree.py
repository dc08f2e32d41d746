"""The tree of fields folds, remembers that, and keeps the cursor on a field from PDU to PDU."""

from __future__ import annotations

from tests.tui.screen_text import AppPilot, run_app, sample, settled, text_of
from tui.app import IscsiAnalyzerApp
from tui.screens.pdus import PdusScreen


def test_folding_hides_members_also_of_the_next_pdu() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        view = app.view
        assert isinstance(view, PdusScreen)
        app.go_to_pdu(3)
        await settled(app, pilot)
        await pilot.press("tab", "down", "down")
        assert "F: last of the sequence" in text_of(app)
        await pilot.press("enter")
        await pilot.pause()
        assert "▸ Flags" in text_of(app)
        assert "F: last of the sequence" not in text_of(app)
        app.go_to_pdu(5)
        await settled(app, pilot)
        assert "▸ Flags" in text_of(app)
        line = view.fields.line
        assert line is not None
        assert line.label == "Flags"

    run_app(sample("k34"), script, start="pdus")
