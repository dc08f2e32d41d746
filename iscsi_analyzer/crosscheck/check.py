"""The whole crosscheck: Wireshark reads the capture that we have read; every difference is counted, and explained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from iscsi_analyzer.crosscheck import wireshark
from iscsi_analyzer.crosscheck.compare import Comparison
from iscsi_analyzer.crosscheck.difference import VALUES, Difference
from iscsi_analyzer.crosscheck.known import Known, explanation
from iscsi_analyzer.crosscheck.ours import shared_columns
from iscsi_analyzer.crosscheck.record import CrosscheckRecord, DifferenceExample, DifferenceRecord, LimitRecord
from iscsi_analyzer.export.pcapng_copy import Editor, rewritten

if TYPE_CHECKING:
    from iscsi_analyzer.analysis.focus import Focus
    from iscsi_analyzer.run import Analysis

EXAMPLES: Final = 5
"Places of each kind of difference that are told."
KINDS: Final = 2000
"Kinds of differences that are told one by one."
CLIPPED: Final = 80
"Characters of a value that are told."
_READABLE: Final = ("", "gzip")
"Compression that every tshark reads."
_DATA: Final = ("iscsi.immediatedata", "iscsi.pingdata", "iscsi.vendorspecificdata", "iscsi.asynceventdata")
_TEXT: Final = ("iscsi.keyvalue", "iscsi.login.chap_")


def crosscheck(
    analysis: Analysis, focus: Focus | None = None, tell: Callable[[int, int], None] = lambda done, total: None
) -> CrosscheckRecord:
    """Compares a finished analysis, which can give the bytes of every PDU, with what Wireshark says. With `focus`, only
    differences about its PDUs count. `tell` hears how many frames of how many are done. Raises wireshark.Unavailable,
    and wireshark.Failed if tshark cannot even name its fields."""
    comparison = Comparison(analysis.store, shared_columns(set(wireshark.formats())))
    wanted = None if focus is None else focus.pdus()
    account = Account()
    total = int(analysis.engine.frames)

    def told(frames: Iterator[wireshark.Frame]) -> Iterator[wireshark.Frame]:
        for frame in frames:
            tell(frame.number, total)
            yield frame

    with readable(analysis) as path:
        for difference in comparison.differences(told(wireshark.frames(path, ports_of(analysis)))):
            if wanted is None or (difference.pdu and wanted[difference.pdu - 1]):
                account.add(difference)
    return CrosscheckRecord(
        wireshark_version=wireshark.version(),
        files=[file.path for file in analysis.capture.files],
        pdus=comparison.pdus,
        wireshark_pdus=comparison.theirs,
        matched=comparison.matched,
        values=comparison.fields,
        equal=comparison.equal,
        explained=sum(account.limits.values()),
        unexpected=account.unexpected,
        limits=[
            LimitRecord(name=known.name, explanation=known.sentence, count=count)
            for known, count in account.limits.most_common()
        ],
        differences=account.records(),
        complaint=comparison.complaint or None,
    )


class Account:
    """Counts differences by kind."""

    def __init__(self) -> None:
        self.limits: Counter[Known] = Counter()
        "The known limits that showed."
        self.unexpected = 0
        "Differences that nothing explains."
        self._kinds: dict[tuple[str, str, str, str | None], DifferenceRecord] = {}

    def add(self, difference: Difference) -> None:
        """Takes in one more."""
        known = explanation(difference)
        if known is None:
            self.unexpected += 1
        else:
            self.limits[known] += 1
        key = (difference.field, difference.side, difference.kind, known.name if known else None)
        record = self._kinds.get(key)
        if record is None:
            if len(self._kinds) >= KINDS:
                return
            record = self._kinds[key] = DifferenceRecord(
                field=difference.field,
                shown_by="both" if difference.side == VALUES else difference.side,
                pdu_kind=difference.kind,
                count=0,
                limit=key[3],
                examples=[],
            )
        record.count += 1
        if len(record.examples) < EXAMPLES:
            record.examples.append(
                DifferenceExample(
                    pdu=difference.pdu or None,
                    frame=difference.frame,
                    ours=shown(difference.field, difference.ours),
                    wireshark=shown(difference.field, difference.wireshark),
                )
            )

    def records(self) -> list[DifferenceRecord]:
        """The kinds of differences, the unexpected ones first, then by their number."""
        return sorted(self._kinds.values(), key=lambda each: (each.limit is not None, -each.count))


def shown(field: str, values: tuple[str, ...]) -> list[str]:
    """Values as they may be told: of data only how long they are, of keys no secrets."""
    if field in _DATA:
        return [f"{len(value) // 2} bytes" for value in values]
    if field.startswith(_TEXT):
        values = tuple(value.partition("=")[0] + "=..." if value.startswith("CHAP_") else value for value in values)
        if not field.startswith(_TEXT[0]):
            return ["..." for _ in values]
    return [value if len(value) <= CLIPPED else value[:CLIPPED] + "..." for value in values]


def ports_of(analysis: Analysis) -> list[int]:
    """The ports on which targets talk iSCSI in the capture, and those that the user named."""
    found = dict.fromkeys(analysis.options.ports)
    for connection in analysis.store.connections:
        sender = connection.to_target or connection.first
        found[int.from_bytes(sender.destination[-2:], "big")] = None
    return list(found)


@contextmanager
def readable(analysis: Analysis) -> Iterator[str]:
    """The path of a capture file with the frames that were read, which every tshark reads: the file itself, or a copy
    if it is compressed, comes from a pipe, or is several files."""
    [file, *others] = analysis.capture.files
    if not others and file.path != "-" and file.compression in _READABLE:
        yield file.path
        return
    with TemporaryDirectory(prefix="iscsi-analyzer-") as directory:
        path = Path(directory) / "capture.pcapng"
        with open(path, "wb") as stream:
            stream.writelines(rewritten(analysis, Editor()))
        yield str(path)
