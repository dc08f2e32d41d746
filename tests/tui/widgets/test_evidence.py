"""A list of evidence has a line for each PDU that exists."""

from __future__ import annotations

import asyncio

from textual.app import App, ComposeResult

from tests.iscsi_analyzer.analysis.studies import sample
from tests.tui.screen_text import text_of
from tui.widgets.evidence import EvidenceList


def test_every_pdu_has_its_line_and_unknown_numbers_have_none() -> None:
    store = sample("k24").facts.store

    class Shell(App[None]):
        def compose(self) -> ComposeResult:
            yield EvidenceList(store, empty="none")

    async def go() -> tuple[str, int, int]:
        app = Shell()
        async with app.run_test(size=(80, 8)) as pilot:
            widget = app.query_one(EvidenceList)
            empty = widget.pdu
            widget.set_pdus([182, 189, 99_999], {182})
            widget.focus()
            await pilot.press("down")
            await pilot.pause()
            return text_of(app), widget.pdu, empty

    text, pdu, empty = asyncio.run(go())
    assert "182    1.613497 → SCSI Command READ(10)" in text
    assert "189   11.336072 → Task Management Function Request" in text
    assert (pdu, empty) == (189, 0)
