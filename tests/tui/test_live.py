"""The terminal interface over a network interface: what real peers say appears while they say it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.peers import Target
from tests.support.programs import run
from tests.support.tools import CAPTURING, need
from tests.tui.terminal import Window, start

pytestmark = pytest.mark.live


@pytest.fixture
def window() -> Iterator[Window]:
    need("tmux")
    found = Window("live", 120, 30)
    yield found
    found.close()


def test_pdus_appear_while_they_are_captured_and_the_capture_ends_with_the_program(window: Window) -> None:
    need(CAPTURING, "tgtd", "tgtadm", "iscsi-ls", "iscsi-inq")
    with Target() as target:
        target.serve()
        start(window, "-i", "lo", "--port", str(target.port))
        window.until(lambda text: "live: " in text and "waiting for more" in text)
        window.press("2", "F")
        run("iscsi-ls", target.url(None))
        window.until(lambda text: "Logout Response" in text or "Text Response" in text)
        run("iscsi-inq", target.url())
        text = window.until(lambda text: "INQUIRY" in text)
        assert "waiting for more" in text
        window.press("p")
        window.until(lambda text: "paused" in text)
        window.press("q")
        window.until(lambda text: "code 0" in text)
