"""Settings are checked before anything is shown."""

from __future__ import annotations

import pytest

from iscsi_analyzer.run import Analysis
from tests.tui.screen_text import sample
from tui.run import SettingsError, run, settings


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"colour": "red"}, "colour"),
        ({"theme": 3}, "theme"),
        ({"keys": ["q"]}, "keys"),
        ({"keys": {"app.quit": 3}}, "keys"),
    ],
)
def test_a_wrong_table_is_refused_with_its_reason(table: dict[str, object], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        settings(table)


def test_theme_and_keys_come_out_of_the_table() -> None:
    assert settings({"theme": "nord", "keys": {"app.quit": "x"}}) == ("nord", {"app.quit": "x"})
    assert settings({}) == ("", {})


def test_unknown_actions_and_themes_are_refused() -> None:
    with Analysis([sample("k01")]) as analysis, pytest.raises(SettingsError, match=r"app\.fly"):
        run(analysis, keys={"app.fly": "f"})
    with Analysis([sample("k01")]) as analysis, pytest.raises(SettingsError, match="nord"):
        run(analysis, theme="pink")
