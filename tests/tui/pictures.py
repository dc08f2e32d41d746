"""Makes the pictures of the README from real captures, so that they show what the program shows.

$ python -m tests.tui.pictures [DIRECTORY]
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import NamedTuple

from tests.tui.screen_text import AppPilot, run_app, sample, settled
from tui.app import IscsiAnalyzerApp

HERE = Path(__file__).parent / "pictures"
SIZE = (100, 30)


class Picture(NamedTuple):
    """One picture: what is looked at, and the keys that lead there."""

    name: str
    sample: str
    start: str
    keys: tuple[str, ...] = ()


PICTURES = (
    Picture("sessions", "k24", "sessions"),
    Picture("pdus", "k60_testcu_iSCSIcmdsn", "pdus", ("e", "tab")),
    Picture("ladder", "k24", "sessions", ("enter", "G")),
    Picture("latency", "k34", "latency"),
)


def main() -> int:
    """Writes all pictures."""
    place = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    place.mkdir(exist_ok=True)
    for picture in PICTURES:
        (place / f"{picture.name}.svg").write_text(drawn(picture), encoding="utf-8")
    return 0


def drawn(picture: Picture) -> str:
    """The picture as SVG."""
    found = ""

    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        nonlocal found
        for key in picture.keys:
            await pilot.press(key)
            await settled(app, pilot)
        found = app.export_screenshot(title=f"iscsi-analyzer tui {app.document.title}")

    run_app(sample(picture.sample), script, size=SIZE, start=picture.start)
    return plain(found)


def plain(svg: str) -> str:
    """The drawing without what changes from run to run, and without fonts from elsewhere."""
    svg = re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    svg = re.sub(r"terminal-\d+", "terminal", svg).replace("Fira Code, monospace", "monospace")
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


if __name__ == "__main__":
    sys.exit(main())
