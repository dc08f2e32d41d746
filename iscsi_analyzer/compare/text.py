"""A comparison of two captures as text for a terminal of 80 columns. Says nothing where there is nothing to say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from iscsi_analyzer.analysis.stats import Spread
from iscsi_analyzer.analysis.text import MARKS, statement
from iscsi_analyzer.compare import losses
from iscsi_analyzer.compare.headlines import FROM, WORDS, shares_of
from iscsi_analyzer.compare.record import (
    ComparedCapture,
    ComparedClocks,
    ComparedConnection,
    ComparedTasks,
    ComparisonRecord,
    Missing,
    MissingCount,
)
from iscsi_analyzer.export.tables import (
    BOLD,
    GREEN,
    RED,
    YELLOW,
    Style,
    columns,
    number,
    plural,
    size,
    visible,
    wrapped,
)
from iscsi_analyzer.export.time_text import span, utc

SHOWN: Final = 12
"Rows of longer lists."
_COLOURS: Final = {"bad": RED, "look": YELLOW, "ok": GREEN}
_FATES: Final = {
    losses.LOST: "lost on the way, came again",
    losses.NEVER: "never came or acknowledged",
    losses.NOT_CAPTURED: "not captured, but got there",
    losses.REPEATED: "needless copy",
    losses.ADDED: "not seen near its sender",
    losses.UNKNOWN: "lost or not captured",
    losses.OUTSIDE: "outside of the other's time",
    losses.ACKNOWLEDGEMENT: "lost or missed, harmless",
}
_TO: Final = {"I2T": "to target", "T2I": "to initiator"}
_SHORT: Final = {losses.ACKNOWLEDGEMENT: "bare ACK", losses.DATA: "segment"}


def comparison_text(record: ComparisonRecord, *, colour: bool = False, everything: bool = False) -> Iterator[str]:
    """The lines. `everything` leaves no list unfinished."""
    style = Style(colour)
    most = 1 << 30 if everything else SHOWN
    for name, capture in (("A", record.a), ("B", record.b)):
        yield from _capture(name, capture, style)
    yield ""
    yield style("in short", BOLD)
    for headline in record.headlines:
        mark = MARKS.get(headline.severity, " ")
        for line in statement(visible(headline.text), f" {mark} ", "   "):
            yield style(line, _COLOURS.get(headline.severity, ""))
    if record.clocks is not None:
        yield from _clocks(record.clocks, style)
    yield from _connections(record, style, most)
    yield from _ways(record, style)
    yield from _tasks(record.tasks, record.clocks, style, most)
    yield from _missing(record, style, most)
    yield from _altered(record, style, most)
    yield from _late(record, style, most)


def _capture(name: str, capture: ComparedCapture, style: Style) -> Iterator[str]:
    files = visible(capture.files[0]) + (f" and {len(capture.files) - 1} more" if len(capture.files) > 1 else "")
    yield f"{style(name, BOLD)}  {files}"
    line = f"   {plural(capture.frames, 'frame')}, {plural(capture.connections, 'iSCSI connection')}, "
    line += plural(capture.pdus, "PDU")
    if capture.time is not None and capture.time_last is not None:
        line += f", {utc(_ns(capture.time))[:19]} UTC, {span(capture.duration_ns)}"
    yield from statement(line.strip(), "   ", "   ")
    odd = []
    if capture.dropped:
        odd.append(f"{plural(capture.dropped, 'frame')} dropped while capturing")
    if capture.copies:
        odd.append(f"{plural(capture.copies, 'segment')} captured twice (told once)")
    for words in odd:
        yield style(f"   {words}", YELLOW)


def _clocks(clocks: ComparedClocks, style: Style) -> Iterator[str]:
    yield ""
    yield style("clocks", BOLD)
    if clocks.offset_ns:
        first, second = ("B", "A") if clocks.offset_ns > 0 else ("A", "B")
        text = f"{first} is {_exact(abs(clocks.offset_ns), clocks.uncertainty_ns)} ahead of {second}"
    else:
        text = "A and B show the same time"
    if not clocks.bounded:
        text += ", if the quickest segment took no time: only one direction is in both captures"
    else:
        text += f", +- {span(clocks.uncertainty_ns)}"
    if clocks.drift_ppm:
        gains, ppm = ("gains", clocks.drift_ppm) if clocks.drift_ppm > 0 else ("loses", -clocks.drift_ppm)
        text += f" at {utc(_ns(clocks.since))[11:19]}, and B {gains} {ppm:.3g} ppm"
    yield from statement(text, "  ", "    ")
    measured = f"from {plural(clocks.samples, 'segment')} that both have"
    if clocks.nearer_to_initiator is None and clocks.bounded:
        yield from statement(f"both were made at the same place, {measured}", "  ", "    ")
    elif clocks.bounded:
        way = f"{measured}; the quickest way there and back takes {span(clocks.path_ns)}"
        near = f"{clocks.nearer_to_initiator} was made nearer to the initiator"
        yield from statement(f"{near}, told {way}", "  ", "    ")
        note = "how the two ways share it cannot be seen: equal halves are assumed"
        yield from statement(note, "  ", "    ")


def _exact(ns: int, uncertainty: int) -> str:
    """A duration with the digits that its uncertainty leaves."""
    if ns < 10_000_000:
        return span(ns)
    digits = max(0, min(9, 10 - len(str(max(1, uncertainty)))))
    return f"{ns / 1e9:,.{digits}f} s"


def _connections(record: ComparisonRecord, style: Style, most: int) -> Iterator[str]:
    if not record.connections and not record.alone:
        return
    yield ""
    yield style(f"connections  {number(len(record.connections))} in both", BOLD)
    for each in record.connections[:most]:
        yield from wrapped(_connection(each), "  ", "    ")
    if len(record.connections) > most:
        yield f"  ... and {number(len(record.connections) - most)} more (--all lists them)"
    for lone in record.alone[:most]:
        when = ", outside of the time of the other" if lone.outside else ""
        ends = f"{lone.initiator} -> {lone.portal}"
        text = f"only in {lone.capture}: connection {lone.connection}, {ends}, {plural(lone.pdus, 'PDU')}{when}"
        yield from (style(line, "" if lone.outside else YELLOW) for line in wrapped(text, "  ", "    "))
    if len(record.alone) > most:
        yield f"  ... and {number(len(record.alone) - most)} more in one capture only"
    for count, which, other in ((record.not_framed_b, "A", "B"), (record.not_framed_a, "B", "A")):
        if count:
            words = f"{plural(count, 'PDU')} of {which} could not be told in {other}, whose capture has their bytes"
            yield from wrapped(words, "  ", "    ")


def _connection(each: ComparedConnection) -> str:
    ours, theirs = f"{each.initiator_a} -> {each.portal_a}", f"{each.initiator_b} -> {each.portal_b}"
    ends = ours if ours == theirs else f"{ours} is {theirs} in B"
    facts = [f"recognised by {each.recognised_by}", f"{plural(each.pdus, 'PDU')} in both"]
    facts += [f"{number(each.pdus_only_a)} only in A"] if each.pdus_only_a else []
    facts += [f"{number(each.pdus_only_b)} only in B"] if each.pdus_only_b else []
    facts += [f"{plural(each.segments, 'segment')} in both"] if each.segments else []
    facts += ["segments cut otherwise on the way"] if each.resegmented else []
    facts += ["sequence numbers rewritten on the way"] if each.sequence_rewritten else []
    facts += ["TCP ends between A and B: only PDUs are compared"] if each.separate_tcp else []
    return f"A {each.a} = B {each.b}: {ends}; {', '.join(facts)}"


def _ways(record: ComparisonRecord, style: Style) -> Iterator[str]:
    if not record.ways or record.clocks is None:
        return
    yield ""
    between = "how far their times differ" if record.clocks.nearer_to_initiator is None else "one-way delay"
    yield style(f"{between} between A and B", BOLD)
    rows: list[Sequence[str]] = [("", "", "number", "p50", "p95", "p99", "max", "late")]
    for way in record.ways:
        for what, found, late in (
            ("segments", way.segments, way.late_segments),
            ("PDUs", way.pdus, way.late_pdus),
        ):
            if found.count:
                rows.append((_TO[way.direction], what, *_spread(found), number(late)))
    yield from columns(rows, "llrrrrrr")
    limits = dict.fromkeys(span(way.late_after_ns) for way in record.ways)
    yield f"  (late: longer than {' and '.join(limits)})"


def _spread(found: Spread) -> tuple[str, ...]:
    return (
        number(found.count),
        *(span(value) for value in (found.p50, found.p95, found.p99, found.max)),
    )


def _tasks(tasks: ComparedTasks | None, clocks: ComparedClocks | None, style: Style, most: int) -> Iterator[str]:
    if tasks is None:
        if clocks is not None and clocks.bounded and clocks.nearer_to_initiator is None:
            yield ""
            yield "network or target: captures of one place cannot tell"
        return
    yield ""
    yield style(f"where the time of {plural(tasks.count, 'SCSI task')} went", BOLD)
    rows = [("", "all", f"slowest {number(tasks.slow_count)}")]
    for words, share, slow in zip(WORDS, shares_of(tasks.parts), shares_of(tasks.slow_parts), strict=True):
        rows.append((words, f"{share:.1%}", f"{slow:.1%}"))
    yield from columns(rows, "lrr")
    yield ""
    rows_of: list[Sequence[str]] = [("", "number", "p50", "p95", "p99", "max")]
    for words, found in (
        ("latency at the initiator's side", tasks.latency),
        ("latency at the target's side", tasks.at_target),
        ("network, both ways", tasks.network),
    ):
        values = (found.p50, found.p95, found.p99, found.max)
        rows_of.append((words, number(found.count), *(span(value) for value in values)))
    yield from columns(rows_of, "lrrrrr")
    if len(tasks.operations) > 1:
        yield ""
        table: list[Sequence[str]] = [("", "number", "median", "at target", "target", "network", "data", "initiator")]
        for each in tasks.operations[:most]:
            shares = [f"{share:.0%}" for share in shares_of(each.parts)]
            medians = (span(each.latency_p50_ns), span(each.target_p50_ns))
            table.append((each.operation, number(each.count), *medians, *shares))
        yield from columns(table, "frrrrrrr")
    yield ""
    yield "  the slowest"
    slowest: list[Sequence[str]] = [("task in A", "in B", "", "latency", "target", "network", "data", "initiator")]
    for task in tasks.slowest[: 20 if most > SHOWN else 5]:
        parts = task.parts
        spans = [span(value) for value in (task.latency_ns, parts.target, parts.network, parts.data, parts.initiator)]
        slowest.append((str(task.task_a), str(task.task_b), task.operation, *spans))
    yield from columns(slowest, "rrfrrrrr")


def _missing(record: ComparisonRecord, style: Style, most: int) -> Iterator[str]:
    if not record.missing_counts:
        return
    yield ""
    yield style("in one capture only", BOLD)
    rows = []
    for count in record.missing_counts:
        what = plural(count.count, _SHORT.get(count.kind, count.kind))
        pdus = plural(count.pdus, "PDU") if count.pdus else ""
        has = "A" if count.missing_in == "B" else "B"
        amount = size(count.bytes) if count.bytes else ""
        rows.append((has, _TO[count.direction], what, amount, pdus, _fate(count)))
    yield from columns(rows, "llrrrf")
    listed = [each for each in record.missing if each.fate not in (losses.OUTSIDE, losses.ACKNOWLEDGEMENT)]
    harmless = [each for each in record.missing if each.fate in (losses.OUTSIDE, losses.ACKNOWLEDGEMENT)]
    if most > SHOWN:
        listed, harmless = listed + harmless, []
    if listed:
        yield ""
    for each in listed[:most]:
        yield from wrapped(_one(each), "  ", "      ")
    if len(listed) > most:
        yield f"  ... and {number(len(listed) - most)} more"
    if harmless or len(listed) > most:
        yield "  (--all lists all of them)"
    if record.missing_not_listed:
        yield f"  {plural(record.missing_not_listed, 'more')} of them are counted only"


def _fate(each: Missing | MissingCount) -> str:
    return _FATES.get(each.fate, each.fate)


def _one(each: Missing) -> str:
    has = "A" if each.missing_in == "B" else "B"
    what = f"{size(each.bytes)}" if each.kind == losses.DATA else each.kind
    text = f"{has} frame {each.frame}, {FROM[each.direction]}: {what}"
    if each.pdus:
        numbers = ", ".join(str(pdu) for pdu in each.pdus[:4])
        more = f" and {each.pdus_count - 4} more" if each.pdus_count > 4 else ""
        text += f" of PDU {numbers}{more}"
    text += f": {_fate(each)}"
    if each.instead_frame is not None and each.fate != losses.REPEATED:
        text += f" with {each.missing_in} frame {each.instead_frame}"
        text += f", {span(each.late_ns)} late" if each.late_ns else ""
    return text


def _altered(record: ComparisonRecord, style: Style, most: int) -> Iterator[str]:
    if not record.altered:
        return
    yield ""
    yield style("changed on the way", BOLD)
    for each in record.altered[:most]:
        yield from wrapped(f"A PDU {each.pdu_a} = B PDU {each.pdu_b}: {visible(each.what)}", "  ", "    ")
        for words in each.differs:
            yield from wrapped(visible(words), "    - ", "      ")
        if each.digests:
            yield from wrapped(each.digests, "    - ", "      ")
    if record.altered_count > len(record.altered[:most]):
        yield f"  ... and {number(record.altered_count - len(record.altered[:most]))} more"


def _late(record: ComparisonRecord, style: Style, most: int) -> Iterator[str]:
    if not record.late:
        return
    yield ""
    yield style("late PDUs", BOLD) + "  (the latest first)"
    for each in record.late[:most]:
        ends = f"A PDU {each.pdu_a} (frame {each.frame_a}) = B PDU {each.pdu_b} (frame {each.frame_b})"
        text = f"{span(each.delay_ns)}  {ends}: {visible(each.what)}; {each.cause}"
        yield from wrapped(text, "  ", "    ")
    count = sum(way.late_pdus for way in record.ways)
    if count > len(record.late[:most]):
        yield f"  ... and {number(count - len(record.late[:most]))} more"


def _ns(text: str) -> int:
    """Nanoseconds of a decimal string of seconds."""
    seconds, _, rest = text.partition(".")
    return int(seconds + rest)
