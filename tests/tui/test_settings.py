"""What users settle holds, and what they cannot mean is refused with its reason."""

from __future__ import annotations

import tomllib

import pytest

from tests.tui.screen_text import AppPilot, run_app, sample, settled, text_of
from tui import settings as described
from tui.app import IscsiAnalyzerApp
from tui.screens.pdus import PdusScreen
from tui.settings import Settings, SettingsError, settings


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"colour": "red"}, "nothing is called colour"),
        ({"theme": 3}, "theme is no text"),
        ({"keys": ["q"]}, "keys is no table"),
        ({"keys": {"app.quit": 3}}, "keys of app.quit"),
        ({"keys": {"app.fly": "f"}}, "no action is called 'app.fly'"),
        ({"columns": {"wings": ["number"]}}, "no list is called 'wings'"),
        ({"columns": {"pdus": []}}, "no list of columns"),
        ({"columns": {"pdus": ["feather"]}}, "no column 'feather'"),
        ({"colors": {"iscsi.opcode ==": "error"}}, r"\^"),
        ({"colors": {"iscsi": "pink"}}, "no style is called 'pink'"),
    ],
)
def test_a_wrong_table_is_refused_with_its_reason(table: dict[str, object], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        settings(table)


def test_the_example_of_the_module_is_valid() -> None:
    assert described.__doc__ is not None
    example = "\n".join(line[4:] for line in described.__doc__.splitlines() if line.startswith("    "))
    found = settings(tomllib.loads(example)["tui"])
    assert found.theme == "nord"
    assert found.keys == {"app.quit": "q,x"}
    assert found.columns["pdus"][0] == "number"
    assert found.colors == (("scsi.status != 0", "warning"),)
    assert settings({}) == Settings()


def test_columns_and_colours_hold_from_the_start() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        await settled(app, pilot)
        view = app.view
        assert isinstance(view, PdusScreen)
        assert text_of(app).splitlines()[1].split() == ["PDU", "ITT", "what"]
        assert [view.cells.style(item) for item in range(4)] == ["gap", "target", "error", "target"]

    chosen = Settings(
        columns={"pdus": ("number", "tag", "summary")},
        colors=(("iscsi.opcode == 3", "gap"), ("iscsi.opcode < 0x20", "error")),
    )
    run_app(sample("k01"), script, start="pdus", settings=chosen)
