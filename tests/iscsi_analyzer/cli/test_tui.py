"""The user interface is started from the command line, on a terminal only."""

from __future__ import annotations

import pytest

from iscsi_analyzer.cli.entry import run
from tests.tui.screen_text import sample


def test_without_a_terminal_it_says_what_to_do_instead(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["tui", str(sample("k01"))]) == 1
    assert "needs a terminal" in capsys.readouterr().err


def test_an_interface_and_a_file_exclude_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["tui", "-i", "lo", str(sample("k01"))]) == 1
    assert "not both" in capsys.readouterr().err


def test_a_wrong_filter_is_told_before_anything_is_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert run(["tui", "-Y", "iscsi.opcode ==", str(sample("k01"))]) == 1
    assert "^" in capsys.readouterr().err
