"""The first colour rule that a PDU passes counts, also while the store grows."""

from __future__ import annotations

import pytest

from iscsi_analyzer.run import Analysis
from tests.tui.screen_text import sample
from tests.tui.stores import store
from tui.pdus.colors import Colors

RULES = [("iscsi.opcode == 1", "error"), ("iscsi.opcode < 0x20", "note"), ("scsi.lun == 0", "good")]


def test_the_first_rule_counts() -> None:
    found = store("k34")
    colors = Colors(found, RULES)
    names = [colors.styles[place] for place in colors.look()]
    assert len(names) == len(found)
    for number, name in enumerate(names, 1):
        opcode = found.row(number).opcode
        if opcode == 1:
            assert name == "error"
        elif opcode < 0x20:
            assert name == "note"
        else:
            assert name in ("", "good")


@pytest.mark.parametrize("rules", [RULES, [("iscsi.task.latency > 0.001", "warning"), *RULES], []])
def test_growth_leads_to_the_same_colours(rules: list[tuple[str, str]]) -> None:
    with Analysis([sample("k46")]) as analysis:
        growing = Colors(analysis.store, rules)
        while analysis.step():
            growing.look()
        analysis.finish()
        assert growing.look().tolist() == Colors(analysis.store, rules).look().tolist()
