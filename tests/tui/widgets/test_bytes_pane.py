"""Fields and bytes highlight each other, both ways."""

from __future__ import annotations

from tests.tui.screen_text import AppPilot, run_app, sample, screen_of, settled, text_of
from tui.app import IscsiAnalyzerApp
from tui.screens.pdus import PdusScreen


def test_the_field_at_the_cursor_is_highlighted_in_the_bytes() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        view = app.view
        assert isinstance(view, PdusScreen)
        app.go_to_pdu(3)
        await settled(app, pilot)
        tag = next(n for n, line in enumerate(view.fields.detail.lines) if line.label == "Initiator Task Tag")
        view.fields.go_to_line(tag)
        await pilot.pause()
        assert view.bytes.highlighted == range(16, 20)

    run_app(sample("k34"), script, start="pdus")


def test_the_byte_at_the_cursor_shows_its_field_and_the_cursor_stays() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        view = app.view
        assert isinstance(view, PdusScreen)
        app.go_to_pdu(3)
        await settled(app, pilot)
        view.bytes.focus()
        await pilot.press("g", *["right"] * 18)
        await pilot.pause()
        line = view.fields.line
        assert line is not None
        assert line.label == "Initiator Task Tag"
        assert view.bytes.highlighted == range(16, 20)
        await pilot.press("right", "right")
        await pilot.pause()
        line = view.fields.line
        assert line is not None
        assert line.offset <= 20 < line.offset + line.length

    run_app(sample("k34"), script, start="pdus")


def test_a_click_on_a_byte_or_its_character_goes_there() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        view = app.view
        assert isinstance(view, PdusScreen)
        app.go_to_pdu(3)
        await settled(app, pilot)
        left = view.bytes.content_region.x - view.bytes.region.x
        await pilot.click(view.bytes, offset=(left + 7 + 3, 0))
        await pilot.pause()
        assert view.bytes.highlighted == range(1, 2)
        await pilot.click(view.bytes, offset=(left + 7 + 48 + 2 + 5, 0))
        await pilot.pause()
        assert 5 in view.bytes.highlighted

    run_app(sample("k34"), script, start="pdus", size=(200, 50))


def test_bytes_that_the_capture_lacks_are_not_made_up() -> None:
    shown = screen_of(sample("f02"), start="pdus", size=(160, 60))
    assert "-- --" in shown


def test_secrets_are_not_shown() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        view = app.view
        assert isinstance(view, PdusScreen)
        for number in range(1, len(app.document.store) + 1):
            app.go_to_pdu(number)
            await settled(app, pilot)
            if view.fields.detail.hidden:
                break
        view.bytes.focus()
        await pilot.press("G")
        await pilot.pause()
        assert "** **" in text_of(app)

    run_app(sample("k04"), script, start="pdus", size=(160, 60))
