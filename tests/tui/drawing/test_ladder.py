"""A ladder in a list: columns that belong to the arrows, findings beside them where there is room."""

from __future__ import annotations

from iscsi_analyzer.export.ladder import Ladder, ladder_of_sessions
from iscsi_analyzer.export.ladder_text import Drawing
from tests.iscsi_analyzer.analysis.studies import sample
from tui.drawing.ladder import ladder_columns
from tui.widgets.columns import STYLES, Column


def columns(ladder: Ladder, width: int) -> dict[str, Column]:
    return {column.key: column for column in ladder_columns(Drawing(ladder, width), ladder.rung)}


def test_each_connection_has_its_column() -> None:
    ladder = ladder_of_sessions(sample("k20").facts, [1])
    found = columns(ladder, 120)
    assert [key for key in found if key.startswith("lane")] == ["lane0", "lane1"]
    place = next(at for at in range(len(ladder)) if ladder.rung(at).lane == 1 and ladder.rung(at).pdu)
    assert "▶" in found["lane1"].text(place) and "▶" not in found["lane0"].text(place)
    assert (found["lane1"].style(place), found["lane0"].style(place)) == ("initiator", "dim")


def test_findings_stand_beside_where_there_is_room_and_in_front_where_not() -> None:
    ladder = ladder_of_sessions(sample("b01").facts, [1])
    place = next(at for at in range(len(ladder)) if ladder.rung(at).findings)
    wide, narrow = columns(ladder, 200), columns(ladder, 80)
    assert wide["findings"].text(place) == "✗ login-version-nonzero"
    assert narrow["said"].text(place).startswith("✗ login-version-nonzero  T Login")
    assert "findings" not in narrow
    assert (wide["findings"].style(place), wide["said"].style(place), narrow["said"].style(place)) == (
        "error",
        "",
        "error",
    )


def test_a_gap_is_no_arrow_of_a_pdu() -> None:
    ladder = ladder_of_sessions(sample("f41").facts, [1])
    place = next(at for at in range(len(ladder)) if ladder.rung(at).what == "gap")
    found = columns(ladder, 120)
    assert (found["pdu"].text(place), found["lane0"].style(place), found["said"].style(place)) == ("", "gap", "gap")


def test_every_style_is_known_to_lists() -> None:
    ladder = ladder_of_sessions(sample("b01").facts, list(range(1, 30)))
    for column in columns(ladder, 150).values():
        assert {column.style(place) for place in range(len(ladder))} <= {"", *STYLES}
