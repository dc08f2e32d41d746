"""Ladders of what a reader wants to see arrow by arrow: failed logins, the last words of sessions that were dropped,
tasks without an answer, failed and slow ones; or what was asked for by its number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from iscsi_analyzer.analysis.ending import CLOSED, REPLACED, RESET, SILENT
from iscsi_analyzer.analysis.logins import COMPLETE, NOT_SEEN, LoginReport
from iscsi_analyzer.export.formats import Part
from iscsi_analyzer.export.html import rungs
from iscsi_analyzer.export.html.markup import Markup, tag
from iscsi_analyzer.export.html.subject import Section, Subject
from iscsi_analyzer.export.ladder import Ladder, ladder_of_pdus, ladder_of_sessions, ladder_of_task
from iscsi_analyzer.export.part import findings_of, tasks_of
from iscsi_analyzer.export.tables import clip
from iscsi_analyzer.export.tasks import Tasks, how_it_ended
from iscsi_analyzer.export.time_text import span
from iscsi_analyzer.model.task import KIND_SCSI, KINDS

MOST_LOGINS: Final = 6
MOST_ENDS: Final = 4
"Dropped sessions whose end is drawn."
LAST_PDUS: Final = 12
"PDUs of such a session that are drawn, the last ones."
MOST_TASKS: Final = 4
"Tasks of one kind that are drawn."
MOST_ASKED_FOR: Final = 50
LONGEST: Final = 600
_UNIT_ATTENTION: Final = 6


class Drawn(NamedTuple):
    """A ladder that is on the page."""

    group: str
    "The heading that it stands below."
    anchor: str
    title: str
    words: str
    command: str
    "Shows all of it as text."
    ladder: Ladder


def chosen(subject: Subject) -> list[Drawn]:
    """What is drawn; `subject` knows from now on of which tasks there is a ladder."""
    return list(_asked_for(subject) if subject.part.numbered else _worst(subject))


def ladders(drawn: list[Drawn]) -> Section | None:
    """The section; None without ladders."""
    if not drawn:
        return None
    body = [tag("p", "Thick arrows carry data, dashed ones are no PDUs.", class_="lead")]
    group = ""
    for each in drawn:
        if each.group != group:
            group = each.group
            body.append(tag("h3", group))
        body.append(_ladder(each))
    return Section("ladders", "Ladders", tag("div", body))


def _ladder(each: Drawn) -> Markup:
    command = tag("code", f"iscsi-analyzer export FILE --format text-ladder {each.command}")
    whole = tag("p", "all of it, as text: ", command, class_="more")
    return tag(
        "details",
        tag("summary", tag("h4", each.title), " ", tag("span", clip(each.words, LONGEST), class_="quiet")),
        rungs.ladder(each.ladder),
        whole,
        id=each.anchor,
        open=True,
    )


def _asked_for(subject: Subject) -> Iterator[Drawn]:
    """What --task and --finding name."""
    part, facts = subject.part, subject.facts
    for number in tasks_of(facts, Part(tasks=part.tasks[:MOST_ASKED_FOR])) if part.tasks else []:
        yield _task(subject, number, "Tasks that were asked for")
    for record in findings_of(subject.store, part)[:MOST_ASKED_FOR]:
        name = f"finding {record.number}"
        pdus = ladder_of_pdus(facts, [*record.related, *record.pdus], name)
        yield Drawn("Findings that were asked for", f"finding-{record.number}", f"{name}: {record.rule}",
                    record.message, f"--finding {record.number}", pdus)  # fmt: skip


def _worst(subject: Subject) -> Iterator[Drawn]:
    yield from _logins(subject)
    yield from _ends(subject)
    outcomes = subject.study.outcomes
    waiting = [each for each in outcomes.unanswered if each.kind == KINDS[KIND_SCSI] and each.request_pdu]
    waiting.sort(key=lambda each: (each.may_be_lost, -each.waited_ns, each.task))
    failed = sorted(outcomes.statuses, key=lambda group: group.sense_key == _UNIT_ATTENTION)
    slowest = subject.report.latency.slowest if subject.report.latency is not None else []
    for title, tasks in (
        ("Tasks without an answer", {each.task: f", waiting for {span(each.waited_ns)}" for each in waiting}),
        ("Tasks that failed, one of each kind", {group.tasks[0]: "" for group in failed if group.tasks}),
        ("Slowest tasks", {each.task: "" for each in slowest}),
    ):
        for number in [task for task in tasks if task not in subject.drawn][:MOST_TASKS]:
            yield _task(subject, number, title, tasks[number])


def _task(subject: Subject, number: int, group: str, more: str = "") -> Drawn:
    subject.drawn.add(number)
    record = Tasks(subject.store).record(number, phases=False)
    what = " ".join(
        word for word in (record.operation or record.kind, "" if record.lun is None else f"on LUN {record.lun}") if word
    )
    words = how_it_ended(record) + more
    if record.latency_ns is not None:
        words += f" after {span(record.latency_ns)}"
    words += f", session {record.session}"
    return Drawn(group, f"task-{number}", f"task {number}: {what}", words, f"--task {number}",
                 ladder_of_task(subject.facts, number))  # fmt: skip


def _logins(subject: Subject) -> Iterator[Drawn]:
    """Logins that failed, one of each kind."""
    told: set[tuple[str, str]] = set()
    for login in subject.study.logins:
        kind = (login.outcome, login.words)
        failed = login.outcome not in (COMPLETE, NOT_SEEN) and login.session in subject.facts.wanted_sessions
        if failed and kind not in told and len(told) < MOST_LOGINS:
            told.add(kind)
            yield _login(subject, login)


def _ends(subject: Subject) -> Iterator[Drawn]:
    """The last words of sessions that were dropped while something was waiting, or for a reason that was seen."""
    dropped = [
        session
        for session in subject.study.sessions
        if session.how in (CLOSED, RESET, SILENT, REPLACED) and (session.reasons or session.ending.waiting_count)
    ]
    for session in dropped[:MOST_ENDS]:
        number = session.session
        pdus = ladder_of_sessions(subject.facts, [number]).numbers
        last = int(pdus[-LAST_PDUS:][0]) if len(pdus) else 0
        by = f" by the {session.by}" if session.by else ""
        words = "; ".join([f"{session.how}{by}", *(reason.words for reason in session.reasons)])
        yield Drawn("How sessions were dropped", f"end-{number}", f"end of session {number}", words,
                    f"--session {number}", ladder_of_sessions(subject.facts, [number], since=last))  # fmt: skip


def _login(subject: Subject, login: LoginReport) -> Drawn:
    whole = ladder_of_sessions(subject.facts, [login.session])
    short = len(whole) <= rungs.HEAD + rungs.TAIL and len(whole.lanes) == 1
    shown = whole if short else ladder_of_pdus(subject.facts, login.pdus, "")
    words = "; ".join([login.words or login.outcome, *login.hints])
    return Drawn("Logins that failed", f"login-{login.connection}", f"login of session {login.session}", words,
                 f"--session {login.session}", shown)  # fmt: skip
