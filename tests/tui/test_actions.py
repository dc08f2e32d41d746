"""The table of actions is the truth about keys: every action can be done, and no two of one place share a key."""

from __future__ import annotations

from collections import Counter

import pytest

from tui.actions import ACTIONS, APP, BYTES, CHART, LIST, bindings, key_names, known, of_place
from tui.app import IscsiAnalyzerApp
from tui.screens import SCREENS
from tui.widgets.big_list import BigList
from tui.widgets.bytes_pane import BytesPane
from tui.widgets.chart import Chart

OWNERS = {APP: IscsiAnalyzerApp, LIST: BigList, BYTES: BytesPane, CHART: Chart, **{view.NAME: view for view in SCREENS}}


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)
def test_every_action_has_a_method_where_it_belongs(action: object) -> None:
    assert action.place in OWNERS  # type: ignore[attr-defined]
    assert callable(getattr(OWNERS[action.place], f"action_{action.method}", None))  # type: ignore[attr-defined]


def test_names_are_unique() -> None:
    assert [name for name, count in Counter(action.name for action in ACTIONS).items() if count > 1] == []


@pytest.mark.parametrize("place", OWNERS)
def test_no_key_means_two_things_in_one_place(place: str) -> None:
    keys = Counter(key for action in of_place(place) for key in action.keys.split(",") if key)
    assert [key for key, count in keys.items() if count > 1] == []


@pytest.mark.parametrize("view", SCREENS, ids=lambda view: view.NAME)
def test_a_screen_takes_no_key_from_its_lists_or_from_the_app(view: object) -> None:
    own = {key for action in of_place(view.NAME) for key in action.keys.split(",") if key}  # type: ignore[attr-defined]
    app = {key for action in of_place(APP) for key in action.keys.split(",") if key}
    assert own & app == set()


def test_bindings_carry_the_stable_names() -> None:
    assert {binding.id for binding in bindings(LIST)} == {  # type: ignore[union-attr]
        action.name for action in of_place(LIST) if action.keys
    }
    assert known("app.quit")
    assert not known("app.fly")


@pytest.mark.parametrize(
    ("keys", "names"),
    [
        ("question_mark,f1", "? F1"),
        ("ctrl+p", "Ctrl-P"),
        ("pageup", "PgUp"),
        ("G", "G"),
        ("shift+tab", "Shift-Tab"),
        ("", ""),
    ],
)
def test_keys_are_named_as_people_call_them(keys: str, names: str) -> None:
    assert key_names(keys) == names
