"""Two sessions in, one record out: how each login went, what was offered, answered and put in force, how they ended,
what the rules found, and what differs first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from dissectors.iscsi.words import OPCODES
from iscsi_analyzer import build_info
from iscsi_analyzer.analysis.answers.line import BAD, INFO, LOOK, OK
from iscsi_analyzer.analysis.focus import Focus
from iscsi_analyzer.analysis.keys import ConnectionKeys
from iscsi_analyzer.analysis.sessions import SessionSummary
from iscsi_analyzer.analysis.stats import Spread
from iscsi_analyzer.analysis.study import Study
from iscsi_analyzer.compare.login_steps import keys, steps
from iscsi_analyzer.compare.record import Statement
from iscsi_analyzer.compare.sessions_record import (
    ComparedCount,
    ComparedFinding,
    ComparedKey,
    ComparedSession,
    ComparedStep,
    SessionComparisonRecord,
)
from iscsi_analyzer.export.findings import finding_records
from iscsi_analyzer.export.report import SCHEMA_VERSION
from iscsi_analyzer.export.tables import listed
from iscsi_analyzer.export.time_text import decimal, span
from iscsi_analyzer.run import Analysis
from iscsi_analyzer.store.rows import FLAG_TO_TARGET

_NAMED = 4
"Keys and rules that a headline names."
_SLOWER = 2
"So many times the median is worth telling."


class One(NamedTuple):
    """A session of a finished analysis."""

    analysis: Analysis
    number: int


class _Side:
    """What is known of one of the two."""

    def __init__(self, one: One) -> None:
        self.analysis = one.analysis
        store = one.analysis.store
        self.focus = Focus(store, sessions=[one.number])
        self.study = Study(store, self.focus)
        self.summary: SessionSummary = self.study.session[one.number]
        self.keys: ConnectionKeys = self.study.keys[self.summary.connections[0].connection - 1]

    def findings(self) -> Counter[tuple[str, str, str]]:
        """How often each rule was broken: (name, severity, party)."""
        found: Counter[tuple[str, str, str]] = Counter()
        for each in finding_records(self.analysis.store, self.focus):
            found[each.rule, each.severity, each.party] += each.count
        return found

    def counts(self) -> Counter[tuple[bool, int]]:
        """PDUs by direction and opcode."""
        facts = self.study.facts
        mine = np.flatnonzero(facts.wanted_pdus)
        to_target = facts.pdu_flags[mine] & FLAG_TO_TARGET != 0
        values, counts = np.unique(facts.opcode[mine].astype(np.int64) << 1 | to_target, return_counts=True)
        return Counter(
            {(bool(key & 1), key >> 1): count for key, count in zip(values.tolist(), counts.tolist(), strict=True)}
        )

    def record(self) -> ComparedSession:
        """The record of the session."""
        summary = self.summary
        login = summary.connections[0].login
        latency = self.study.latency
        return ComparedSession(
            file=self.analysis.capture.files[0].path,
            session=summary.session,
            session_type=summary.type,
            initiator_name=summary.initiator_name or None,
            target_name=summary.target_name or None,
            isid=summary.isid or None,
            tsih=summary.tsih or None,
            portals=summary.portals,
            connections=[each.connection for each in summary.connections],
            time=decimal(summary.begin_ns),
            duration_ns=summary.end_ns - summary.begin_ns,
            login=login.outcome,
            login_words=login.words or None,
            login_hints=login.hints,
            login_status=login.status_words or None,
            stage=login.stage,
            login_ns=login.took_ns,
            ended=summary.how,
            ended_by=summary.by or None,
            reasons=[reason.words for reason in summary.reasons],
            pdus=sum(each.pdus_to_target + each.pdus_to_initiator for each in summary.connections),
            tasks=summary.tasks,
            latency=latency.total.latency if latency.measured else Spread(count=0),
        )


def compare_sessions(a: One, b: One) -> SessionComparisonRecord:
    """Everything about the two. Raises KeyError for a session that there is not."""
    ours, theirs = _Side(a), _Side(b)
    first, second = ours.record(), theirs.record()
    login, values = steps(ours.keys, theirs.keys), keys(ours.keys, theirs.keys)
    findings = list(_findings(ours, theirs))
    differs = next((place for place, step in enumerate(login) if step.differs), None)
    headlines = _headlines(first, second, login, differs, values, findings)
    return SessionComparisonRecord(
        schema_version=SCHEMA_VERSION,
        analyzer=f"{build_info.__version__}, {build_info.describe()}",
        a=first,
        b=second,
        headlines=[Statement(text=text, severity=severity) for text, severity in headlines],
        first_difference=differs,
        steps=login,
        keys=values,
        findings=findings,
        pdus=list(_counts(ours, theirs)),
    )


def _findings(a: _Side, b: _Side) -> Iterator[ComparedFinding]:
    ours, theirs = a.findings(), b.findings()
    order = ("error", "warning", "note")
    for key in sorted({*ours, *theirs}, key=lambda key: (order.index(key[1]), key)):
        yield ComparedFinding(rule=key[0], severity=key[1], party=key[2], a=ours[key], b=theirs[key])


def _counts(a: _Side, b: _Side) -> Iterator[ComparedCount]:
    ours, theirs = a.counts(), b.counts()
    for to_target, opcode in sorted({*ours, *theirs}, key=lambda key: (not key[0], key[1])):
        yield ComparedCount(
            direction="I2T" if to_target else "T2I",
            opcode=opcode,
            opcode_name=OPCODES(opcode),
            a=ours[to_target, opcode],
            b=theirs[to_target, opcode],
        )


def _headlines(
    a: ComparedSession, b: ComparedSession, login: list[ComparedStep], differs: int | None,
    values: list[ComparedKey], findings: list[ComparedFinding],
) -> Iterator[tuple[str, str]]:  # fmt: skip
    """What differs, the first and the worst of it first."""
    told = 0
    settled = _keys(values) if a.login == b.login == "complete" else ()
    for text, severity in (
        *_outcome(a, b), *_first(login, differs), *settled, *_rules(findings), *_ends(a, b), *_times(a, b),
    ):  # fmt: skip
        told += 1
        yield text, severity
    if not told:
        yield "nothing differs in login, keys, findings and end", OK


def _outcome(a: ComparedSession, b: ComparedSession) -> Iterator[tuple[str, str]]:
    if a.login == b.login and a.login_status == b.login_status:
        if a.login_words:
            yield f"both logins fail alike: {a.login_words}", BAD
        return
    for name, each in (("A", a), ("B", b)):
        if each.login == "complete":
            yield f"the login of {name} reached the full feature phase in {span(each.login_ns)}", INFO
        elif each.login_words:
            yield f"the login of {name} did not: {each.login_words}", BAD
            for hint in each.login_hints:
                yield f"{name}: {hint}", LOOK
        else:
            yield f"the login of {name} is not in the capture, or not all of it", LOOK


def _first(login: list[ComparedStep], differs: int | None) -> Iterator[tuple[str, str]]:
    if differs is None:
        return
    step = login[differs]
    who = "the initiator" if step.direction == "I2T" else "the target"
    place = f"the logins part at step {differs + 1}, where {who}"
    if step.a is None or step.b is None:
        has = "A" if step.a is not None else "B"
        yield f"{place} says something in {has} only", LOOK
        return
    ours, theirs = step.a.split(" "), step.b.split(" ")
    only_a, only_b = _without(ours, theirs), _without(theirs, ours)
    yield f"{place} says {only_a or 'less'} in A, {only_b or 'less'} in B", LOOK


def _without(words: list[str], others: list[str]) -> str:
    found = [word for word in words if word not in others]
    return " ".join(found[:_NAMED]) + (" ..." if len(found) > _NAMED else "")


def _keys(values: list[ComparedKey]) -> Iterator[tuple[str, str]]:
    settled = [each for each in values if each.differs and _results(each)]
    if settled:
        words = [f"{_name(each)} {_result(each, 'a')} in A, {_result(each, 'b')} in B" for each in settled[:_NAMED]]
        words += [f"{len(settled) - _NAMED} more"] if len(settled) > _NAMED else []
        yield f"in force is not the same: {listed(words)}", LOOK


def _results(each: ComparedKey) -> bool:
    """Whether both sessions came to a result, and not to the same."""
    return (
        each.a is not None
        and each.b is not None
        and None not in (each.a.result, each.b.result)
        and (each.a.result != each.b.result)
    )


def _name(each: ComparedKey) -> str:
    return f"{each.key} of the {each.by}" if each.by else each.key


def _result(each: ComparedKey, side: str) -> str:
    return str(getattr(getattr(each, side), "result", None))


def _rules(findings: list[ComparedFinding]) -> Iterator[tuple[str, str]]:
    for name, mine, other in (("A", "a", "b"), ("B", "b", "a")):
        only = [
            each for each in findings if getattr(each, mine) and not getattr(each, other) and each.severity != "note"
        ]
        if only:
            names = [each.rule for each in only[:_NAMED]] + (
                [f"{len(only) - _NAMED} more"] if len(only) > _NAMED else []
            )
            errors = any(each.severity == "error" for each in only)
            yield f"only {name} breaks {listed(names)}", BAD if errors else LOOK


def _ends(a: ComparedSession, b: ComparedSession) -> Iterator[tuple[str, str]]:
    if (a.ended, a.ended_by) != (b.ended, b.ended_by) and "login failed" not in (a.ended, b.ended):
        words = []
        for name, each in (("A", a), ("B", b)):
            by = f" by the {each.ended_by}" if each.ended_by else ""
            why = f" ({each.reasons[0]})" if each.reasons else ""
            words.append(f"{name} ended: {each.ended}{by}{why}")
        yield "; ".join(words), LOOK


def _times(a: ComparedSession, b: ComparedSession) -> Iterator[tuple[str, str]]:
    ours, theirs = a.latency, b.latency
    if not ours.count or not theirs.count:
        return
    slow, quick = max(ours.p50, theirs.p50), min(ours.p50, theirs.p50)
    if slow > _SLOWER * max(1, quick):
        which = "A" if ours.p50 == slow else "B"
        yield f"tasks take longer in {which}: median {span(ours.p50)} in A, {span(theirs.p50)} in B", LOOK
