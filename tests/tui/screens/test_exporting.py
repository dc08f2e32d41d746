"""What a screen shows can be written to a new file, whose name decides about the format."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from textual.widgets import Input

from tests.tui.screen_text import AppPilot, run_app, sample, settled, text_of
from tui.app import IscsiAnalyzerApp
from tui.screens.exporting import unwritable

K24 = sample("k24")


async def export(app: IscsiAnalyzerApp, pilot: AppPilot, screen: str, path: Path) -> None:
    """Writes a file from a screen."""
    app.go(screen)
    await settled(app, pilot)
    await pilot.press("x")
    await pilot.pause()
    app.screen.query_one(Input).value = str(path)
    await pilot.press("enter")
    await settled(app, pilot)


def test_the_tasks_that_are_shown_become_a_table(tmp_path: Path) -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        app.set_filter("iscsi.task.number in {3, 5}")
        await export(app, pilot, "tasks", tmp_path / "a.csv")
        assert "written to" in text_of(app)

    run_app(K24, script)
    rows = list(csv.DictReader((tmp_path / "a.csv").read_text().splitlines()))
    assert [(row["number"], row["operation"]) for row in rows] == [("3", "INQUIRY"), ("5", "INQUIRY")]


def test_every_screen_writes_what_it_shows(tmp_path: Path) -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        for screen in ("findings", "keys", "tasks"):
            await export(app, pilot, screen, tmp_path / f"{screen}.jsonl")
        for screen in ("report", "latency", "tcp"):
            await export(app, pilot, screen, tmp_path / f"{screen}.json")
        await export(app, pilot, "report", tmp_path / "report.txt")

    run_app(K24, script)
    for screen, kind in (("findings", "finding"), ("keys", "key"), ("tasks", "task")):
        records = [json.loads(line) for line in (tmp_path / f"{screen}.jsonl").read_text().splitlines()]
        assert records and {record["type"] for record in records} == {kind}
    for screen in ("report", "latency", "tcp"):
        assert json.loads((tmp_path / f"{screen}.json").read_text())
    assert (tmp_path / "report.txt").read_text().startswith("1. Who dropped the session, and why?\n")


def test_names_that_will_not_do_are_refused(tmp_path: Path) -> None:
    (tmp_path / "there.csv").touch()
    assert unwritable(str(tmp_path / "there.csv"), (".csv",)) == "that file is there already"
    assert unwritable(str(tmp_path / "new.csv"), (".csv",)) == ""
    assert unwritable(str(tmp_path / "new.png"), (".csv",)) == "the name must end with .csv"
    assert unwritable(str(tmp_path / "new.png"), (".csv", ".json")) == "the name must end with .csv or .json"
    assert unwritable(str(tmp_path / "no" / "new.csv"), (".csv",)) == "there is no such directory"
