"""Charts as inline SVG: histograms, pieces of time, shares of a whole. They take the width that there is: places along
the width are per cents, so letters keep their size on a phone and on paper.

Colours are classes of the style sheet. Every chart says in words what it shows; nothing depends on colour alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from iscsi_analyzer.analysis.stats import Bucket
from iscsi_analyzer.export.html.axis import LogScale, Tick, percent, round_up
from iscsi_analyzer.export.html.markup import Child, Markup, joined, tag
from iscsi_analyzer.export.tables import plural
from iscsi_analyzer.export.time_text import span

FOOT: Final = 20
"Pixels below a chart for what is written at its marks."
_LABEL_LINE: Final = 14


class Series(NamedTuple):
    """The values of one kind, one for each piece of time."""

    name: str
    shade: str
    "Class of the style sheet."
    values: Sequence[float]


class Mark(NamedTuple):
    """A value that is pointed at."""

    name: str
    ns: int


def chart(words: str, height: int, *drawn: Child, name: str = "chart") -> Markup:
    """A drawing of the width that there is; `words` say what it shows."""
    return tag("svg", tag("title", words), drawn, class_=name, width="100%", height=height, role="img")


def axis(ticks: Iterable[Tick], top: float, bottom: float) -> list[Markup]:
    """Thin lines at the marks of an axis, and the words below them."""
    found = []
    for tick in ticks:
        at = percent(tick.at)
        anchor = "start" if tick.at < 0.03 else "end" if tick.at > 0.97 else "middle"
        found.append(tag("line", x1=at, x2=at, y1=top, y2=bottom, class_="grid"))
        found.append(tag("text", tick.text, x=at, y=bottom + 14, text_anchor=anchor))
    return found


def over_time(
    title: str, series: Sequence[Series], ticks: Sequence[Tick], tips: Sequence[str], unit: str, height: int = 96
) -> Markup:
    """Columns over time, one kind on top of the other; `tips` tell the numbers of each piece of time."""
    pieces = len(tips)
    sums = [sum(each.values[place] for each in series) for place in range(pieces)]
    most = round_up(max(sums, default=0))
    base = [0.0] * pieces
    bars: list[Markup] = []
    for each in series:
        for place, value in enumerate(each.values):
            if value > 0:
                top = _height(base[place] + value, most, height)
                length = _height(base[place], most, height) - top
                base[place] += value
                bars.append(_bar(place, pieces, top, max(length, 0.75), each.shade))
    hover = [_bar(place, pieces, 0, height, "hover", tip) for place, tip in enumerate(tips)]
    scale = [
        joined(
            tag("line", x1="0", x2="100%", y1=_height(part * most, most, height), y2=_height(part * most, most, height),
                class_="grid"),
            tag("text", f"{_amount(part * most)}{unit if part == 1 else ''}", x=2,
                y=_height(part * most, most, height) - 3, class_="amount"),
        )
        for part in (0.5, 1.0)
    ]  # fmt: skip
    return tag(
        "figure",
        tag("figcaption", title, " ", legend((each.name, each.shade) for each in series) if len(series) > 1 else None),
        chart(f"{title} over time, at most {_amount(max(sums, default=0))}{unit}", height + FOOT,
              bars, axis(ticks, 0, height), scale, tag("line", x1="0", x2="100%", y1=height, y2=height, class_="base"),
              hover),
    )  # fmt: skip


def _bar(place: int, pieces: int, top: float, length: float, shade: str, tip: str = "") -> Markup:
    return tag(
        "rect", tag("title", tip) if tip else None,
        x=percent(place / pieces), width=percent(1 / pieces), y=top, height=length, class_=shade,
    )  # fmt: skip


def _height(value: float, most: float, height: int) -> float:
    """Where a value stands; a line of letters is left free at the top."""
    return height - (height - _LABEL_LINE) * min(1.0, value / most)


def _amount(value: float) -> str:
    if value >= 1000 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.3g}"


def histogram(words: str, buckets: Sequence[Bucket], scale: LogScale, marks: Sequence[Mark]) -> Markup:
    """How many tasks took how long, on a logarithmic axis; the marks point at percentiles."""
    top, height = _LABEL_LINE * len(marks) + 6, 200
    most = max((bucket.count for bucket in buckets), default=1)
    bars = []
    for bucket in buckets:
        length = (height - top) * bucket.count / most
        left, right = scale.at(bucket.low), scale.at(bucket.high)
        tip = f"{span(bucket.low)} to {span(bucket.high)}: {plural(bucket.count, 'task')}"
        bars.append(tag("rect", tag("title", tip), x=percent(left), width=percent(max(0.0, right - left - 0.002)),
                        y=height - length, height=max(length, 1 if bucket.count else 0), class_="bar"))  # fmt: skip
    pointers = []
    for place, mark in enumerate(marks):
        at, line = scale.at(mark.ns), 10 + place * _LABEL_LINE
        text = f"{mark.name} {span(mark.ns)}"
        anchor, shift = ("end", -4) if at > 0.6 else ("start", 4)
        pointers.append(tag("line", x1=percent(at), x2=percent(at), y1=line - 8, y2=height, class_="pointer"))
        inner = tag("text", text, x=shift, y=line, text_anchor=anchor, class_="said")
        pointers.append(tag("svg", inner, x=percent(at), y=0, class_="loose"))
    base = tag("line", x1="0", x2="100%", y1=height, y2=height, class_="base")
    amount = tag("text", plural(most, "task"), x=2, y=top - 4)
    grid = tag("line", x1="0", x2="100%", y1=top, y2=top, class_="grid")
    return chart(words, height + FOOT, grid, axis(scale.ticks(), top, height), bars, base, amount, pointers)


def spark(buckets: Sequence[Bucket], scale: LogScale) -> Markup:
    """A small histogram for a cell of a table, all of them on the same scale."""
    most = max((bucket.count for bucket in buckets), default=1) or 1
    bars = [
        tag("rect", x=percent(scale.at(bucket.low)), width=percent(scale.at(bucket.high) - scale.at(bucket.low)),
            y=20 - max(1.0, 19 * bucket.count / most), height=max(1.0, 19 * bucket.count / most), class_="bar")
        for bucket in buckets
        if bucket.count
    ]  # fmt: skip
    base = tag("line", x1="0", x2="100%", y1=20, y2=20, class_="base")
    return tag("svg", bars, base, class_="spark", width=120, height=21, aria_hidden="true")


def shares(parts: Sequence[tuple[str, str, float]], words: str, *, small: bool = False) -> Markup:
    """Parts of a whole beside each other: name, class, share from 0 to 1."""
    at, bars = 0.0, []
    for name, shade, share in parts:
        if share > 0:
            tip = f"{name}: {share:.1%}"
            bars.append(tag("rect", tag("title", tip), x=percent(at), width=percent(share), y=0, height="100%",
                            class_=shade))  # fmt: skip
        at += share
    return chart(words, 10 if small else 18, bars, name="shares small" if small else "shares")


def legend(entries: Iterable[tuple[str, str]]) -> Markup:
    """What the colours stand for: name, class."""
    swatches = [
        tag("span", tag("svg", tag("rect", width=10, height=10, class_=shade), width=10, height=10, aria_hidden="true"),
            name, class_="swatch")
        for name, shade in entries
    ]  # fmt: skip
    return tag("span", swatches, class_="legend")
