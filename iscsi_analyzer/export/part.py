"""Which tasks, findings and PDUs a part of a capture has, that a user asked for by number, by filter, or not at all.

Numbers that do not exist raise LookupError, with words for the user.
"""

from __future__ import annotations

import numpy as np

from iscsi_analyzer.analysis.facts import Facts, Numbers
from iscsi_analyzer.export.findings import FindingRecord, finding_records
from iscsi_analyzer.export.formats import Part
from iscsi_analyzer.export.ladder import pdus_of_task
from iscsi_analyzer.store.store import Store
from iscsi_analyzer.store.tasks import task_row


def findings_of(store: Store, part: Part) -> list[FindingRecord]:
    """The findings that were asked for by number; none if none were."""
    if not part.findings:
        return []
    known = {record.number: record for record in finding_records(store)}
    for number in part.findings:
        if number not in known:
            raise LookupError(f"--finding {number}: there is no such finding; the command findings lists them")
    return [known[number] for number in part.findings]


def tasks_of(facts: Facts, part: Part) -> list[int]:
    """The tasks of the part: those that were asked for, or whose PDUs show the findings that were; else all that its
    focus leaves. `facts` are those of its focus."""
    if not part.numbered:
        return [int(index) + 1 for index in np.flatnonzero(facts.wanted)]
    for number in part.tasks:
        if number > facts.task_count:
            raise LookupError(f"--task {number}: there is no such task; there are {facts.task_count}")
    shown = {pdu for record in findings_of(facts.store, part) for pdu in (*record.related, *record.pdus)}
    requests = {int(facts.pdu_request[pdu - 1]) or pdu for pdu in shown if 0 < pdu <= facts.pdu_count}
    of_findings = np.flatnonzero(np.isin(facts.task("request"), sorted(requests))) + 1
    return sorted({*part.tasks, *of_findings.tolist()})


def pdus_of(facts: Facts, part: Part) -> Numbers:
    """The numbers of the PDUs of the part, in ascending order: of its tasks, and the evidence of its findings; else all
    that its focus leaves."""
    if not part.numbered:
        return np.flatnonzero(facts.wanted_pdus).astype(np.int64) + 1
    found = {pdu for record in findings_of(facts.store, part) for pdu in (*record.related, *record.pdus)}
    for number in tasks_of(facts, Part(tasks=part.tasks)) if part.tasks else []:
        found.update(pdus_of_task(facts, task_row(facts.store, number)).tolist())
    return np.array(sorted(pdu for pdu in found if 0 < pdu <= facts.pdu_count), dtype=np.int64)
