"""The user interface is started from the command line, on a terminal only."""

from __future__ import annotations

import pytest

from iscsi_analyzer.cli.entry import run
from tests.tui.screen_text import sample


def test_without_a_terminal_it_says_what_to_do_instead(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["tui", str(sample("k01"))]) == 1
    assert "needs a terminal" in capsys.readouterr().err
