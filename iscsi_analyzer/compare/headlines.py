"""What to know first of two captures, in sentences: network or target, what was lost, changed and late."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from iscsi_analyzer.analysis.answers.line import BAD, INFO, LOOK, OK
from iscsi_analyzer.compare import losses
from iscsi_analyzer.compare.record import ComparedTasks, ComparisonRecord, MissingCount, Statement, TaskParts
from iscsi_analyzer.compare.tasks import values_of
from iscsi_analyzer.export.tables import listed, number, plural
from iscsi_analyzer.export.time_text import span

MOSTLY: Final = 0.6
"The share from which on one part is the answer."
_VERDICTS: Final = (
    "it is the target, not the network",
    "it is the network, not the target",
    "it is the sending of read data, at the pace of target or TCP",
    "it is the initiator",
)
"By the part that takes most, in the order of `shares.PARTS`."
WORDS: Final = (
    "at the target",
    "in the network between the captures",
    "while Data-In leaves the target's side",
    "waiting for the initiator's commands and Data-Out",
)
FROM: Final = {"I2T": "from the initiator", "T2I": "from the target"}
_WAYS: Final = {"I2T": "on the way to the target", "T2I": "on the way to the initiator"}


def headlines(record: ComparisonRecord) -> list[Statement]:
    """The statements, the answer to the question network or target first."""
    return [Statement(text=text, severity=severity) for text, severity in _statements(record)]


def _statements(record: ComparisonRecord) -> Iterator[tuple[str, str]]:
    if not record.connections:
        yield "the two captures have no connection with iSCSI in common", LOOK
        yield from _attempts(record)
        return
    if record.tasks is not None:
        yield from _verdict(record.tasks)
    if record.altered_count:
        yield f"{plural(record.altered_count, 'PDU')} changed on the way: A and B do not have the same bytes", BAD
    told = [each for count in record.missing_counts for each in _missing(record, count)]
    yield from sorted(told, key=lambda each: each[1] != BAD)
    for way in record.ways:
        if way.late_pdus:
            words = f"{plural(way.late_pdus, 'PDU')} {FROM[way.direction]} took longer than {span(way.late_after_ns)}"
            yield f"{words} between A and B, the slowest {span(way.pdus.max)}", LOOK
    yield from _alone(record)
    yield from _attempts(record)
    clocks = record.clocks
    if clocks is not None and clocks.contradictions:
        words = f"{plural(clocks.contradictions, 'segment')} would have arrived before being sent"
        yield f"the clocks do not run evenly, so delays are doubtful: {words}", LOOK
    if record.identical:
        late = any(way.late_pdus for way in record.ways)
        yield f"nothing was lost or changed{'' if late else ', or late,'} between A and B", OK


def _verdict(tasks: ComparedTasks) -> Iterator[tuple[str, str]]:
    parts, slow = shares_of(tasks.parts), shares_of(tasks.slow_parts)
    first, slow_first = _most(parts), _most(slow)
    said = listed(f"{share:.0%} {WORDS[part]}" for part, share in _told(parts))
    words = _VERDICTS[first] if parts[first] >= MOSTLY else "no single part has the most"
    medians = f"median {span(tasks.latency.p50)}, of which {span(tasks.at_target.p50)} from the target's side on"
    yield f"{words}: the time of {plural(tasks.count, 'SCSI task')} ({medians}) passes {said}", INFO
    if slow_first != first and slow[slow_first] >= MOSTLY and tasks.slow_count < tasks.count:
        told = listed(f"{share:.0%} {WORDS[part]}" for part, share in _told(slow))
        which = "the slowest one" if tasks.slow_count == 1 else f"the {number(tasks.slow_count)} slowest"
        yield f"of {which} of them {_VERDICTS[slow_first]}: {told}", LOOK


def shares_of(parts: TaskParts) -> list[float]:
    """Which part of the whole each is."""
    values = values_of(parts)
    whole = max(1, sum(values))
    return [value / whole for value in values]


def _most(parts: list[float]) -> int:
    return max(range(len(parts)), key=lambda part: parts[part])


def _told(parts: list[float]) -> list[tuple[int, float]]:
    """The parts worth telling, the largest first."""
    found = sorted(enumerate(parts), key=lambda part: -part[1])
    return [part for part in found if part[1] >= 0.005]


def _missing(record: ComparisonRecord, count: MissingCount) -> Iterator[tuple[str, str]]:
    if count.fate in (losses.OUTSIDE, losses.ACKNOWLEDGEMENT, losses.REPEATED):
        return
    lacks, has = count.missing_in, "A" if count.missing_in == "B" else "B"
    what = plural(count.count, "segment") if count.kind == losses.DATA else f"{number(count.count)} {count.kind}"
    pdus = f" ({plural(count.pdus, 'PDU')})" if count.pdus else ""
    was, were = ("was", "it") if count.count == 1 else ("were", "they")
    if count.fate == losses.LOST:
        late = [each.late_ns for each in record.missing if _is(each, count)]
        longest = f", up to {span(max(late))} late" if late else ""
        yield f"{what}{pdus} {was} lost {_WAYS[count.direction]} and sent again{longest}", BAD
    elif count.fate == losses.NEVER:
        yield f"{what}{pdus} {FROM[count.direction]} never came to {lacks}, and nobody acknowledged {_it(were)}", BAD
    elif count.fate == losses.ADDED:
        yield f"{what} {FROM[count.direction]} is in {has}, but not in {lacks}, nearer to its sender", BAD
    elif count.fate == losses.NOT_CAPTURED:
        side = record.a if lacks == "A" else record.b
        drops = f"; its file says that {plural(side.dropped, 'frame')} were dropped" if side.dropped else ""
        why = "nearer to the sender" if _is_near(record, count) else f"{_its(were)} receiver acknowledged {_it(were)}"
        yield f"{lacks} lacks {what}{pdus} {FROM[count.direction]}: not captured, {why}{drops}", LOOK
    else:
        yield f"{lacks} lacks {what}{pdus} {FROM[count.direction]}: lost or not captured, it cannot be told", LOOK


def _it(word: str) -> str:
    return "it" if word == "it" else "them"


def _its(word: str) -> str:
    return "its" if word == "it" else "their"


def _is(each: object, count: MissingCount) -> bool:
    names = ("missing_in", "direction", "kind", "fate")
    return all(getattr(each, name) == getattr(count, name) for name in names)


def _is_near(record: ComparisonRecord, count: MissingCount) -> bool:
    """What is missing was sent by the side that is nearer to the capture that lacks it."""
    nearer = None if record.clocks is None else record.clocks.nearer_to_initiator
    if nearer is None:
        return False
    return (nearer == count.missing_in) == (count.direction == "I2T")


def _alone(record: ComparisonRecord) -> Iterator[tuple[str, str]]:
    for which in ("A", "B"):
        some = [each for each in record.alone if each.capture == which and not each.outside]
        if some:
            first = some[0]
            example = f"{first.initiator} -> {first.portal}"
            words = f"{plural(len(some), 'connection')} only in {which}"
            yield f"{words}: {example}" if len(some) == 1 else f"{words}, the first: {example}", LOOK


def _attempts(record: ComparisonRecord) -> Iterator[tuple[str, str]]:
    """Connections tried in vain, by what either capture saw of them."""
    kinds = dict.fromkeys((each.a, each.b) for each in record.attempts)
    for kind in kinds:
        some = [each for each in record.attempts if (each.a, each.b) == kind]
        example = f"{some[0].initiator} -> {some[0].portal}"
        words = f"{plural(len(some), 'attempt')} to connect ({example if len(some) == 1 else f'the first: {example}'})"
        if "absent" in kind:
            has, lacks = ("A", "B") if kind[1] == "absent" else ("B", "A")
            saw = kind[0] if has == "A" else kind[1]
            yield f"{words} {'is' if len(some) == 1 else 'are'} {saw} in {has}, and not in {lacks} at all", BAD
        else:
            yield f"{words}: {kind[0]} in A, {kind[1]} in B", BAD
