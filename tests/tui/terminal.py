"""A real terminal for the program under test: tmux, with a shell in it. Knows nothing of what runs there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import iscsi_analyzer

TMUX = shutil.which("tmux")
SOCKET = f"iscsi-analyzer-{os.getpid()}"
PATIENCE = 20.0


class Window:
    """A terminal of tmux with a shell in it."""

    def __init__(self, name: str, width: int = 80, height: int = 24) -> None:
        self.name = name
        # The packages under test, wherever they come from.
        place = Path(iscsi_analyzer.__file__).parent.parent
        command = f"cd /; export PYTHONPATH={place} PS1='prompt> '; exec sh"
        self._tmux("-f", os.devnull, "new-session", "-d", "-s", name, "-x", str(width), "-y", str(height), command)

    def _tmux(self, *words: str) -> str:
        assert TMUX is not None
        done = subprocess.run([TMUX, "-L", SOCKET, *words], capture_output=True, text=True, check=False, timeout=20)
        return done.stdout

    @property
    def shell(self) -> str:
        """The process of the shell."""
        return self._tmux("display-message", "-p", "-t", self.name, "#{pane_pid}").strip()

    def text(self) -> str:
        """What the terminal shows."""
        return self._tmux("capture-pane", "-p", "-t", self.name)

    def press(self, *keys: str) -> None:
        """Presses keys by the names that tmux knows."""
        self._tmux("send-keys", "-t", self.name, *keys)

    def line(self, text: str) -> None:
        """Types a command."""
        self._tmux("send-keys", "-t", self.name, "-l", text)
        self.press("Enter")

    def resize(self, width: int, height: int) -> None:
        self._tmux("resize-window", "-t", self.name, "-x", str(width), "-y", str(height))

    def until(self, seen: Callable[[str], bool], patience: float = PATIENCE) -> str:
        """The text as soon as it is as wanted."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            text = self.text()
            if seen(text):
                return text
            time.sleep(0.05)
        raise AssertionError(f"not seen within {patience:.0f} s; the terminal shows:\n{self.text()}")

    def close(self) -> None:
        self._tmux("kill-session", "-t", self.name)


def start(window: Window, *words: str) -> None:
    """Starts the terminal interface, without anybody's settings; the shell tells its exit code."""
    window.line(f"{sys.executable} -m iscsi_analyzer tui --config none {' '.join(words)}; echo code $?")
