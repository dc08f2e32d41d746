"""The report as text for a terminal of 80 columns. Says nothing where there is nothing to say."""

from __future__ import annotations

from collections.abc import Iterator

from iscsi_analyzer.analysis.headlines import Headline
from iscsi_analyzer.analysis.text import section_lines, statement
from iscsi_analyzer.export.connections_text import connection_block, connection_table, summed_up
from iscsi_analyzer.export.findings_text import rule_lines, summary
from iscsi_analyzer.export.report_record import DigestCounts, FileRecord, InterfaceRecord, LossRecord, ReportRecord
from iscsi_analyzer.export.tables import (
    BOLD,
    RED,
    WIDTH,
    YELLOW,
    Style,
    columns,
    listed,
    number,
    plural,
    size,
    visible,
    wrapped,
)
from iscsi_analyzer.export.time_text import span, utc

IN_FULL = 3
"So many connections are told about one by one."
SHOWN = 20
"Rows of longer lists."
HEADLINE = 3
"Lines of a statement among those to know first."
FILES = 5
_SLOW = 3
"The question whose first line tells the latencies."
COMMENTS = 5


def report_text(report: ReportRecord, *, colour: bool = False, everything: bool = False) -> Iterator[str]:
    """The lines of the report. `everything` leaves no list unfinished."""
    style = Style(colour)
    shown = len(report.connections) if everything else SHOWN
    yield from _input(report, style, everything)
    yield from _headlines(report, style)
    yield from _connections(report, style, shown)
    if report.pdus:
        yield from _pdus(report, style)
        yield from _statuses(report, style)
        yield from _digests(report, style)
    yield from _missing(report, style, everything)
    yield from _tcp(report, style)
    yield from _rest(report, style, everything)
    yield from _findings(report, style, everything)
    yield from _answers(report, style)


def _headlines(report: ReportRecord, style: Style) -> Iterator[str]:
    """What to know first, each with the number of the answer below that tells more."""
    if not report.pdus:
        return
    yield ""
    yield f"{style('in short', BOLD)}  (in brackets: the answer that tells more)"
    marks = {"bad": ("!", RED), "look": ("?", YELLOW)}
    for headline in in_short(report):
        mark, colour = marks.get(headline.severity, (" ", ""))
        more = f" ({headline.question})" if headline.question else ""
        for line in _clipped(statement(visible(headline.text) + more, f" {mark} ", "   "), more):
            yield style(line, colour)


def in_short(report: ReportRecord) -> list[Headline]:
    """What to know first: the headlines, then the rules whose breaking is an error; else that nothing stands out."""
    found = list(report.headlines)
    errors = dict.fromkeys(finding.rule for finding in report.findings if finding.severity == "error")
    if errors:
        rules = listed([*errors] if len(errors) <= FILES else [*list(errors)[:FILES], f"{len(errors) - FILES} more"])
        found.append(Headline(question=0, severity="bad", text=f"broken rules: {rules} (findings)"))
    if not found:
        times = next((answer.lines[0].text for answer in report.answers if answer.question == _SLOW), "")
        text = f"nothing stands out{'; ' if times else ''}{times}"
        found.append(Headline(question=0, severity="info", text=text))
    return found


def _clipped(lines: list[str], tail: str) -> list[str]:
    """The first lines of a statement; `tail` stands at its end."""
    if len(lines) <= HEADLINE:
        return lines
    last = lines[HEADLINE - 1]
    return [*lines[: HEADLINE - 1], f"{last[: WIDTH - 4 - len(tail)].rpartition(' ')[0].rstrip(',;:')} ...{tail}"]


def _findings(report: ReportRecord, style: Style, everything: bool) -> Iterator[str]:
    """The rules that were broken, a line each."""
    if not report.findings:
        return
    yield ""
    yield f"{style('findings', BOLD)}  {summary(report.findings, report.findings_not_kept)}"
    lines = list(rule_lines(report.findings, style))
    shown = lines if everything else lines[:SHOWN]
    yield from shown
    if len(lines) > len(shown):
        yield f"  ... and {plural(len(lines) - len(shown), 'more rule')}"
    yield "  (iscsi-analyzer findings FILE shows where, explain RULE what it means)"


def _answers(report: ReportRecord, style: Style) -> Iterator[str]:
    """What the capture says to the questions that it is opened for."""
    colours = {"!": RED, "?": YELLOW}
    for section in report.answers:
        yield ""
        for line in map(visible, section_lines([section])):
            mark = line[1:2] if line.startswith(" ") else "title"
            yield style(line, BOLD if mark == "title" else colours.get(mark, ""))


def _input(report: ReportRecord, style: Style, everything: bool) -> Iterator[str]:
    """The files, and what of them are frames."""
    files = report.files
    before: list[str] = []
    for file in files if everything else files[:FILES]:
        about = [*_about(file, style)]
        yield from _file(file, style)
        yield from about if about != before else ()
        before = about
    if len(files) > FILES and not everything:
        yield f"... and {plural(len(files) - FILES, 'more file')}"
    line = f"  {plural(report.frames, 'frame')}"
    if report.time is not None and report.time_last is not None:
        ended = utc(_ns(report.time_last))
        began = utc(_ns(report.time))
        if began[:10] == ended[:10]:
            ended = ended[11:]
        line += f", {began} to {ended} UTC ({span(report.duration_ns)})"
    yield line
    types = report.link_types
    if len(types) > 1:
        counts = [f"{each.name} ({plural(each.frames, 'frame')})" for each in types]
        yield f"  link types: {listed(counts)}"
    comments = [(file, comment) for file in files for comment in file.packet_comments]
    for file, comment in comments if everything else comments[:COMMENTS]:
        place = f"frame {comment.frame}" + (f" of {file.path}" if len(files) > 1 else "")
        yield from wrapped(f"comment on {place}: {visible(comment.text)}", "  ", "    ")
    if len(comments) > COMMENTS and not everything:
        yield f"  ... and {plural(len(comments) - COMMENTS, 'more comment')} on frames"
    for problem in report.problems:
        place = "" if problem.offset is None else f" at byte {problem.offset:,}"
        remedy = f" ({problem.remedy})" if problem.remedy else ""
        text = f"{problem.severity}: {problem.path}{place}: {problem.message}{remedy}"
        for line in wrapped(visible(text), "  ", "    "):
            yield style(line, {"error": RED, "warning": YELLOW}.get(problem.severity, ""))


def _file(file: FileRecord, style: Style) -> Iterator[str]:
    kind = " ".join(word for word in (file.format, file.variant) if word)
    facts = [kind or "not readable", file.compression, "" if file.size is None else size(file.size)]
    facts += sorted({interface.link_type.name for interface in file.interfaces})
    limit = min((interface.snaplen for interface in file.interfaces if interface.snaplen), default=0)
    if 0 < limit < 65535:
        facts.append(f"frames cut to {limit} bytes")
    name = "standard input" if file.path == "-" else visible(file.path)
    lines = wrapped(", ".join(fact for fact in facts if fact), f"{name}  ", "  ")
    yield style(name, BOLD) + lines[0].removeprefix(name)
    yield from lines[1:]


def _about(file: FileRecord, style: Style) -> Iterator[str]:
    """Where the frames of a file come from; files of a ring buffer say all the same."""
    if file.application:
        yield from wrapped(f"written by {visible(file.application)}", "  ", "    ")
    for comment in file.comments:
        yield from wrapped(f"comment: {visible(comment)}", "  ", "    ")
    for interface in file.interfaces:
        yield from _interface(interface, style)


def _interface(interface: InterfaceRecord, style: Style) -> Iterator[str]:
    """An interface, if there is more to it than its link type."""
    facts = [f"filter {visible(interface.filter)}"] if interface.filter else []
    if interface.received is not None and interface.dropped:
        facts.append(f"{number(interface.received)} received")
    if interface.name or facts:
        name = visible(interface.name) or f"number {interface.number}"
        yield from wrapped(", ".join([f"interface {name}", *facts]), "  ", "    ")
    if interface.dropped:
        yield style(f"    {plural(interface.dropped, 'frame')} dropped while capturing: bytes are missing", YELLOW)


def _connections(report: ReportRecord, style: Style, shown: int) -> Iterator[str]:
    if report.limits:
        limits = f"only a part of it is told below: {visible(', '.join(report.limits))}"
        yield from (style(line, YELLOW) for line in wrapped(limits, "  ", "    "))
    yield ""
    total = len(report.connections)
    if not total:
        yield style("nothing of it in what was asked for" if report.limits else "no iSCSI found", BOLD)
        if report.tcp_frames and not report.limits and not report.others_on_iscsi_ports:
            yield "  (on another port than 3260 and 860, without its login? --port N names it)"
        return
    facts = [plural(total, "iSCSI connection"), plural(report.sessions, "session"), plural(report.pdus, "PDU")]
    yield style(", ".join(facts), BOLD)
    if total <= IN_FULL:
        for connection in report.connections:
            yield ""
            yield from connection_block(connection, style)
        return
    yield from connection_table(report.connections[:shown], style)
    if total > shown:
        yield f"  ... the first {shown} of {number(total)}; all: iscsi-analyzer connections FILE"
    yield from summed_up(report.connections)
    if len(report.logins) > 1:
        yield ""
        yield style("logins", BOLD)
        yield from columns([(number(each.count), each.outcome) for each in report.logins], "rf")


def _pdus(report: ReportRecord, style: Style) -> Iterator[str]:
    yield ""
    yield style("PDUs", BOLD)
    rows = [("", "to target", "data", "to initiator", "data")]
    names: dict[int, list[str]] = {}
    for each in sorted(report.pdu_counts, key=lambda count: (count.direction != "I2T", count.opcode)):
        cells = names.setdefault(each.opcode, [each.opcode_name, "", "", "", ""])
        place = 1 if each.direction == "I2T" else 3
        cells[place : place + 2] = [number(each.count), size(each.data_bytes) if each.data_bytes else ""]
    rows += [(cells[0], cells[1], cells[2], cells[3], cells[4]) for cells in names.values()]
    yield from columns(rows, "frrrr")
    odd = [
        (report.cut_pdus, "with bytes missing from the capture"),
        (report.unfinished_pdus, "not finished when the capture or their connection ended"),
        (report.odd_pdus, "with a header that their sender may not send"),
    ]
    for count, words in odd:
        if count:
            yield "  " + style(f"{number(count)} {words}", YELLOW)


def _statuses(report: ReportRecord, style: Style) -> Iterator[str]:
    if not report.scsi_statuses:
        return
    yield ""
    yield style("SCSI status", BOLD)
    rows = [(each.scsi_status_name, number(each.count)) for each in report.scsi_statuses]
    for line, each in zip(columns(rows, "fr"), report.scsi_statuses, strict=True):
        yield style(line, "" if each.status == 0 else YELLOW)


def _digests(report: ReportRecord, style: Style) -> Iterator[str]:
    """Digests, if any connection uses them."""
    lines = []
    for label, counts, settings in (
        ("header", report.header_digests, [each.header_digest for each in report.connections]),
        ("data", report.data_digests, [each.data_digest for each in report.connections]),
    ):
        if counts.ok or counts.bad or "CRC32C" in settings:
            lines.append(f"  {label:<8}{_digest_words(counts, style)}")
    if lines:
        yield ""
        yield style("digests", BOLD)
        yield from lines


def _digest_words(counts: DigestCounts, style: Style) -> str:
    facts = [f"{number(counts.ok)} ok"]
    if counts.bad:
        facts.append(style(f"{number(counts.bad)} bad", RED) + f" (first: PDU {counts.first_bad_pdu})")
    if counts.unknown:
        facts.append(f"{number(counts.unknown)} cannot be told")
    return ", ".join(facts)


def _missing(report: ReportRecord, style: Style, everything: bool) -> Iterator[str]:
    """Gaps and skipped bytes by connection and direction."""
    by_place: dict[tuple[str, int, str], list[LossRecord]] = {}
    for loss in report.losses:
        by_place.setdefault((loss.kind, loss.connection, loss.direction), []).append(loss)
    sliced = [each for each in report.connections if _sliced(each.initiator_to_target, each.target_to_initiator)]
    if not by_place and not sliced:
        return
    yield ""
    yield style("missing from the capture, or not framed", BOLD)
    rows = []
    for (kind, connection, direction), losses in by_place.items():
        who = "initiator" if direction == "I2T" else "target"
        first = losses[0]
        words = "missing from the capture" if kind == "gap" else "captured, but no PDU could be found in them"
        what = f"{size(sum(loss.bytes for loss in losses))} {words}"
        times = f"{number(len(losses))} times, first" if len(losses) > 1 else "once,"
        rows.append((f"connection {connection}", f"from the {who}", what, f"{times} at frame {first.frame}"))
    shown = rows if everything else rows[:SHOWN]
    for row in shown:
        yield from wrapped(" ".join([f"{row[0]}, {row[1]}:", f"{row[2]},", row[3]]), "  ", "    ")
    if len(rows) > len(shown):
        yield f"  ... and {number(len(rows) - len(shown))} more (--all lists them)"
    if report.losses_not_listed:
        yield f"  and {plural(report.losses_not_listed, 'loss', 'losses')} more than were noted"
    cut = sum(side.snaplen_bytes for each in sliced for side in (each.initiator_to_target, each.target_to_initiator))
    if cut:
        yield f"  {size(cut)} were cut off by the snap length, on {plural(len(sliced), 'connection')}"


def _sliced(*sides: object) -> bool:
    return any(getattr(side, "snaplen_bytes", 0) for side in sides)


_TCP = (
    ("retransmitted", "segments with bytes that had come before (retransmission)"),
    ("out_of_order", "segments ahead of bytes that came later or never"),
    ("duplicates", "copies of frames, made by the capture"),
    ("conflicts", "segments that contradict bytes seen before"),
    ("keep_alives", "keep-alive probes"),
    ("zero_windows", "times a receive window was closed (zero window)"),
)


def _tcp(report: ReportRecord, style: Style) -> Iterator[str]:
    """What is out of the ordinary at TCP level, over all connections."""
    rows = []
    for name, words in _TCP:
        up = sum(getattr(each.initiator_to_target, name) for each in report.connections)
        down = sum(getattr(each.target_to_initiator, name) for each in report.connections)
        if up or down:
            rows.append((number(up), number(down), words))
    if rows or report.bad_checksums:
        yield ""
        yield style("TCP", BOLD) + "  (from initiators, from targets)"
        yield from columns(rows, "rrf")
    if report.bad_checksums:
        yield f"  {plural(report.bad_checksums, 'segment')} left out for a wrong checksum"


def _rest(report: ReportRecord, style: Style, everything: bool) -> Iterator[str]:
    """What carries no iSCSI."""
    if report.others_on_iscsi_ports:
        yield ""
        yield style("on iSCSI ports, but not iSCSI", BOLD)
        rows = []
        for each in report.others_on_iscsi_ports if everything else report.others_on_iscsi_ports[:SHOWN]:
            first, second = each.example
            ends = f"{_end(first.address, first.port)} -> {_end(second.address, second.port)}"
            rows.append((number(each.count), each.carries, ends if each.count == 1 else f"first {ends}"))
        yield from columns(rows, "rfl")
    elsewhere = report.other_connections - sum(each.count for each in report.others_on_iscsi_ports)
    if not (report.not_decoded or report.ip_fragments or elsewhere):
        return
    yield ""
    yield style("not looked into", BOLD)
    rows = [
        (number(each.frames), plural(each.frames, "frame").split(" ")[1], each.reason) for each in report.not_decoded
    ]
    if elsewhere:
        words = "on other ports, that show no sign of iSCSI"
        rows.append((number(elsewhere), "TCP " + ("connection" if elsewhere == 1 else "connections"), words))
    yield from columns([(count, f"{what} {words}") for count, what, words in rows], "rf")
    if report.ip_fragments:
        facts = [f"{number(count)} {words}" for words, count in report.ip_fragments.items()]
        yield from wrapped(f"IP fragments: {', '.join(facts)}", "  ", "    ")


def _end(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _ns(text: str) -> int:
    """Nanoseconds of a decimal string of seconds."""
    seconds, _, rest = text.partition(".")
    return int(seconds + rest)
