"""The quick way from rows to CSV: many PDUs at once, by a template for each kind of PDU.

What no template covers is written by `CsvLines`. Both ways write the same for the same PDU; a test compares them on
every sample.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from iscsi_analyzer.export.columns import Column
from iscsi_analyzer.export.pdu_groups import MOST_KINDS, PORTION, RARE, Group, PduGroups, Portion
from iscsi_analyzer.export.pdu_kind import Kind, Numbers
from iscsi_analyzer.export.pdu_view import PduView, Views, end_of
from iscsi_analyzer.export.tabular import CsvLines

_ENDS: Final = {"ip.src": (True, 0), "tcp.srcport": (True, 1), "ip.dst": (False, 0), "tcp.dstport": (False, 1)}
"Columns of the ends of a connection: whether of the source, and which part of the end."
_TIMES: Final = frozenset(("time", "time_last"))
_BILLION: Final = 1_000_000_000


def quickly(columns: Sequence[Column]) -> bool:
    """Whether these columns can be written the quick way."""
    return all(each.record or each.name in _ENDS for each in columns)


class QuickCsv:
    """Writes the PDUs of a store that may still grow; columns must be such that `quickly` says yes."""

    def __init__(self, views: Views, columns: Sequence[Column], *, rare: int = RARE) -> None:
        self._views = views
        self._columns = columns
        self._lines = CsvLines(columns)
        self._groups = PduGroups(views.store, rare=rare)
        self._templates: dict[tuple[Kind, bool], tuple[str, list[str]]] = {}
        self._done = 0
        self._begun = False

    def more(self) -> bytes:
        """The lines of the PDUs that are new since the last call; of chosen ones, of the next portion of them."""
        parts = [] if self._begun else [self._lines.head()]
        self._begun = True
        self._groups.only_disks = self._views.only_disks
        if self._views.chosen is not None:
            parts.append(self._portion(np.array(self._views.chosen.more(), dtype=np.int64)))
        else:
            count = len(self._views.store)
            while self._done < count:
                end = min(self._done + PORTION, count)
                parts.append(self._portion(np.arange(self._done + 1, end + 1, dtype=np.int64)))
                self._done = end
        return "".join(parts).encode("utf-8", "backslashreplace")

    def end(self) -> bytes:
        """What stands after the last PDU."""
        return b""

    def _portion(self, numbers: Numbers) -> str:
        portion = self._groups.portion(numbers)
        lines = np.empty(len(numbers), dtype=object)
        for group in portion.groups:
            template, names = self._template(group)
            values = [self._values(name, group, portion) for name in names]
            lines[group.places] = list(map(template.__mod__, zip(*values, strict=True)))
        for place in portion.rest:
            number = int(numbers[place])
            lines[place] = self._lines.line(PduView(self._views, number, self._views.store.row(number)))
        return "".join(lines.tolist())

    def _template(self, group: Group) -> tuple[str, list[str]]:
        """A % format for the lines of a group, and the names of what it takes."""
        key = (group.kind, "frames" in group.numbers)
        known = self._templates.get(key)
        if known is None:
            cells, names = [], []
            for column in self._columns:
                name = column.record or column.name
                if name in group.kind.same:
                    cells.append(self._lines.constant(group.kind.same[name]).replace("%", "%%"))
                elif name in _TIMES:
                    cells.append("%d.%09d")
                    names += [name, f"{name}/ns"]
                elif name in group.numbers:
                    cells.append("%d")
                    names.append(name)
                elif name in group.texts or name in _ENDS or name == "frames":
                    cells.append("%s")
                    names.append(name)
                else:
                    cells.append("")
            if len(self._templates) >= MOST_KINDS:
                self._templates.clear()
            known = self._templates[key] = (",".join(cells) + "\r\n", names)
        return known

    def _values(self, name: str, group: Group, portion: Portion) -> list[Any]:
        """The values of a group's PDUs for one place of its template."""
        seconds, _, of_nanoseconds = name.partition("/")
        if name in _TIMES:
            return list((group.numbers[name] // _BILLION).tolist())
        if of_nanoseconds:
            return list((group.numbers[seconds] % _BILLION).tolist())
        if name in group.numbers:
            return list(group.numbers[name].tolist())
        if name in group.texts:
            return group.texts[name]
        if name == "frames":
            frames, ends = list(map(str, portion.frames.tolist())), portion.frame_ends
            places = group.places
            return [
                "; ".join(frames[start:end])
                for start, end in zip(ends[places].tolist(), ends[places + 1].tolist(), strict=True)
            ]
        return self._ends(name, group, portion)

    def _ends(self, name: str, group: Group, portion: Portion) -> list[Any]:
        """An address or a port of each PDU."""
        of_source, part = _ENDS[name]
        texts = []
        for connection, to_target in portion.routes:
            link = self._views.store.connections[connection - 1]
            sender = link.to_target or link.first
            direction = sender if to_target else sender.peer
            end = end_of(direction.source if of_source else direction.destination)
            texts.append("" if part == 0 and end[2] else str(end[part]))
        return [texts[route] for route in portion.route[group.places].tolist()]
