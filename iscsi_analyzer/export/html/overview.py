"""The head of the page: which capture, how much of it, the few numbers that size it up, and what to know first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import PurePath

from iscsi_analyzer.analysis.headlines import Headline
from iscsi_analyzer.analysis.text import kept_together
from iscsi_analyzer.export.findings_text import MANY
from iscsi_analyzer.export.html.findings import badge
from iscsi_analyzer.export.html.markup import Child, Markup, tag
from iscsi_analyzer.export.html.subject import Section, Subject
from iscsi_analyzer.export.html.table import facts, more
from iscsi_analyzer.export.report_record import FileRecord
from iscsi_analyzer.export.report_text import in_short
from iscsi_analyzer.export.tables import clip, number, plural, size
from iscsi_analyzer.export.time_text import span, utc
from iscsi_analyzer.rules.rule import SEVERITIES

MOST_FILES = 20
MOST_COMMENTS = 20
MOST_PROBLEMS = 20
LONGEST = 1000
"Letters of a comment."
_SIGNS = {"bad": "!", "look": "?", "info": "•", "ok": "✓"}
_WORDS = {"bad": "hurts", "look": "worth a look", "info": "to know", "ok": "fine"}


def title(subject: Subject) -> str:
    """What the page is called."""
    files = subject.report.files
    if len(files) == 1:
        return _name(files[0].path)
    return plural(len(files), "capture file")


def sign(severity: str) -> Markup:
    """A sign for how much a statement matters, which is a word for those who do not see it."""
    return tag("span", _SIGNS[severity], class_=f"sign {severity}", role="img", aria_label=_WORDS[severity])


def overview(subject: Subject) -> Section:
    """The section at the top."""
    report = subject.report
    tiles = tag("ul", [tag("li", tag("strong", value), " ", tag("span", name)) for name, value in _tiles(subject)],
                class_="tiles")  # fmt: skip
    said = tag("ul", [_headline(each) for each in in_short(report)], class_="short") if report.pdus else None
    nothing = None if report.pdus else tag("p", "No iSCSI was found in what was asked for.")
    limits = None
    if report.limits:
        limits = tag("p", f"About a part of the capture only: {', '.join(report.limits)}", class_="limits")
    body = tag("div", limits, tiles, said, nothing, _input(subject))
    return Section("short", "In short", body)


def _headline(headline: Headline) -> Markup:
    goal = f"#q{headline.question}" if headline.question else "#findings" if headline.severity == "bad" else ""
    link: Child = tag("a", "more", href=goal, class_="on", aria_label=f"more on: {headline.text}") if goal else None
    return tag(
        "li", sign(headline.severity), tag("span", kept_together(headline.text.removesuffix(" (findings)")), " ", link)
    )


def _tiles(subject: Subject) -> Iterator[tuple[str, str]]:
    report = subject.report
    yield "from first to last frame", span(report.duration_ns)
    yield "frame" if report.frames == 1 else "frames", number(report.frames)
    yield "session" if report.sessions == 1 else "sessions", number(report.sessions)
    yield "PDU" if report.pdus == 1 else "PDUs", number(report.pdus)
    if report.latency is not None:
        spread = report.latency.total.latency
        yield "SCSI task measured" if spread.count == 1 else "SCSI tasks measured", number(spread.count)
        yield "median latency", span(spread.p50)
        if spread.count >= 100:
            yield "99th percentile", span(spread.p99)
        yield "slowest", span(spread.max)
    counts: Counter[str] = Counter(finding.severity for finding in report.findings)
    for severity in reversed(SEVERITIES):
        if counts[severity]:
            yield (severity if counts[severity] == 1 else MANY[severity]), number(counts[severity])


def _input(subject: Subject) -> Markup:
    """The files, what is wrong with them, and what is said in them."""
    report = subject.report
    lines: list[tuple[str, Child]] = []
    if report.time is not None and report.time_last is not None:
        began, ended = utc(subject.facts.start), utc(subject.facts.end)
        lines.append(("captured", f"{began} to {ended} UTC"))
    for file in report.files[:MOST_FILES]:
        lines.append(("file", f"{_name(file.path)}: {_about(file)}"))
    for problem in report.problems[:MOST_PROBLEMS]:
        place = "" if problem.offset is None else f" at byte {number(problem.offset)}"
        remedy = f" ({problem.remedy})" if problem.remedy else ""
        said = f" {_name(problem.path)}{place}: {problem.message}{remedy}"
        lines.append(("damage", [badge(problem.severity), said]))
    comments = [(f"frame {comment.frame}", comment.text) for file in report.files for comment in file.packet_comments]
    comments = [("file", comment) for file in report.files for comment in file.comments] + comments
    lines += [("comment", f"{place}: {clip(text, LONGEST)}") for place, text in comments[:MOST_COMMENTS]]
    left = max(0, len(report.files) - MOST_FILES) + max(0, len(comments) - MOST_COMMENTS)
    left += max(0, len(report.problems) - MOST_PROBLEMS)
    return tag("div", facts(lines), more(left, "files, comments and problems", "report --all FILE"))


def _name(path: str) -> str:
    """A file without its directory, which is nobody's business where the page is read."""
    return "standard input" if path == "-" else PurePath(path).name


def _about(file: FileRecord) -> str:
    kind = " ".join(word for word in (file.format, file.variant) if word)
    words = [kind or "not readable", file.compression, "" if file.size is None else size(file.size)]
    words += sorted({interface.link_type.name for interface in file.interfaces})
    words += [
        f"frames cut to {each} bytes" for each in sorted({i.snaplen for i in file.interfaces}) if 0 < each < 65535
    ]
    dropped = sum(interface.dropped or 0 for interface in file.interfaces)
    words += [f"{plural(dropped, 'frame')} dropped while capturing"] if dropped else []
    words += [f"written by {file.application}"] if file.application else []
    return ", ".join(word for word in words if word)
