"""Keys lead along a task, to findings, to what is searched for, and to files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.screen_text import AppPilot, run_app, sample, settled, text_of, typed
from tui.app import IscsiAnalyzerApp
from tui.screens.pdu_jumps import is_filter
from tui.screens.pdus import PdusScreen


def view_of(app: IscsiAnalyzerApp) -> PdusScreen:
    view = app.view
    assert isinstance(view, PdusScreen)
    return view


def test_o_follows_the_task_and_says_when_it_ends() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        view = view_of(app)
        app.go_to_pdu(3)
        await settled(app, pilot)
        await pilot.press("o")
        await settled(app, pilot)
        assert view.pdu == 4
        await pilot.press("O")
        await settled(app, pilot)
        assert view.pdu == 3
        await pilot.press("O")
        await settled(app, pilot)
        assert "first PDU of its task" in text_of(app)
        await pilot.press("o", "r")
        await settled(app, pilot)

    run_app(sample("k01"), script, start="pdus")


@pytest.mark.parametrize(("name", "key", "severity"), [("k60_testcu_iSCSIcmdsn", "e", "error"), ("b01", "e", "error")])
def test_e_leads_to_what_breaks_a_rule(name: str, key: str, severity: str) -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        verdicts = app.document.store.verdicts
        wanted = [
            number
            for number in range(2, len(app.document.store) + 1)
            if any(verdict.severity == severity for verdict in verdicts.of_pdu(number))
        ]
        await pilot.press(key)
        await settled(app, pilot)
        assert view_of(app).pdu == wanted[0]
        await pilot.press(key, key.upper())
        await settled(app, pilot)
        assert view_of(app).pdu == wanted[0] if len(wanted) > 1 else 1

    run_app(sample(name), script, start="pdus")


def test_text_and_filters_are_found() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        view = view_of(app)
        await pilot.press("ctrl+f")
        await typed(app, pilot, "text re")
        await pilot.press("enter")
        await settled(app, pilot)
        assert view.pdu == 3
        await pilot.press("n")
        await settled(app, pilot)
        assert view.pdu == 4
        await pilot.press("N")
        await settled(app, pilot)
        assert view.pdu == 3
        await pilot.press("g", "ctrl+f")
        await typed(app, pilot, "iscsi.opcode == 0x24")
        await pilot.press("enter")
        await settled(app, pilot)
        assert view.pdu == 4

    run_app(sample("k01"), script, start="pdus")


def test_numbers_and_frames_can_be_gone_to() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        view = view_of(app)
        await pilot.press("ctrl+g", "9", "enter")
        await pilot.pause()
        assert "there are PDUs 1 to 4" in text_of(app)
        await pilot.press("backspace", "3", "enter")
        await settled(app, pilot)
        assert view.pdu == 3
        frame = app.document.store.row(2).frame_last
        await pilot.press("ctrl+g", "f", *str(frame), "enter")
        await settled(app, pilot)
        assert view.pdu == 2

    run_app(sample("k01"), script, start="pdus")


def test_a_pdu_that_the_filter_hides_is_said_to_be_hidden() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        app.set_filter("iscsi.opcode == 4")
        await settled(app, pilot)
        app.go_to_pdu(1)
        await settled(app, pilot)
        assert "the filter hides PDU 1" in text_of(app)

    run_app(sample("k01"), script, start="pdus")


def test_what_is_shown_is_written_to_a_new_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        app.set_filter("iscsi.opcode == 4")
        await settled(app, pilot)
        await pilot.press("x", "enter")
        await settled(app, pilot)
        assert "written to pdus.jsonl" in text_of(app)
        await pilot.press("x", "enter")
        await pilot.pause()
        assert "there already" in text_of(app)

    run_app(sample("k01").resolve(), script, start="pdus")
    assert len((tmp_path / "pdus.jsonl").read_bytes().splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "filter_"), [("scsi.lun == 1", True), ("iscsi", False), ("READ(10)", False), ("scsi.lun ==", False)]
)
def test_what_is_searched_for_may_be_a_filter(text: str, filter_: bool) -> None:
    assert is_filter(text) is filter_
