"""Tables say what the script needs to sort and filter them, and what was cut off."""

from __future__ import annotations

from iscsi_analyzer.export.html.table import ENOUGH_TO_FILTER, Cell, Column, count, facts, more, table
from tests.iscsi_analyzer.export.html.pages import heads, read, rows

COLUMNS = (Column("name"), Column("much", numeric=True), Column("empty"), Column("words", wide=True))


def test_a_cell_is_sorted_by_its_value_and_shows_its_words() -> None:
    found = read(table("T", COLUMNS, [("a", Cell(1500, "1.5 kB"), None, "x"), ("b", count(1234), "", "y")]))
    assert rows(found, "T") == [["a", "1.5 kB", "x"], ["b", "1,234", "y"]]
    assert [cell.attributes.get("data-value") for cell in found.all("td")] == [None, "1500", None, None, "1234", None]
    assert [cell.attributes.get("class") for cell in found.all("td")][:3] == [None, "n", "w"]


def test_a_column_in_which_nothing_stands_is_left_out() -> None:
    assert heads(read(table("T", COLUMNS, [("a", 0, None, "x")])), "T") == ["name", "much", "words"]


def test_few_rows_need_no_filter_and_one_no_order() -> None:
    def attributes(rows: int) -> set[str]:
        (found,) = read(table("T", COLUMNS, [("a", 1, "", "")] * rows)).all("table")
        return set(found.attributes)

    assert attributes(1) == set()
    assert attributes(ENOUGH_TO_FILTER - 1) == {"data-sort"}
    assert attributes(ENOUGH_TO_FILTER) == {"data-sort", "data-filter"}


def test_a_wide_table_can_be_scrolled_with_the_keyboard() -> None:
    (region,) = read(table("T", COLUMNS, [("a", 1, "", "")])).all("div", class_="scroll")
    assert region.attributes == {"class": "scroll", "tabindex": "0", "role": "region", "aria-label": "T"}


def test_what_is_cut_off_is_told_with_the_command_that_shows_it() -> None:
    assert read(more(1234, "sessions", "sessions FILE")).text == "1,234 more sessions: iscsi-analyzer sessions FILE"
    assert more(0, "sessions", "sessions FILE") is None
    assert more(-5, "sessions", "sessions FILE") is None


def test_facts_are_names_and_words() -> None:
    assert [node.name for node in read(facts([("a", "1"), ("b", "2")])).children[0].children] == [
        "dt",
        "dd",
        "dt",
        "dd",
    ]  # type: ignore[union-attr]
