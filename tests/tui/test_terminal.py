"""The real program in a real terminal: it starts, obeys keys, fits after a resize, and always restores the terminal."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.tools import need
from tests.tui.screen_text import sample
from tests.tui.terminal import Window, start


@pytest.fixture
def window(request: pytest.FixtureRequest) -> Iterator[Window]:
    need("tmux")
    found = Window(request.node.name[:40].replace("[", "-").replace("]", ""))
    yield found
    found.close()


def restored(text: str) -> bool:
    """The shell is back, on the ordinary screen."""
    return "prompt>" in text.splitlines()[-1] if text.strip() else False


def test_it_starts_obeys_keys_fits_after_a_resize_and_leaves(window: Window) -> None:
    start(window, str(sample("k34")))
    window.until(lambda text: "client:kernel" in text and text.startswith(" Sessions "))
    window.press("2")
    window.until(lambda text: "Login Request" in text and "PDU 1:" in text)
    window.press("G")
    window.until(lambda text: ">      1704" in text and "Logout Response" in text)
    window.resize(120, 40)
    window.until(
        lambda text: len(text.splitlines()) == 40 and "q quit" in text.splitlines()[-1] and ">      1704" in text
    )
    window.press("q")
    text = window.until(lambda text: "code 0" in text)
    assert "Sessions" not in text
    window.line("stty -a | tr ' ;' '\\n\\n' | grep -x -e icanon -e echo | tr '\\n' ' '")
    window.until(lambda text: "icanon echo" in text)


@pytest.mark.parametrize("signal", ["TERM", "HUP"])
def test_a_signal_ends_it_and_restores_the_terminal(window: Window, signal: str) -> None:
    start(window, str(sample("k01")))
    window.until(lambda text: "4 PDUs" in text)
    found = subprocess.run(["pgrep", "-P", window.shell], capture_output=True, text=True, check=True)
    subprocess.run(["kill", f"-{signal}", *found.stdout.split()], check=True)
    window.until(lambda text: "code 143" in text)
    window.line("stty -a | tr ' ;' '\\n\\n' | grep -x -e icanon -e echo | tr '\\n' ' '")
    window.until(lambda text: "icanon echo" in text)


def test_a_broken_file_is_shown_with_its_fault(window: Window, tmp_path: Path) -> None:
    path = tmp_path / "cut.pcap"
    path.write_bytes(sample("k01").read_bytes()[:-7])
    start(window, str(path))
    window.until(lambda text: "4 PDUs" in text or "3 PDUs" in text)
    window.press("P")
    window.until(lambda text: "Problems of the input" in text and "cut" in text)
    window.press("P")
    window.until(lambda text: "Problems of the input" not in text)
    window.press("q")
    window.until(lambda text: "code 2" in text)


def test_what_cannot_be_read_at_all_is_told_without_a_screen(window: Window, tmp_path: Path) -> None:
    path = tmp_path / "no.pcap"
    path.write_bytes(b"this is no capture, whatever its name says")
    start(window, str(path), str(tmp_path / "missing.pcap"))
    text = window.until(lambda text: "code 2" in text)
    assert "Traceback" not in text
    assert "no.pcap" in text


def test_a_capture_may_come_in_on_the_standard_input(window: Window) -> None:
    window.line(f"{sys.executable} -m iscsi_analyzer tui --config none - < {sample('k01')}; echo code $?")
    window.until(lambda text: "standard input" in text and "4 PDUs" in text)
    window.press("2")
    window.until(lambda text: "Login Request" in text)
    window.press("q")
    window.until(lambda text: "code 0" in text)


def test_without_colours_the_cursor_and_findings_can_still_be_told(window: Window) -> None:
    window.line("export NO_COLOR=1")
    start(window, str(sample("k60_testcu_iSCSIcmdsn")))
    window.until(lambda text: ("PDUs" in text and "logout" in text) or "open" in text)
    window.press("2")
    window.until(lambda text: "51 PDUs" in text and "PDU 1:" in text)
    window.press("e")
    window.until(lambda text: any(line.startswith("> E") for line in text.splitlines()) and "error: " in text)
    window.press("q")
    window.until(lambda text: "code 0" in text)
