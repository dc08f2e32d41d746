"""The same keys lead to the same PDUs, on whatever screen they are pressed."""

from __future__ import annotations

from tests.tui.screen_text import AppPilot, run_app, sample, settled
from tui.app import IscsiAnalyzerApp
from tui.screens.jumping import Jumping
from tui.screens.jumps import ToLadder
from tui.screens.ladder import LadderScreen
from tui.screens.pdus import PdusScreen


def test_a_violation_is_the_same_one_in_the_list_and_in_the_ladder() -> None:
    found: list[int | None] = []

    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        app.go_to_pdu(1)
        await settled(app, pilot)
        await pilot.press("e")
        await settled(app, pilot)
        assert isinstance(app.view, PdusScreen) and isinstance(app.view, Jumping)
        found.append(app.view.pdu)
        app.go("ladder", ToLadder(sessions=(1, 2)))
        await settled(app, pilot)
        await pilot.press("e")
        await settled(app, pilot)
        assert isinstance(app.view, LadderScreen) and isinstance(app.view, Jumping)
        found.append(app.view.pdu_here())

    run_app(sample("k60_testcu_iSCSIcmdsn"), script, start="pdus")
    assert found == [31, 31]
