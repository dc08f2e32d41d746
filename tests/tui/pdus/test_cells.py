"""Every column says something true of every PDU and of every loss, in its width or less."""

from __future__ import annotations

import pytest

from tests.tui.stores import store
from tui.pdus.cells import COLUMN_KEYS, DEFAULT_COLUMNS, TIMES, WIDE_COLUMNS, PduCells
from tui.pdus.items import PduItems, Wanted
from tui.widgets.columns import STYLES


@pytest.mark.parametrize("name", ["k34", "f41", "k60_testcu_iSCSIcmdsn", "f02", "b01"])
def test_every_column_has_a_text_for_every_item(name: str) -> None:
    found = store(name)
    cells = PduCells(found)
    columns = cells.columns(tuple(choice.key for choice in cells.choices))
    for item in PduItems(found).look(Wanted()).tolist():
        assert all(isinstance(column.text(item), str) for column in columns)
        assert cells.style(item) in ("", *STYLES)


def test_the_default_columns_are_there() -> None:
    cells = PduCells(store("k01"))
    assert tuple(choice.key for choice in cells.choices) == COLUMN_KEYS
    for keys in (DEFAULT_COLUMNS, WIDE_COLUMNS):
        assert tuple(column.key for column in cells.columns(keys)) == keys


def test_the_time_column_tells_time_in_several_ways() -> None:
    found = store("k01")
    cells = PduCells(found)
    row = found.row(2)
    cells.since = found.row(1).time_last
    shown = {}
    for time in TIMES:
        cells.time = time
        shown[time] = cells.time_text(row, 2)
    assert shown["delta"] == shown["mark"]
    assert shown["utc"].endswith(shown["day"])
    assert shown["start"] == f"{(row.time_last - found.first_ts) // 1000 / 1e6:.6f}"


def test_findings_are_told_by_letter_and_name_not_by_colour_alone() -> None:
    found = store("k60_testcu_iSCSIcmdsn")
    cells = PduCells(found)
    broken = next(number for number in found.marks if found.verdicts.names(number))
    letter, what = cells.columns(("severity", "summary"))
    assert letter.text(broken - 1) in "EWn"
    assert found.verdicts.names(broken)[0] in what.text(broken - 1)


def test_a_gap_says_how_much_is_missing() -> None:
    (what,) = PduCells(store("f41")).columns(("summary",))
    assert what.text(-1) == "--- gap: the capture lacks 48 bytes ---"
