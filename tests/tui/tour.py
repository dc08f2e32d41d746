"""A walk through every screen in a real terminal, at several sizes, kept as text to look at.

$ python -m tests.tui.tour [-o DIRECTORY] [--sizes 80x24,120x40,200x60] FILE...
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from pathlib import Path

from tests.tui.terminal import Window, start
from tui.screens import SCREENS

SIZES = "80x24,120x40,200x60"


def walk(capture: Path, width: int, height: int, patience: float = 60.0) -> dict[str, str]:
    """What every screen shows of a capture when all of it was read, by the name of the screen.

    Raises AssertionError if a screen does not come up, or if leaving does not give the shell back.
    """
    window = Window(f"tour-{width}x{height}", width, height)
    try:
        start(window, str(capture))
        window.until(_ready, patience)
        shown = {}
        for number, screen in enumerate(SCREENS, 1):
            shown[screen.TITLE_WORD] = _brought(window, str(number), screen.TITLE_WORD, patience)
        window.press("q")
        window.until(lambda text: "code 0" in text, patience)
        return shown
    finally:
        window.close()


def _brought(window: Window, key: str, title: str, patience: float) -> str:
    """What a screen shows when its key was pressed: again, if nothing comes of it for a while."""
    left = patience
    while True:
        window.press(key)
        try:
            return window.until(lambda text: _shows(text, title), 5.0)
        except AssertionError:
            left -= 5.0
            if left <= 0:
                raise


def _ready(text: str) -> bool:
    """The program runs, and has read everything."""
    head = text.splitlines()[:1]
    return bool(head) and head[0].startswith(" Sessions ") and re.search(r" · [\d,]+ PDUs?\b", head[0]) is not None


def _shows(text: str, title: str) -> bool:
    """The screen is up and has something to say."""
    lines = text.splitlines()
    return bool(lines) and lines[0].startswith(f" {title} ") and any(line.strip() for line in lines[1:-1])


def main() -> int:
    """Writes a file of text for each capture, size and screen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("-o", dest="out", type=Path, default=Path(tempfile.gettempdir()) / "tour")
    parser.add_argument("--sizes", default=SIZES)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for capture in arguments.files:
        for size in arguments.sizes.split(","):
            width, height = map(int, size.split("x"))
            for title, text in walk(capture.absolute(), width, height).items():
                place = arguments.out / f"{capture.name.partition('.')[0]}_{size}_{title}.txt"
                place.write_text(text, encoding="utf-8")
            print(f"{capture.name} at {size}: {len(SCREENS)} screens in {arguments.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
