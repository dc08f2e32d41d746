"""PDUs whose bytes are not the same in both captures, and which of their fields or data differ."""

from __future__ import annotations

from itertools import zip_longest
from typing import Final

from dissectors.fields import Node
from dissectors.iscsi import layout as at
from iscsi_analyzer.compare.conversation import Conversation
from iscsi_analyzer.compare.record import Altered
from iscsi_analyzer.compare.side import Side
from iscsi_analyzer.export.pdus import Pdus
from iscsi_analyzer.store.store import Row

MOST: Final = 1000
FIELDS: Final = 6
"Fields that are named."


def altered(a: Side, b: Side, talks: list[Conversation]) -> tuple[list[Altered], int]:
    """The first of them, and how many there are."""
    found = []
    count = 0
    for talk in talks:
        for way in (True, False):
            for first, second in _suspects(talk, way):
                if count >= MOST:
                    count += 1
                    continue
                differs = _differs(a, b, first, second)
                if differs:
                    count += 1
                    found.append(_record(a, b, way, first, second, differs))
    return found, count


def described(side: Side, number: int) -> str:
    """What a PDU is, in a line."""
    pdus = side.store.attachments.get(Pdus)
    if pdus is None:
        pdus = side.store.attachments[Pdus] = Pdus(side.store)
    return str(pdus.dissect(number, side.store.row(number)).summary())


def _suspects(talk: Conversation, way: bool) -> list[tuple[int, int]]:
    """PDUs, by their numbers in A and B, with other headers or within a stretch that differs."""
    each = talk.streams[way]
    pairs = {int(each.a.numbers[i]): int(each.b.numbers[j]) for i, j in _some(talk, way)}
    for place in each.changed.tolist():
        pairs[int(each.a.numbers[each.in_a[place]])] = int(each.b.numbers[each.in_b[place]])
    return sorted(pairs.items())


def _some(talk: Conversation, way: bool) -> list[tuple[int, int]]:
    """Indexes of the PDUs of both within stretches that differ."""
    stretches = talk.changed(way)
    if not stretches:
        return []
    each = talk.streams[way]
    other = dict(zip(each.in_a.tolist(), each.in_b.tolist(), strict=True))
    index = {int(number): place for place, number in enumerate(each.a.numbers.tolist())}
    found = []
    for start, end in stretches:
        for number in talk.pdus_within(True, way, start, end).tolist():
            place = index[number]
            if place in other:
                found.append((place, other[place]))
    return found


def _record(a: Side, b: Side, way: bool, first: int, second: int, differs: list[str]) -> Altered:
    ours, theirs = a.store.row(first), b.store.row(second)
    return Altered(
        direction="I2T" if way else "T2I",
        pdu_a=first,
        pdu_b=second,
        what=described(a, first),
        differs=differs,
        digests=_digests(ours, theirs),
    )


def _digests(a: Row, b: Row) -> str | None:
    words = [
        f"{name} {ours} in A, {theirs} in B"
        for name, ours, theirs in (
            ("header digest", a.header_digest, b.header_digest),
            ("data digest", a.data_digest, b.data_digest),
        )
        if "absent" not in (ours, theirs)
    ]
    return "; ".join(words) or None


def _differs(a: Side, b: Side, first: int, second: int) -> list[str]:
    """What is not the same: fields of the header with both values, then how much of the rest."""
    ours, theirs = a.store.row(first), b.store.row(second)
    found: list[str] = []
    if ours.header != theirs.header:
        found = _fields(a, b, first, second)
        if not found:
            found = [f"bytes {_places(ours.header, theirs.header)} of the header"]
    mine, others = a.store.raw(ours)[at.BHS_LENGTH :], b.store.raw(theirs)[at.BHS_LENGTH :]
    if mine != others and not _lacks(a, ours) and not _lacks(b, theirs):
        places = [place for place, (x, y) in enumerate(zip_longest(mine, others)) if x != y]
        what = "byte" if len(places) == 1 else "bytes"
        found.append(f"{len(places):,} {what} behind the header, the first {places[0]:,} bytes into it")
    return found


def _lacks(side: Side, row: Row) -> bool:
    """Whether bytes of it are missing: what is not there does not differ."""
    return any(position < 0 for position, _ in side.store.spans(row)) or row.data_captured < row.data_segment_length


def _fields(a: Side, b: Side, first: int, second: int) -> list[str]:
    trees = []
    for side, number in ((a, first), (b, second)):
        described(side, number)  # makes the dissector
        row = side.store.row(number)
        trees.append(_flat(side.store.attachments[Pdus].dissect(number, row).tree()))
    found = []
    for label in dict.fromkeys([*trees[0], *trees[1]]):
        ours, theirs = trees[0].get(label), trees[1].get(label)
        if ours != theirs:
            found.append(f"{label} {ours or 'absent'} in A, {theirs or 'absent'} in B")
    more = len(found) - FIELDS
    return found if more <= 0 else [*found[:FIELDS], f"and {more} more"]


def _flat(nodes: list[Node]) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in nodes:
        children = _flat(node.children)
        if children:
            found.update({label: text for label, text in children.items() if label not in found})
        elif node.text:
            found.setdefault(node.label, node.text)
    return found


def _places(first: bytes, second: bytes) -> str:
    return ", ".join(str(place) for place, (x, y) in enumerate(zip(first, second, strict=True)) if x != y)
