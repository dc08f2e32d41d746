"""10. What was wrong with the PDU that was rejected?"""

from __future__ import annotations

from iscsi_analyzer.analysis.answers.line import BAD, Line, count, detail
from iscsi_analyzer.analysis.outcomes import Rejected
from iscsi_analyzer.analysis.study import Study

_NOT_ODD = ("data bytes captured", "bytes of data")


def rejected(study: Study) -> list[Line]:
    """Rejects, by reason and by what was rejected."""
    lines: list[Line] = []
    for group in study.outcomes.rejected:
        lines += _group(study, group)
    return lines


def _group(study: Study, group: Rejected) -> list[Line]:
    what = count(group.count, group.what or "PDU", f"{group.what or 'PDU'}s")
    verb = "was" if group.count == 1 else "were"
    lines = [
        Line(
            text=f"session {group.session}: {what} {verb} rejected: {group.words} (0x{group.reason:02x})",
            severity=BAD,
            session=group.session,
            pdus=group.pdus,
        )
    ]
    if group.header:
        lines.append(detail(f"the header that was rejected: {group.header}", pdus=group.rejected_pdus))
    lines += [
        detail(f"odd about it: {problem}") for problem in group.problems if not any(w in problem for w in _NOT_ODD)
    ]
    lines += _digest(study, group)
    return lines


def _digest(study: Study, group: Rejected) -> list[Line]:
    """Whether the capture agrees with a digest error."""
    store = study.facts.store
    bad = [pdu for pdu in group.rejected_pdus if "bad" in (store.row(pdu).header_digest, store.row(pdu).data_digest)]
    if group.reason != 2 or not group.rejected_pdus:
        return []
    if bad:
        return [detail("the digest is wrong in the capture, too", pdus=bad)]
    fine = [pdu for pdu in group.rejected_pdus if store.row(pdu).data_digest == "ok"]
    if fine:
        return [
            detail("the digest is right in the capture: the PDU was damaged behind it, or in the target", pdus=fine)
        ]
    return []
