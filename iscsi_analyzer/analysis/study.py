"""Everything that the analyses say of one store, each computed when it is first asked for, and only once."""

from __future__ import annotations

from functools import cached_property

from iscsi_analyzer.analysis.aborts import Management, aborts
from iscsi_analyzer.analysis.counters import Counters, counters
from iscsi_analyzer.analysis.ending import Ending
from iscsi_analyzer.analysis.endings import endings
from iscsi_analyzer.analysis.facts import Facts
from iscsi_analyzer.analysis.keys import ConnectionKeys, connection_keys
from iscsi_analyzer.analysis.latency import Latency, latency
from iscsi_analyzer.analysis.load import Load, load
from iscsi_analyzer.analysis.logins import LoginReport, login_reports
from iscsi_analyzer.analysis.operations import Operations
from iscsi_analyzer.analysis.outcomes import Outcomes, outcomes
from iscsi_analyzer.analysis.paths import Paths, paths
from iscsi_analyzer.analysis.phases import Phases
from iscsi_analyzer.analysis.portals import Attempts
from iscsi_analyzer.analysis.remarks import Remark, remarks
from iscsi_analyzer.analysis.sessions import SessionSummary, session_summaries
from iscsi_analyzer.analysis.tcp import Health, tcp_health
from iscsi_analyzer.store.store import Store


class Study:
    """What the analyses say of a store as it stands when this is made; make a new one when it has grown."""

    def __init__(self, store: Store) -> None:
        self.facts = Facts(store)
        self.operations = Operations(self.facts)
        self.phases = Phases(self.facts)

    @cached_property
    def keys(self) -> list[ConnectionKeys]:
        """What was negotiated, by connection."""
        return connection_keys(self.facts)

    @cached_property
    def logins(self) -> list[LoginReport]:
        """How each login went, by connection."""
        return login_reports(self.facts, self.keys)

    @cached_property
    def endings(self) -> list[Ending]:
        """How each connection ended."""
        return endings(self.facts, self.operations, self.logins)

    @cached_property
    def sessions(self) -> list[SessionSummary]:
        """Every session, in order of its number."""
        return session_summaries(self.facts, self.keys, self.logins, self.endings)

    @cached_property
    def session(self) -> dict[int, SessionSummary]:
        """The sessions by number."""
        return {session.session: session for session in self.sessions}

    @cached_property
    def paths(self) -> Paths:
        """What several sessions tell together."""
        return paths(self.facts, self.sessions)

    @cached_property
    def loop_of(self) -> dict[int, int]:
        """For sessions that are part of a login loop: the first session of that loop."""
        return {number: loop.sessions[0] for loop in self.paths.loops for number in loop.sessions}

    @cached_property
    def attempts(self) -> Attempts:
        """Connections that were tried in vain."""
        return Attempts(self.facts)

    @cached_property
    def latency(self) -> Latency:
        """How long tasks took, and where the time went."""
        return latency(self.facts, self.operations, self.phases)

    @cached_property
    def load(self) -> Load:
        """I/O over time."""
        return load(self.facts)

    @cached_property
    def tcp(self) -> list[Health]:
        """How well TCP served each connection."""
        return tcp_health(self.facts, self.operations)

    @cached_property
    def outcomes(self) -> Outcomes:
        """Statuses, residuals, tasks without an answer, rejected PDUs."""
        return outcomes(self.facts, self.operations)

    @cached_property
    def _aborts(self) -> tuple[list[Management], int]:
        return aborts(self.facts, self.operations)

    @property
    def aborts(self) -> list[Management]:
        """Task management functions."""
        return self._aborts[0]

    @property
    def aborts_not_listed(self) -> int:
        """How many more there are."""
        return self._aborts[1]

    @cached_property
    def counters(self) -> list[Counters]:
        """The counters of `iscsiadm -m session -s`, by session."""
        return counters(self.facts)

    @cached_property
    def remarks(self) -> list[Remark]:
        """Negotiated values that hurt."""
        return remarks(self.facts, self.operations, self.phases, self.keys, self.sessions, self.load)
