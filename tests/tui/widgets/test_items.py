"""The cursor of a list knows its item, whatever the items around it do."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tui.widgets.items import Shown


def test_places_and_items_without_an_array_are_the_same() -> None:
    shown = Shown()
    assert shown.item is None
    assert shown.show(10, None, at_end=False) == 0
    assert shown.item_at(9) == 9
    assert shown.item_at(10) is None
    assert shown.show(10, None, at_end=True) == 9


@given(st.lists(st.integers(0, 50), unique=True, min_size=1), st.integers(0, 60))
def test_an_item_is_found_or_the_next_one(items: list[int], wanted: int) -> None:
    shown = Shown()
    shown.show(0, np.array(items, dtype=np.int64), at_end=False)
    place = shown.place_of(wanted)
    if wanted in items:
        assert items[place] == wanted == shown.item_at(place)
        assert shown.place_if_shown(wanted) == place
    else:
        larger = [item for item in items if item > wanted]
        assert items[place] == (larger[0] if larger else items[-1])
        assert shown.place_if_shown(wanted) is None
