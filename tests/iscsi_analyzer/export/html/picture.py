"""Makes the picture of the HTML report in the README: `python -m tests.iscsi_analyzer.export.html.picture`."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.iscsi_analyzer.export.html.pages import sample, written
from tests.support.browser import browser

PICTURE = Path(__file__).with_name("report.png")
WIDTH, HEIGHT = 900, 640


def main() -> None:
    """Writes it."""
    with TemporaryDirectory() as directory:
        page = Path(directory) / "page.html"
        page.write_bytes(written(sample("k24")))
        with browser(Path(directory) / "profile") as window:
            window.look(width=WIDTH)
            window.open(page)
            clip = {"x": 0, "y": 0, "width": WIDTH, "height": HEIGHT, "scale": 1}
            found = window.driver.execute_cdp_cmd(
                "Page.captureScreenshot", {"clip": clip, "captureBeyondViewport": True}
            )
    PICTURE.write_bytes(b64decode(found["data"]))


if __name__ == "__main__":
    main()
