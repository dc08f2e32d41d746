"""A crosscheck as text for people."""

from __future__ import annotations

from collections.abc import Iterator

from iscsi_analyzer.crosscheck.record import CrosscheckRecord, DifferenceRecord
from iscsi_analyzer.export.tables import BOLD, GREEN, RED, Style, columns, number, plural, visible, wrapped

WIDTH = 120
_SHOWN_BY = {"ours": "only we", "wireshark": "only Wireshark", "both": "other values"}
_HEADINGS = ("count", "field", "PDUs", "shown by", "frame", "ours", "Wireshark's")


def text(found: CrosscheckRecord, style: Style) -> Iterator[str]:
    """The lines."""
    yield f"{style('Wireshark', BOLD)} {found.wireshark_version} and we"
    yield (
        f"  PDUs    {number(found.matched)} that both show, of {number(found.pdus)} of ours and "
        f"{number(found.wireshark_pdus)} of Wireshark's"
    )
    yield f"  values  {number(found.equal)} that are the same, of {number(found.values)} that were compared"
    if found.complaint:
        yield from wrapped(f"tshark ended early, and nothing behind that was compared: {found.complaint}", "  ", "  ")
    if found.limits:
        yield ""
        yield style("known limits", BOLD)
        wide = max(len(number(limit.count)) for limit in found.limits)
        for limit in found.limits:
            yield from wrapped(
                f"{limit.name}: {limit.explanation}", f"  {number(limit.count):>{wide}}  ", " " * (wide + 4), WIDTH
            )
    unexpected = [difference for difference in found.differences if difference.limit is None]
    if unexpected:
        yield ""
        yield style("unexpected", BOLD)
        yield from columns([_HEADINGS, *map(_row, unexpected)], "rllllll", width=WIDTH)
    yield ""
    if found.unexpected:
        yield f"crosscheck {style('failed', RED)}: {plural(found.unexpected, 'difference')} that nothing explains"
    else:
        known = f": {plural(found.explained, 'difference')}, all of them known limits" if found.explained else ""
        yield f"crosscheck {style('passed', GREEN)}{known}"


def _row(difference: DifferenceRecord) -> tuple[str, ...]:
    example = difference.examples[0]
    return (
        number(difference.count),
        difference.field,
        difference.pdu_kind,
        _SHOWN_BY[difference.shown_by],
        str(example.frame),
        visible(", ".join(example.ours)) or "-",
        visible(", ".join(example.wireshark)) or "-",
    )
