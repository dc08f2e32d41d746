"""Ladders as a list of rungs: times, an arrow drawn between the two ends of the connection, and what the PDU says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from iscsi_analyzer.export.html.axis import percent
from iscsi_analyzer.export.html.markup import Markup, tag
from iscsi_analyzer.export.ladder import PDU, Ladder, Rung
from iscsi_analyzer.export.ladder_text import SHORT, said, since
from iscsi_analyzer.export.tables import clip, number, plural
from iscsi_analyzer.export.time_text import decimal, span

MOST_LANES: Final = 3
"Connections that have a lane each; more of them share one, and their numbers stand at the arrows."
HEAD: Final = 36
TAIL: Final = 12
"Rungs of a long ladder that are drawn, of its beginning and of its end."
WAIT: Final = 0.2
"Part of a ladder's time after which a wait is drawn as one."
LEAST_WAIT_NS: Final = 1_000_000
LONGEST_TEXT: Final = 400
_ARROW: Final = 22
"Where the arrow of a rung stands, in pixels from its top."
_NARROW: Final = 18
"Letters that an arrow has room for."


def ladder(found: Ladder) -> Markup:
    """The ladder, its middle left out if it is long."""
    lanes = len(found.lanes) if len(found.lanes) <= MOST_LANES else 1
    return tag("div", _ends(found, lanes), tag("ol", list(_rungs(found, lanes)), class_="rungs"), class_="ladder")


def left_out(found: Ladder) -> int:
    """Rungs of a ladder that are not drawn."""
    return max(0, len(found) - HEAD - TAIL)


def _ends(found: Ladder, lanes: int) -> Markup:
    """Who stands at the two ends of each lane."""
    if lanes == 1 and len(found.lanes) != 1:
        titles = [f"initiators and targets of {plural(len(found.lanes), 'connection')}"]
    else:
        several = len({lane.session for lane in found.lanes}) > 1
        titles = [
            f"{lane.initiator} → {lane.target}" + (f" (session {lane.session})" if several else "")
            for lane in found.lanes
        ]
    sides = [tag("span", tag("b", "initiator"), tag("b", "target"), class_="sides") for _ in range(lanes)]
    return tag(
        "div",
        tag("p", [tag("span", title) for title in titles], class_="lanes-named"),
        tag("div", tag("span", "time", class_="t"), tag("span", sides, class_="heads"), class_="rung head"),
        class_="ladder-head",
    )


def _rungs(found: Ladder, lanes: int) -> Iterator[Markup]:
    total = found.last_ns - found.rung(0).time_ns if len(found) else 0
    out = left_out(found)
    places = [*range(HEAD), *range(len(found) - TAIL, len(found))] if out else list(range(len(found)))
    before = -1
    for place in places:
        rung = found.rung(place)
        if before >= 0 and place != before + 1:
            yield _pause(f"{plural(out, 'line')} left out", lanes)
        elif before >= 0 and rung.since_ns >= max(LEAST_WAIT_NS, int(WAIT * total)):
            yield _pause(f"{span(rung.since_ns)} later", lanes)
        before = place
        yield _rung(found, rung, lanes)


def _pause(words: str, lanes: int) -> Markup:
    poles = [tag("line", x1=x, x2=x, y1="0", y2="100%", class_="pole away") for x in _poles(lanes)]
    drawn = tag("svg", poles, class_="lanes", aria_hidden="true")
    lane = tag("span", drawn, tag("span", words, class_="pause"), class_="lane")
    return tag("li", tag("span", class_="t"), lane, class_="rung wait")


def _rung(found: Ladder, rung: Rung, lanes: int) -> Markup:
    """One line; a screen reader is told the direction in words."""
    one = found.lanes[rung.lane]
    shared = lanes == 1 and len(found.lanes) > 1
    text = clip(said(rung), LONGEST_TEXT)
    way = "initiator to target" if rung.to_target else "target to initiator"
    where = f"connection {one.connection}, " if len(found.lanes) > 1 else ""
    about = [f"PDU {number(rung.pdu)}, frame {number(rung.frame)}"] if rung.pdu else []
    findings = [tag("span", f"{severity} {rule}", class_=f"finding {severity}") for severity, rule in rung.findings]
    return tag(
        "li",
        tag("span", decimal(max(0, rung.time_ns - found.start), 6), tag("small", since(rung)), class_="t"),
        tag("span", _arrow(rung, lanes, one.connection if shared else 0), class_="lane"),
        tag(
            "span",
            tag("b", rung.name),
            tag("span", f" ({where}{way}) ", class_="unseen"),
            " ",
            text,
            tag("small", *about),
            findings,
            class_="says",
        ),
        class_="rung" if rung.what == PDU else "rung beside",
    )


def _arrow(rung: Rung, lanes: int, connection: int) -> Markup:
    lane = 0 if connection else rung.lane
    poles = _poles(lanes)
    left, right = poles[2 * lane], poles[2 * lane + 1]
    shade = "data" if rung.data else "plain"
    if rung.what != PDU:
        shade = "broken"
    name = SHORT.get(rung.name, rung.name)
    if connection:
        name = f"{connection}: {name}"
    middle = percent((2 * lane + 1) / (2 * lanes))
    tip = tag("path", d="M0 0L-9 -4.5V4.5Z" if rung.to_target else "M0 0L9 -4.5V4.5Z", class_=f"tip {shade}")
    return tag(
        "svg",
        [tag("line", x1=x, x2=x, y1="0", y2="100%", class_="pole") for x in poles],
        tag("line", x1=left, x2=right, y1=_ARROW, y2=_ARROW, class_=f"arrow {shade}"),
        tag("svg", tip, x=right if rung.to_target else left, y=_ARROW, class_="loose"),
        tag("text", clip(name, _NARROW + 6), x=middle, y=_ARROW - 6, text_anchor="middle"),
        class_="lanes",
        aria_hidden="true",
    )


def _poles(lanes: int) -> list[str]:
    """Where the poles stand: two for each lane, a little space between lanes."""
    edge = 0.04 / lanes
    return [percent(at) for lane in range(lanes) for at in (lane / lanes + edge, (lane + 1) / lanes - edge)]
