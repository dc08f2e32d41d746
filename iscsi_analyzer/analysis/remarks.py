"""Negotiated values that hurt, with the evidence from the capture: which tasks waited because of them, and how long.

A value is only remarked upon where tasks show that it mattered. What the values are is told by `keys`.
"""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np

from iscsi_analyzer.analysis.facts import INITIATOR, TARGET, Facts, Flags, Numbers
from iscsi_analyzer.analysis.keys import ConnectionKeys
from iscsi_analyzer.analysis.load import Load, SessionLoad
from iscsi_analyzer.analysis.operations import READ, WRITE, Operations
from iscsi_analyzer.analysis.phases import FIRST_R2T, NEXT_R2T, Phases
from iscsi_analyzer.analysis.sessions import DISCOVERY, SessionSummary
from iscsi_analyzer.export.time_text import span
from iscsi_analyzer.model.negotiation import AGREED, INHERITED, KeyState

ENOUGH: Final = 10
"Tasks that show it, at least."
SHARE: Final = 0.2
"Part of their time that they lost by it, at least."
MANY_PDUS: Final = 8
"Data PDUs for one task that count as many."
SMALL_SEGMENT: Final = 8192
"A MaxRecvDataSegmentLength up to this is small."
MANY_R2TS: Final = 4
CLOSED_SHARE: Final = 0.01
EXAMPLES: Final = 10


class Remark(msgspec.Struct, kw_only=True):
    """A negotiated value and what it did."""

    session: int
    connection: int
    "0 if it is about the whole session."
    key: str
    value: str
    words: str
    "What happened, with numbers."
    by: str
    "Who settled it: `initiator`, `target`, or empty if that is not known."
    count: int
    "Tasks that show it."
    tasks: list[int]
    "Those that show it most."
    pdus: list[int]
    "Where it was negotiated."


def remarks(
    facts: Facts,
    operations: Operations,
    phases: Phases,
    keys: list[ConnectionKeys],
    sessions: list[SessionSummary],
    load: Load,
) -> list[Remark]:
    """All remarks, by session."""
    found: list[Remark] = []
    loads = {each.session: each for each in load.sessions}
    for session in sessions:
        mine = [keys[link.connection - 1] for link in session.connections]
        found += _oddities(mine)
        if session.type == DISCOVERY:
            found += _digests_in_discovery(session, mine)
            continue
        if session.tasks:
            worker = _Session(facts, operations, phases, session, mine[0])
            found += worker.r2ts()
            found += worker.segments()
        found += _window(facts, session, loads[session.session])
    return found


class _Session:
    """The measured tasks of one session."""

    def __init__(
        self, facts: Facts, operations: Operations, phases: Phases, session: SessionSummary, keys: ConnectionKeys
    ) -> None:
        self.facts = facts
        self.phases = phases
        self.session = session.session
        self.keys = keys
        index = phases.index
        if len(facts.sessions) > 1:
            self.places: Numbers = np.flatnonzero(facts.task("session")[index] == session.session)
        else:
            self.places = np.arange(len(index))
        self.index = index[self.places]
        self.ways = operations.ways[self.index]
        self.length = facts.task("length")[self.index].astype(np.int64)
        self.latency = facts.latency[self.index]

    def remark(self, key: str, words: str, shown: Flags, weight: Numbers, by: str = "") -> Remark:
        """A remark that the tasks `shown` support, those with most `weight` first."""
        members = np.flatnonzero(shown)
        worst = members[np.argsort(-weight[members], kind="stable")[:EXAMPLES]]
        states = [state for state in self.keys.states if state.key == key and (not by or state.offered_by == by)]
        state = next((each for each in states if each.source == AGREED), states[-1] if states else None)
        return Remark(
            session=self.session,
            connection=0,
            key=key,
            value=state.result or "" if state is not None else "",
            words=words,
            by=_settled_by(state),
            count=len(members),
            tasks=(self.index[worst] + 1).tolist(),
            pdus=[pdu for pdu in (state.offered_pdu, state.answered_pdu) if pdu] if state is not None else [],
        )

    # --- writes that wait for R2Ts ---

    def r2ts(self) -> list[Remark]:
        """Writes that had to ask first, and writes in many small bursts."""
        if not np.any(self.facts.task("first_r2t")):
            return []
        rules = self.keys.in_force
        writes = (self.ways == WRITE) & (self.length > 0)
        r2ts = self.facts.task("r2ts")[self.index].astype(np.int64)
        first = self.phases.table[FIRST_R2T][self.places]
        again = self.phases.table[NEXT_R2T][self.places]
        found = []
        burst = rules.first_burst_length or 65536
        small = writes & (r2ts > 0) & (self.length <= burst)
        if self._hurts(small, first):
            key, why = self._why_r2t(small)
            words = f"{_writes(small)} of up to {_size(burst)} waited for an R2T, {self._waits(small, first)}; {why}"
            found.append(self.remark(key, words, small, first))
        many = writes & (r2ts >= MANY_R2TS)
        if self._hurts(many, again) and rules.max_burst_length is not None:
            mean = float(r2ts[many].mean())
            words = (
                f"{_writes(many)} needed {mean:.0f} R2Ts each (MaxBurstLength={rules.max_burst_length}, "
                f"MaxOutstandingR2T={rules.max_outstanding_r2t}) and waited between them, {self._waits(many, again)}"
            )
            found.append(self.remark("MaxBurstLength", words, many, again))
        return found

    def _why_r2t(self, small: Flags) -> tuple[str, str]:
        """The key that made small writes wait for an R2T, and in words how."""
        rules = self.keys.in_force
        immediate = self.facts.data_length[self.facts.task("request")[self.index[small]].astype(np.int64) - 1]
        unused = float(np.count_nonzero(immediate == 0)) / len(immediate) > 0.5
        if rules.initial_r2t is False:
            return "InitialR2T", "unsolicited data was allowed (InitialR2T=No), the initiator made no use of it"
        if rules.immediate_data is False:
            return "ImmediateData", "no data may come unasked (InitialR2T=Yes, ImmediateData=No)"
        limit = rules.target_max_recv_data_segment_length
        room = "" if limit is None else f" of up to {limit:,} bytes"
        if rules.immediate_data and unused:
            return "ImmediateData", f"immediate data{room} was allowed, the initiator sent none"
        if rules.immediate_data and limit is not None:
            return "InitialR2T", f"only {limit:,} bytes may come with the command and none after it (InitialR2T=Yes)"
        return "InitialR2T", "what was negotiated is not known"

    def _hurts(self, shown: Flags, lost: Numbers) -> bool:
        """Enough tasks, that lost enough of their time."""
        if np.count_nonzero(shown) < ENOUGH:
            return False
        total = int(self.latency[shown].sum())
        return total > 0 and int(lost[shown].sum()) / total >= SHARE

    def _waits(self, shown: Flags, lost: Numbers) -> str:
        share = int(lost[shown].sum()) / max(1, int(self.latency[shown].sum()))
        return f"{span(int(np.median(lost[shown])))} each (median), {share:.0%} of their time"

    # --- segments ---

    def segments(self) -> list[Remark]:
        """Large transfers in very many small PDUs."""
        rules = self.keys.in_force
        found = []
        pdus = self.facts.task("pdus")[self.index].astype(np.int64)
        for way, limit, by, what in (
            (READ, rules.initiator_max_recv_data_segment_length, INITIATOR, "Data-In"),
            (WRITE, rules.target_max_recv_data_segment_length, TARGET, "Data-Out"),
        ):
            if limit is None or limit > SMALL_SEGMENT:
                continue
            large = (self.ways == way) & (self.length >= MANY_PDUS * limit) & (pdus >= MANY_PDUS)
            if np.count_nonzero(large) >= ENOUGH:
                verb = "reads" if way == READ else "writes"
                words = f"{np.count_nonzero(large):,} {verb} of {_size(int(self.length[large].min()))} and more "
                words += f"took {float(pdus[large].mean()):.0f} PDUs each: the {by} accepts no more than "
                words += f"{limit:,} bytes in one {what}"
                found.append(self.remark("MaxRecvDataSegmentLength", words, large, pdus, by))
        return found


def _window(facts: Facts, session: SessionSummary, load: SessionLoad) -> list[Remark]:
    """The command window was used up for a part of the time that counts."""
    busy = load.last_ns - load.first_ns
    if not busy or load.closed_ns < CLOSED_SHARE * busy or load.closures < 2:
        return []
    model = facts.session(session.session)
    size = ((model.max_cmd_sn - model.exp_cmd_sn + 1) & 0xFFFFFFFF) if model.max_cmd_sn >= 0 else 0
    words = (
        f"the command window was used up {load.closures:,} times, {span(load.closed_ns)} in all "
        f"({load.closed_ns / busy:.0%} of the time with commands), {span(load.longest_closure_ns)} at most; "
        f"up to {load.outstanding_max} tasks were outstanding"
    )
    if 0 < size < 1 << 16:
        words += f", the target's last word was a window of {size}"
    return [
        Remark(
            session=session.session,
            connection=0,
            key="MaxCmdSN",
            value=str(size) if size else "",
            words=words,
            by=TARGET,
            count=load.closures,
            tasks=[],
            pdus=[],
        )
    ]


def _oddities(keys: list[ConnectionKeys]) -> list[Remark]:
    """What the table of keys does not allow; the same remark about several keys of one side is one."""
    found: dict[tuple[int, str, str], Remark] = {}
    for each in keys:
        for state in each.states:
            if not state.remark or state.source == INHERITED or _ordinary(state):
                continue
            key = (each.connection, state.offered_by, state.remark)
            before = found.get(key)
            if before is not None:
                before.words = f"{before.words.removesuffix(': ' + state.remark)}, {_exchange(state)}: {state.remark}"
                continue
            found[key] = Remark(
                session=each.session,
                connection=each.connection,
                key=state.key,
                value=state.result or "",
                words=f"from the {state.offered_by}: {_exchange(state)}: {state.remark}",
                by=_settled_by(state),
                count=0,
                tasks=[],
                pdus=[pdu for pdu in (state.offered_pdu, state.answered_pdu) if pdu],
            )
    return list(found.values())


def _ordinary(state: KeyState) -> bool:
    """Remarks that belong to everyday life: answers to keys that the other side need not know, or that do not apply."""
    return state.remark in ("answered NotUnderstood", "answered Irrelevant") or (
        state.remark in ("answered Reject",) and state.key in ("IFMarkInt", "OFMarkInt", "IFMarker", "OFMarker")
    )


def _exchange(state: KeyState) -> str:
    offered = f"{state.key}={(state.offered or '')[:60]}"
    if state.answered is None or f"answered {state.answered}" in state.remark:
        return offered
    return f"{offered} (answered {state.answered[:60]})"


def _digests_in_discovery(session: SessionSummary, keys: list[ConnectionKeys]) -> list[Remark]:
    """Digests are of no use in a discovery session."""
    found = []
    for each in keys:
        on = [name for name in ("HeaderDigest", "DataDigest") if each.negotiation.result(name) == "CRC32C"]
        for key in on:
            state = each.negotiation.state(key)
            found.append(
                Remark(
                    session=session.session,
                    connection=each.connection,
                    key=key,
                    value="CRC32C",
                    words=f"{key} is on in a discovery session",
                    by=_settled_by(state),
                    count=0,
                    tasks=[],
                    pdus=[state.answered_pdu] if state is not None and state.answered_pdu else [],
                )
            )
    return found


def _settled_by(state: KeyState | None) -> str:
    """The side whose word became the result: the one that offered it if the other agreed, else the one that
    answered."""
    if state is None or state.result is None or not state.offered_by:
        return ""
    other = TARGET if state.offered_by == INITIATOR else INITIATOR
    if state.answered is None or state.answered == state.offered:
        return state.offered_by
    return other


def _writes(shown: Flags) -> str:
    return f"{np.count_nonzero(shown):,} writes"


def _size(count: int) -> str:
    for unit, words in ((1 << 20, "MiB"), (1 << 10, "KiB")):
        if count >= unit and count % unit == 0:
            return f"{count // unit} {words}"
    return f"{count:,} bytes"
