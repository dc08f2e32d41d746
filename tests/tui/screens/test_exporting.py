"""What a screen shows can be written to a new file, whose name decides about the format."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from textual.widgets import Input

from tests.tui.screen_text import AppPilot, run_app, sample, settled, text_of
from tui.app import IscsiAnalyzerApp
from tui.screens.exporting import unwritable


def exported(screen: str, path: Path, filter_text: str = "") -> str:
    """Writes a file from a screen; returns what the screen says then."""
    said: list[str] = []

    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        app.set_filter(filter_text)
        await settled(app, pilot)
        await pilot.press("x")
        await pilot.pause()
        app.screen.query_one(Input).value = str(path)
        await pilot.press("enter")
        await settled(app, pilot)
        said.append(text_of(app))

    run_app(sample("k24"), script, start=screen)
    return said[0]


def test_the_tasks_that_are_shown_become_a_table(tmp_path: Path) -> None:
    said = exported("tasks", tmp_path / "a.csv", "iscsi.task.number in {3, 5}")
    assert "written to" in said
    rows = list(csv.DictReader((tmp_path / "a.csv").read_text().splitlines()))
    assert [(row["number"], row["operation"]) for row in rows] == [("3", "INQUIRY"), ("5", "INQUIRY")]


@pytest.mark.parametrize(
    ("screen", "name", "kind"),
    [("findings", "f.jsonl", "finding"), ("keys", "k.jsonl", "key"), ("tasks", "t.jsonl", "task")],
)
def test_records_are_those_of_the_command_line(tmp_path: Path, screen: str, name: str, kind: str) -> None:
    exported(screen, tmp_path / name)
    records = [json.loads(line) for line in (tmp_path / name).read_text().splitlines()]
    assert records and {record["type"] for record in records} == {kind}


@pytest.mark.parametrize("screen", ["report", "latency", "tcp"])
def test_the_other_screens_become_one_document(tmp_path: Path, screen: str) -> None:
    exported(screen, tmp_path / "all.json")
    assert json.loads((tmp_path / "all.json").read_text())


def test_the_report_becomes_text_for_a_ticket(tmp_path: Path) -> None:
    exported("report", tmp_path / "r.txt")
    assert (tmp_path / "r.txt").read_text().startswith("1. Who dropped the session, and why?\n")


def test_names_that_will_not_do_are_refused(tmp_path: Path) -> None:
    (tmp_path / "there.csv").touch()
    assert unwritable(str(tmp_path / "there.csv"), (".csv",)) == "that file is there already"
    assert unwritable(str(tmp_path / "new.csv"), (".csv",)) == ""
    assert unwritable(str(tmp_path / "new.png"), (".csv",)) == "the name must end with .csv"
    assert unwritable(str(tmp_path / "new.png"), (".csv", ".json")) == "the name must end with .csv or .json"
    assert unwritable(str(tmp_path / "no" / "new.csv"), (".csv",)) == "there is no such directory"
