"""Whether what an analysis shows of a damaged capture was really said: each PDU against the truth.

A PDU of the index is a view of a true one if every byte that it claims to have is the true byte at that place. Bytes
may be missing only if the row says so; where the digests are unknown, a PDU may be shown without the last four.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from iscsi_analyzer.streams.spans import GAP
from tests.mangling.analysed import Analysed, Seen, truth_by_stream
from tests.support.talk import Talk
from tests.support.talk_pdu import Pdu

Stream = tuple[int, str]


@dataclass
class Views:
    """What was found of the truth."""

    false: list[str] = field(default_factory=list)
    "PDUs that nobody sent."
    found: dict[Stream, set[int]] = field(default_factory=dict)
    "Of each stream, which of its PDUs are shown, by their place in it."

    def missed(self, truth: dict[Stream, list[Pdu]], lost: set[int]) -> dict[Stream, list[int]]:
        """PDUs that no frame of `lost` (indexes) touches, and that are not shown all the same."""
        return {
            stream: [
                place
                for place, pdu in enumerate(pdus)
                if place not in self.found.get(stream, set()) and lost.isdisjoint(frame for frame, _, _ in pdu.spans)
            ]
            for stream, pdus in truth.items()
        }


def views(talk: Talk, analysed: Analysed) -> Views:
    """Compares everything that an analysis of a damaged capture of `talk` shows with what was said."""
    truth = truth_by_stream(talk)
    out = Views(found={stream: set() for stream in truth})
    for stream, seen in analysed.by_stream(talk).items():
        said = truth.get(stream, [])
        at = 0
        for one in seen:
            place = next((place for place in range(at, len(said)) if is_view(analysed, one, said[place])), None)
            if place is None:
                out.false.append(f"{stream}: PDU {one.number} {one.row.header.hex()} flags {one.row.flags:#x}")
                continue
            out.found[stream].add(place)
            at = place + 1
    return out


def is_view(analysed: Analysed, one: Seen, pdu: Pdu) -> bool:
    """Whether all that the row and its spans say of one PDU is true of `pdu`."""
    row, wire = one.row, pdu.wire
    kept = row.header_captured
    if row.header[:kept] != pdu.header[:kept] or any(row.header[kept:]):
        return False
    at = 0
    for position, length in analysed.store.spans(row):
        if position == GAP:
            if not one.damaged:
                return False
        elif analysed.read_span(position, length) != wire[at : at + length]:
            return False
        at += length
    if at > len(wire) or row.data_captured > len(pdu.data):
        return False
    unknown = "unknown" in (row.header_digest, row.data_digest)
    return one.damaged or at == len(wire) or (unknown and len(wire) - at == 4)
