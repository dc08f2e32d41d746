"""What a soak showed: how much there was, and every finding, argued or not.

`argued.json` has a line for each rule that real peers break: rule, party, the software that breaks it, and the argument
with the words of the standard. Notes are counted and need none.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from iscsi_analyzer.analysis.addresses import initiator_half, port
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.options import Options
from iscsi_analyzer.rules.rule import NOTE
from iscsi_analyzer.rules.verdicts import Verdict
from iscsi_analyzer.run import Analysis

ARGUED: Final = Path(__file__).with_name("argued.json")
INITIATORS: Final = {
    "iqn.2008-11.org.linux-kvm": "QEMU",
    "iqn.2007-10.com.github:sahlberg:libiscsi:iscsi-test": "iscsi-test-cu",
    "iqn.2007-10.com.github:sahlberg:libiscsi": "libiscsi",
    "iqn.2010-11.libiscsi": "libiscsi",
    "iqn.2026-11.example.samples:initiator": "ours",
}
"Beginning of an InitiatorName -> the software; the longest that fits comes first."


class Fault(NamedTuple):
    """What was found, and whose it is."""

    rule: str
    party: str
    software: str


@dataclass
class Judgement:
    """The sum of all captures so far."""

    captures: int = 0
    sessions: int = 0
    connections: int = 0
    pdus: int = 0
    tasks: int = 0
    losses: int = 0
    notes: Counter[Fault] = field(default_factory=Counter)
    argued: Counter[Fault] = field(default_factory=Counter)
    unargued: dict[Fault, list[str]] = field(default_factory=dict)
    "Findings without an argument, each with the sentences that tell where."

    def add(self, capture: Path, software: Mapping[int, str]) -> int:
        """Analyses a capture; `software` tells which target listens on which port. Returns how many findings have no
        argument."""
        before = sum(map(len, self.unargued.values()))
        with Analysis([capture], Options(ports=tuple(software), plugins=())).run() as analysis:
            store = analysis.store
            self.captures += 1
            self.sessions += len(store.sessions)
            self.connections += len(store.connections)
            self.pdus += len(store)
            self.tasks += int(analysis.engine.listener.sessions.tasks.count)
            self.losses += len(store.losses) + store.losses_not_listed
            for verdict in store.verdicts:
                self._add(capture, verdict, store.followers, software)
        return sum(map(len, self.unargued.values())) - before

    def _add(self, capture: Path, verdict: Verdict, followers: list[Follower], software: Mapping[int, str]) -> None:
        finding = verdict.finding
        who = "?"
        if 1 <= finding.connection <= len(followers):
            who = software_of(followers[finding.connection - 1], finding.party, software)
        fault = Fault(finding.rule, finding.party, who)
        if verdict.severity == NOTE:
            self.notes[fault] += int(finding.count)
        elif fault in arguments():
            self.argued[fault] += int(finding.count)
        else:
            place = f"{capture.name} connection {finding.connection} PDU {finding.pdu}: {verdict.message}"
            self.unargued.setdefault(fault, []).append(place)

    def lines(self) -> list[str]:
        """The summary."""
        found = [
            f"{self.captures} captures, {self.sessions:,} sessions, {self.connections:,} connections, "
            f"{self.pdus:,} PDUs, {self.tasks:,} tasks, {self.losses:,} holes in captures"
        ]
        for title, faults in (("notes", self.notes), ("argued errors and warnings", self.argued)):
            found.append(f"{title}: {sum(faults.values()):,}")
            found += [f"  {times:7,}  {' '.join(fault)}" for fault, times in faults.most_common()]
        found.append(f"not argued: {sum(map(len, self.unargued.values())):,}")
        for fault, places in self.unargued.items():
            found += [f"  {' '.join(fault)}", *(f"    {place}" for place in places[:3])]
        return found


def software_of(follower: Follower, party: str, software: Mapping[int, str]) -> str:
    """Which program a party of a connection is."""
    if party == "target":
        return software.get(port(initiator_half(follower.connection).destination), "?")
    if party == "initiator":
        name = follower.session.initiator_name
        return next((known for start, known in INITIATORS.items() if name.startswith(start)), "?")
    return "-"


@cache
def arguments() -> dict[Fault, str]:
    """The faults that are argued, with the argument."""
    rows = json.loads(ARGUED.read_text(encoding="utf-8"))
    return {Fault(row["rule"], row["party"], row["software"]): row["why"] for row in rows}
