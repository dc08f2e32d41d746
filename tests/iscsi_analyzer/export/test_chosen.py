"""Laws of filtered output: each PDU that passes comes once, in order, a portion at a time."""

from __future__ import annotations

import pytest

from iscsi_analyzer.analysis.focus import Focus
from iscsi_analyzer.export import chosen as module
from iscsi_analyzer.export.chosen import Chosen
from iscsi_analyzer.query import compile_filter
from tests.support.command import analysed
from tests.support.samples import SAMPLES


def test_portions_together_are_everything_that_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PORTION", 7)
    store = analysed(SAMPLES / "k02_login_scan_logout.pcap.zst").store
    chosen = Chosen(Focus(store, wanted=compile_filter("iscsi.opcode == 1")))
    found: list[int] = []
    while portion := chosen.more():
        assert len(portion) <= 7
        found += portion
    assert found == [number for number, row in enumerate(store.rows(), 1) if row.opcode == 1]
    assert chosen.more() == []
