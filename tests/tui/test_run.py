"""What cannot be used is refused before anything is shown."""

from __future__ import annotations

import pytest

from iscsi_analyzer.run import Analysis
from tests.tui.screen_text import sample
from tui.run import SettingsError, run
from tui.settings import Settings


@pytest.mark.parametrize("where", ["option", "settings"])
def test_unknown_themes_are_refused(where: str) -> None:
    theme, chosen = ("pink", Settings()) if where == "option" else ("", Settings(theme="pink"))
    with Analysis([sample("k01")]) as analysis, pytest.raises(SettingsError, match="nord"):
        run(analysis, theme=theme, chosen=chosen)
