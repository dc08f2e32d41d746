"""A ladder as the columns of a list: number, time, a lane for each connection, what is said, and the rules broken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from iscsi_analyzer.export.ladder import PDU, Rung
from iscsi_analyzer.export.ladder_text import SINCE_WIDTH, Drawing, said, since
from tui.widgets.columns import RIGHT, Column

FINDINGS_FROM: Final = 130
"Columns from which on findings have a column of their own."
FINDINGS_WIDTH: Final = 30

RungOf = Callable[[int], Rung]


def ladder_columns(drawing: Drawing, rung_of: RungOf) -> list[Column]:
    """The columns; `rung_of` gives the rung that an item stands for."""
    columns = [
        Column("pdu", "PDU", drawing.number_width, lambda item: str(rung_of(item).pdu or ""), RIGHT, sortable=False),
        Column("time", "time", drawing.time_width, lambda item: drawing.time(rung_of(item)), RIGHT, sortable=False),
        Column("since", "since", SINCE_WIDTH, lambda item: since(rung_of(item)), RIGHT, _dim, sortable=False),
    ]
    columns += [_lane(drawing, place, rung_of) for place in range(drawing.lane_count)]
    apart = drawing.width >= FINDINGS_FROM
    if apart:
        columns.append(
            Column(
                "findings",
                "findings",
                FINDINGS_WIDTH,
                _findings(drawing, rung_of),
                style=_worst(rung_of),
                sortable=False,
            )
        )

    def words(item: int) -> str:
        rung = rung_of(item)
        return "  ".join([*([] if apart else drawing.findings(rung)), said(rung)])

    columns.append(Column("said", "what it says", 0, words, style=_mood(rung_of, apart), sortable=False))
    return columns


def _dim(item: int) -> str:
    return "dim"


def _lane(drawing: Drawing, place: int, rung_of: RungOf) -> Column:
    def style(item: int) -> str:
        rung = rung_of(item)
        if not drawing.together and rung.lane != place:
            return "dim"
        if rung.what != PDU:
            return "gap"
        return "initiator" if rung.to_target else "target"

    title, ends = drawing.titles()[place], drawing.ends()[place]
    width = max(len(ends), len(drawing.titles()[place]))
    name = ends if len(drawing.ladder.lanes) == 1 or drawing.together else title
    return Column(
        f"lane{place}", name, width, lambda item: drawing.lane(rung_of(item), place), style=style, sortable=False
    )


def _findings(drawing: Drawing, rung_of: RungOf) -> Callable[[int], str]:
    return lambda item: "  ".join(drawing.findings(rung_of(item)))


def _worst(rung_of: RungOf) -> Callable[[int], str]:
    """The severity of the worst rule that a rung breaks."""

    def style(item: int) -> str:
        found = {severity for severity, _ in rung_of(item).findings}
        return next((severity for severity in ("error", "warning", "note") if severity in found), "")

    return style


def _mood(rung_of: RungOf, apart: bool) -> Callable[[int], str]:
    """The style of what is said: that of findings, where these stand there, too; of marks; of what is no PDU."""
    worst = _worst(rung_of)

    def style(item: int) -> str:
        rung = rung_of(item)
        if rung.what != PDU:
            return "gap"
        if rung.marks:
            return "warning"
        return "" if apart else worst(item)

    return style
