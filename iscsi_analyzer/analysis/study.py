"""Everything that the analyses say of one store, each computed when it is first asked for, and only once."""

from __future__ import annotations

from functools import cached_property

from iscsi_analyzer.analysis.aborts import Management, aborts
from iscsi_analyzer.analysis.counters import Counters, counters
from iscsi_analyzer.analysis.ending import Ending
from iscsi_analyzer.analysis.endings import endings
from iscsi_analyzer.analysis.facts import Facts
from iscsi_analyzer.analysis.focus import Focus
from iscsi_analyzer.analysis.keys import ConnectionKeys, connection_keys
from iscsi_analyzer.analysis.latency import SLOWEST, Latency, latency
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

    def __init__(self, store: Store, focus: Focus | None = None, *, slowest: int | None = None) -> None:
        """`focus` is what the answers are to be about, if not everything; `slowest` is the number of slowest tasks that
        are named, whatever their latency; None: those that stand out."""
        self.facts = Facts(store, focus)
        self.slowest = slowest
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
    def session(self) -> dict[int, SessionSummary]:
        """Every session, by number."""
        found = session_summaries(self.facts, self.keys, self.logins, self.endings)
        return {session.session: session for session in found}

    @cached_property
    def sessions(self) -> list[SessionSummary]:
        """The sessions that the answers are about, in order of their numbers."""
        return [session for number, session in self.session.items() if number in self.facts.wanted_sessions]

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
        return latency(self.facts, self.operations, self.phases, self.slowest or SLOWEST)

    @cached_property
    def load(self) -> Load:
        """I/O over time."""
        return load(self.facts)

    @cached_property
    def tcp(self) -> list[Health]:
        """How well TCP served each connection."""
        found = tcp_health(self.facts, self.operations)
        return [health for health in found if health.session in self.facts.wanted_sessions]

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
        """The counters of `iscsiadm -m session -s`, by session: of whole sessions."""
        return [each for each in counters(self.facts) if each.session in self.facts.wanted_sessions]

    @cached_property
    def remarks(self) -> list[Remark]:
        """Negotiated values that hurt."""
        return remarks(self.facts, self.operations, self.phases, self.keys, self.sessions, self.load)
