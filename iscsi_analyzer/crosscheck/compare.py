"""Our PDUs beside Wireshark's: which are the same PDU, and in what they differ.

PDUs belong together if the same frame completes them. Those that are left over belong together if they have the same
numbers: Wireshark may show a PDU in another frame. Both sides come in the order of frames, and what waits for its
counterpart is bounded, so memory does not grow with the capture.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from typing import Final, Generic, TypeVar

from dissectors.iscsi.words import OPCODES
from iscsi_analyzer.crosscheck.connections import Circumstances, Connections
from iscsi_analyzer.crosscheck.difference import FRAME, OURS, PDU, VALUES, WIRESHARK, Difference
from iscsi_analyzer.crosscheck.ours import by_frame, together
from iscsi_analyzer.crosscheck.wireshark import Failed, Frame, Values
from iscsi_analyzer.export.columns import Column, named_fields
from iscsi_analyzer.export.pdu_view import PduView
from iscsi_analyzer.store.store import Store

WAITING: Final = 4096
"PDUs of one side that wait for their counterparts, at most."
NUMBERS: Final = (
    "iscsi.opcode",
    "iscsi.initiatortasktag",
    "iscsi.cmdsn",
    "iscsi.expstatsn",
    "iscsi.maxcmdsn",
    "iscsi.datasn",
    "iscsi.r2tsn",
    "iscsi.bufferOffset",
)
"What PDUs that are the same have in common."
_ONCE: Final = ("scsi.lun", "scsi_sbc.opcode")
"Fields that Wireshark shows once for each layer."
_AS_BYTES: Final = ("iscsi.isid", "scsi_sbc.rdwr16.lba")

Signature = tuple[str, ...]
Item = TypeVar("Item")


class Waiting(Generic[Item]):
    """PDUs that wait for their counterparts, by their numbers."""

    def __init__(self) -> None:
        self._items: OrderedDict[Signature, deque[Item]] = OrderedDict()
        self._size = 0

    def put(self, signature: Signature, item: Item) -> list[Item]:
        """Lets one more wait; returns those that wait no longer."""
        self._items.setdefault(signature, deque()).append(item)
        self._size += 1
        return [self._first() for _ in range(self._size - WAITING)]

    def take(self, signature: Signature) -> Item | None:
        """The one with these numbers that has waited longest."""
        found = self._items.get(signature)
        if found is None:
            return None
        item = found.popleft()
        self._size -= 1
        if not found:
            del self._items[signature]
        return item

    def rest(self) -> list[Item]:
        """All that are left; they wait no longer."""
        return [self._first() for _ in range(self._size)]

    def _first(self) -> Item:
        signature = next(iter(self._items))
        item = self.take(signature)
        assert item is not None
        return item


class Comparison:
    """Compares the two sides, and counts."""

    def __init__(self, store: Store, columns: dict[str, Column]) -> None:
        """`columns` are the fields that are compared. The store has everything."""
        self.pdus = 0
        "PDUs of ours."
        self.theirs = 0
        "PDUs that Wireshark shows."
        self.matched = 0
        "PDUs that both show."
        self.fields = 0
        "Values that were compared."
        self.equal = 0
        "Values that were the same."
        self.complaint = ""
        "Why tshark did not go on to the end; what lies behind was not compared."
        self._store = store
        self._columns = columns
        self._numbers = [name for name in NUMBERS if name in columns]
        self._connections = Connections(store)
        self._ours: Waiting[tuple[PduView, Circumstances]] = Waiting()
        self._theirs: Waiting[tuple[int, Values, Circumstances]] = Waiting()
        self._last: PduView | None = None

    def differences(self, theirs: Iterable[Frame]) -> Iterator[Difference]:
        """Everything in which they differ. `theirs` come in the order of frames; what lies behind the last frame that
        was read is not of interest."""
        ours = by_frame(self._store)
        here = next(ours, None)
        for frame in self._until_failure(theirs):
            if frame.number > self._store.engine.frames:
                break
            while here is not None and here[0] < frame.number:
                yield from self._frame(here[0], here[1], [])
                here = next(ours, None)
            self._last = here[1][0] if here is not None and here[1][0].row.frame_first <= frame.number else self._last
            if here is not None and here[0] == frame.number:
                yield from self._frame(frame.number, here[1], frame.pdus)
                here = next(ours, None)
            else:
                yield from self._frame(frame.number, [], frame.pdus)
        while here is not None and not self.complaint:
            yield from self._frame(here[0], here[1], [])
            here = next(ours, None)
        for view, around in self._ours.rest():
            yield _only_ours(view, around)
        for number, values, around in self._theirs.rest():
            yield _only_wireshark(number, values, around)

    def _until_failure(self, theirs: Iterable[Frame]) -> Iterator[Frame]:
        try:
            yield from theirs
        except Failed as failed:
            self.complaint = str(failed)

    def _frame(self, number: int, ours: list[PduView], theirs: list[Values]) -> Iterator[Difference]:
        """The PDUs of one frame."""
        self.pdus += len(ours)
        self.theirs += len(theirs)
        for view in ours:
            self._connections.note(view)
            self._last = view
        if len(ours) == len(theirs) and all(map(_same_opcode, ours, theirs)):
            yield from self._pairs(ours, theirs)
            return
        left: dict[Signature, deque[Values]] = {}
        for values in theirs:
            left.setdefault(self._signature_of(values), deque()).append(values)
        pairs: list[tuple[PduView, Values]] = []
        for view in ours:
            signature = self._signature(view)
            if left.get(signature):
                pairs.append((view, left[signature].popleft()))
                continue
            found = self._theirs.take(signature)
            if found is not None:
                yield from self._elsewhere(view, found[0], found[1], len(ours))
                continue
            around = self._connections.around(view, len(ours))
            self._connections.not_shown(view)
            for pushed in self._ours.put(signature, (view, around)):
                yield _only_ours(*pushed)
        for view, values in pairs:
            yield from self._pair(view, values, len(ours))
        for signature, several in left.items():
            for values in several:
                mine = self._ours.take(signature)
                if mine is not None:
                    yield from self._elsewhere(mine[0], number, values, mine[1].shared)
                    continue
                around = self._connections.around(self._last, len(theirs)) if self._last else Circumstances()
                for lost in self._theirs.put(signature, (number, values, around)):
                    yield _only_wireshark(*lost)

    def _pairs(self, ours: list[PduView], theirs: list[Values]) -> Iterator[Difference]:
        """The PDUs of a frame in which both sides show the same ones."""
        for view, values in zip(ours, theirs, strict=True):
            yield from self._pair(view, values, len(ours))
        for name, each in self._columns.items():
            if together(name):
                left = sorted(text for view in ours for text in each.get(view))
                right = sorted(text for values in theirs for text in _printed(name, values))
                if name in _ONCE:
                    left, right = sorted(set(left)), sorted(set(right))
                yield from self._values(name, ours[0], left, right, len(ours))

    def _pair(self, view: PduView, values: Values, shared: int) -> Iterator[Difference]:
        """The fields of one PDU, but for those that stand beside it."""
        self.matched += 1
        for name, each in self._columns.items():
            if not together(name):
                yield from self._values(name, view, each.get(view), _printed(name, values), shared)

    def _values(self, name: str, view: PduView, left: list[str], right: list[str], shared: int) -> Iterator[Difference]:
        if not left and not right:
            return
        self.fields += 1
        if left == right:
            self.equal += 1
            return
        side = VALUES if left and right else OURS if left else WIRESHARK
        around = self._connections.around(view, shared)
        frame = view.row.frame_last
        yield Difference(name, side, view.pdu.name, view.number, frame, tuple(left), tuple(right), around)

    def _elsewhere(self, view: PduView, frame: int, values: Values, shared: int) -> Iterator[Difference]:
        """A PDU that Wireshark shows in another frame."""
        yield from self._pair(view, values, shared)
        yield from self._values(FRAME, view, [str(view.row.frame_last)], [str(frame)], shared)

    def _signature(self, view: PduView) -> Signature:
        return tuple("".join(self._columns[name].get(view)) for name in self._numbers)

    def _signature_of(self, values: Values) -> Signature:
        return tuple("".join(values.get(name, ())) for name in self._numbers)


def _only_ours(view: PduView, around: Circumstances) -> Difference:
    return Difference(PDU, OURS, view.pdu.name, view.number, view.row.frame_last, (view.pdu.name,), (), around)


def _only_wireshark(frame: int, values: Values, around: Circumstances) -> Difference:
    codes = values.get("iscsi.opcode") or ["0x3f"]
    kind = OPCODES(int(codes[0], 16))
    return Difference(PDU, WIRESHARK, kind, 0, frame, (), (kind,), around)


def _same_opcode(view: PduView, values: Values) -> bool:
    """A Reject has two opcodes for Wireshark: its own comes first."""
    found = values.get("iscsi.opcode") or ["-1"]
    return int(found[0], 16) == view.row.opcode


def _printed(name: str, values: Values) -> list[str]:
    """Wireshark's values as we print them: bytes without colons."""
    facts = named_fields().get(name)
    found = values.get(name, [])
    if name in _AS_BYTES or (facts is not None and facts.kind == "bytes"):
        return [value.replace(":", "") for value in found]
    return found
