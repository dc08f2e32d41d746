"""A comparison of two sessions as text: what differs first, then both side by side, differing lines marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Final

from iscsi_analyzer.analysis.text import MARKS, statement
from iscsi_analyzer.compare.sessions_record import (
    ComparedKey,
    ComparedKeyValue,
    ComparedSession,
    SessionComparisonRecord,
)
from iscsi_analyzer.export.tables import BOLD, GREEN, RED, WIDTH, YELLOW, Style, columns, number, visible, wrapped
from iscsi_analyzer.export.time_text import span, utc

LABEL: Final = 14
"Columns in front of the halves, where there is a label."
MARK: Final = "*"
"In front of a line that differs: nothing depends on colour."
_COLOURS: Final = {"bad": RED, "look": YELLOW, "ok": GREEN}


def sessions_text(record: SessionComparisonRecord, *, colour: bool = False, everything: bool = False) -> Iterator[str]:
    """The lines. `everything` shows also keys and counts that are the same."""
    style = Style(colour)
    for name, each in (("A", record.a), ("B", record.b)):
        yield from _session(name, each, style)
    yield ""
    yield style("in short", BOLD)
    for headline in record.headlines:
        for line in statement(visible(headline.text), f" {MARKS.get(headline.severity, ' ')} ", "   "):
            yield style(line, _COLOURS.get(headline.severity, ""))
    yield ""
    yield style("side by side", BOLD) + f"  ({MARK}: differs)"
    yield style(next(_beside(" " * (LABEL - 1), "A", "B")), BOLD)
    yield from _facts(record, style)
    yield from _steps(record, style)
    yield from _keys(record, style, everything)
    yield from _findings(record, style)
    yield from _pdus(record, style, everything)


def _session(name: str, each: ComparedSession, style: Style) -> Iterator[str]:
    yield f"{style(name, BOLD)}  session {each.session} of {visible(each.file)}"
    who = f"{visible(each.initiator_name or '?')} -> {visible(each.target_name or each.session_type)}"
    yield from wrapped(who, "   ", "     ")


def _facts(record: SessionComparisonRecord, style: Style) -> Iterator[str]:
    """One line for each thing that sessions have."""
    a, b = record.a, record.b
    rows = [
        ("initiator", a.initiator_name or "", b.initiator_name or ""),
        ("target", a.target_name or "", b.target_name or ""),
        ("portals", ", ".join(a.portals), ", ".join(b.portals)),
        ("type", a.session_type, b.session_type),
        ("login", _login(a), _login(b)),
        ("came to", a.stage, b.stage),
        ("ended", _ended(a), _ended(b)),
    ]
    for label, ours, theirs in rows:
        yield from _row(label, ours, theirs, style, ours != theirs)
    # What is another one every time is no difference.
    for label, ours, theirs in (
        ("began", f"{utc(_ns(a.time))} UTC", f"{utc(_ns(b.time))} UTC"),
        ("ISID", a.isid or "", b.isid or ""),
        ("took", span(a.duration_ns), span(b.duration_ns)),
        ("login took", span(a.login_ns), span(b.login_ns)),
        ("PDUs", number(a.pdus), number(b.pdus)),
        ("SCSI tasks", number(a.tasks), number(b.tasks)),
        ("latency", _latency(a), _latency(b)),
    ):
        yield from _row(label, ours, theirs, style, differs=False)


def _login(each: ComparedSession) -> str:
    failed = each.login in ("refused", "redirected")
    return f"{each.login}: {each.login_status}" if failed and each.login_status else each.login


def _ended(each: ComparedSession) -> str:
    return f"{each.ended} by the {each.ended_by}" if each.ended_by else each.ended


def _latency(each: ComparedSession) -> str:
    return f"median {span(each.latency.p50)}, p99 {span(each.latency.p99)}" if each.latency.count else ""


def _row(label: str, ours: str, theirs: str, style: Style, differs: bool) -> Iterator[str]:
    """A fact of both; once if it is the same."""
    if not ours and not theirs:
        return
    head = f" {MARK if differs else ' '} {label}"
    if ours == theirs:
        yield from wrapped(visible(ours), f"{head:<{LABEL}}", " " * LABEL)
        return
    for line in _beside(head, ours, theirs):
        yield style(line, YELLOW if differs else "")


def _beside(head: str, ours: str, theirs: str) -> Iterator[str]:
    """Two texts in halves of a line, behind a label."""
    indent = max(LABEL, len(head) + 1) if head else 3
    half = (WIDTH - indent - 3) // 2
    left, right = _wrapped(visible(ours), half), _wrapped(visible(theirs), half)
    for first, second in zip_longest(left, right, fillvalue=""):
        yield f"{head:<{indent}}{first:<{half}} | {second}".rstrip()
        head = ""


def _wrapped(text: str, width: int) -> list[str]:
    """Lines of that width; what is too long for one is cut anywhere."""
    lines: list[str] = []
    for line in wrapped(text, "", "  ", width):
        while len(line) > width:
            lines.append(line[:width])
            line = "  " + line[width:]
        lines.append(line)
    return lines


def _steps(record: SessionComparisonRecord, style: Style) -> Iterator[str]:
    if not record.steps:
        return
    yield ""
    yield style("the login, step by step", BOLD) + "  (> from the initiator, < from the target)"
    for place, step in enumerate(record.steps):
        arrow = ">" if step.direction == "I2T" else "<"
        head = f" {MARK if step.differs else ' '} {place + 1:>2} {arrow} "
        times = _when("A", step.pdu_a, step.after_a_ns), _when("B", step.pdu_b, step.after_b_ns)
        here = "   <- here the logins part" if place == record.first_difference else ""
        half = (WIDTH - 3 - 3) // 2
        yield style(f"{f'{head}{times[0]}':<{half + 3}} | {times[1]}{here}".rstrip(), YELLOW if step.differs else "")
        if step.differs:
            yield from _beside("", step.a or "(nothing)", step.b or "(nothing)")
        else:
            yield from wrapped(visible(step.a or ""), "        ", "        ")


def _when(name: str, pdu: int | None, after: int | None) -> str:
    return "" if pdu is None else f"{name} PDU {pdu}, +{span(after or 0)}"


def _keys(record: SessionComparisonRecord, style: Style, everything: bool) -> Iterator[str]:
    if not record.keys:
        return
    yield ""
    same = [each for each in record.keys if not each.differs]
    rest = f"  ({number(len(same))} are the same; --all shows them)" if same and not everything else ""
    yield style("keys", BOLD) + rest
    for each in record.keys:
        if each.a is None or each.b is None or (not each.differs and not everything):
            continue
        head = f" {MARK if each.differs else ' '} {_name(each)}"
        yield style(head, YELLOW if each.differs else "")
        yield from _beside("", _value(each.a), _value(each.b))
    for name, here, there in (("A", "a", "b"), ("B", "b", "a")):
        only = [each for each in record.keys if getattr(each, there) is None]
        if only:
            words = "; ".join(f"{_name(each)}: {_value(getattr(each, here))}" for each in only)
            yield from wrapped(visible(words), f" {MARK} only in {name}: ", "     ")


def _name(each: ComparedKey) -> str:
    return f"{each.key} ({each.by})" if each.by else each.key


def _value(value: ComparedKeyValue | None) -> str:
    if value is None:
        return "(not said, nothing known)"
    words = []
    if value.offered is not None:
        words.append(f"{value.offered_by} {value.offered}")
    if value.answered is not None:
        words.append(f"answered {value.answered}")
    if value.result is not None and value.result not in (value.offered, value.answered):
        words.append(f"in force {value.result}")
    elif value.result is None and value.offered is not None and value.answered is not None:
        words.append("not in force")
    if value.remark:
        words.append(value.remark)
    return ", ".join(words)


def _findings(record: SessionComparisonRecord, style: Style) -> Iterator[str]:
    if not record.findings:
        return
    yield ""
    yield style("findings", BOLD)
    rows: list[Sequence[str]] = [("", "", "", "", "A", "B")]
    for each in record.findings:
        mark = MARK if bool(each.a) != bool(each.b) else " "
        rows.append((mark, each.severity, each.rule, each.party, number(each.a), number(each.b)))
    yield from columns(rows, "llflrr", indent=1)


def _pdus(record: SessionComparisonRecord, style: Style, everything: bool) -> Iterator[str]:
    yield ""
    yield style("PDUs", BOLD)
    rows: list[Sequence[str]] = [("", "", "", "A", "B")]
    for each in record.pdus:
        if everything or each.a != each.b:
            way = "to target" if each.direction == "I2T" else "to initiator"
            mark = MARK if bool(each.a) != bool(each.b) else " "
            rows.append((mark, each.opcode_name, way, number(each.a), number(each.b)))
    if len(rows) == 1:
        yield "  the same in number"
    else:
        yield from columns(rows, "lflrr", indent=1)


def _ns(text: str) -> int:
    """Nanoseconds of a decimal string of seconds."""
    seconds, _, rest = text.partition(".")
    return int(seconds + rest)
