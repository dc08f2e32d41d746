"""8. Was the command window closed?"""

from __future__ import annotations

from typing import Final

from iscsi_analyzer.analysis.answers.line import BAD, LOOK, Line, at, count, detail
from iscsi_analyzer.analysis.load import SessionLoad
from iscsi_analyzer.analysis.study import Study
from iscsi_analyzer.export.time_text import span

LONG_NS: Final = 100_000_000
SHARE: Final = 0.01
BAD_SHARE: Final = 0.1


def window(study: Study) -> list[Line]:
    """Sessions whose initiator could send no command for a time that counts."""
    lines: list[Line] = []
    for load in study.load.sessions:
        lines += _session(study, load)
    return lines


def _session(study: Study, load: SessionLoad) -> list[Line]:
    busy = max(1, load.last_ns - load.first_ns)
    share = load.closed_ns / busy
    if load.longest_closure_ns < LONG_NS and (share < SHARE or load.closures < 2) and not load.closed_at_end:
        return []
    lines = []
    if load.closures:
        times = "once" if load.closures == 1 else f"{load.closures:,} times"
        text = f"session {load.session}: the command window was used up {times}, for {span(load.closed_ns)} in all"
        if load.closures > 1:
            text += f" ({min(share, 1):.0%} of the time with commands)"
        severity = BAD if share >= BAD_SHARE or load.longest_closure_ns >= 10 * LONG_NS else LOOK
        lines.append(Line(text=text, severity=severity, session=load.session))
        longest = f"for {span(load.longest_closure_ns)} at most, {at(study.facts, load.longest_closure_at_ns)}"
        if load.outstanding_max:
            verb = "was" if load.outstanding_max == 1 else "were"
            longest += f"; up to {count(load.outstanding_max, 'SCSI task')} {verb} outstanding"
            longest += f", {load.outstanding_mean:.1f} on average"
        lines.append(detail(longest))
    if load.closed_at_end:
        text = f"session {load.session}: the command window was still used up at the end"
        lines.append(Line(text=text, severity=LOOK, session=load.session))
    return lines
