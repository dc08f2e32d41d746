"""Finds how each connection ended, who ended it, and what explains it."""

from __future__ import annotations

from typing import Final

from dissectors.iscsi.words import LOGOUT_REASONS
from iscsi_analyzer.analysis.addresses import initiator_half
from iscsi_analyzer.analysis.ending import CLOSED, LOGIN_FAILED, LOGOUT, OPEN, REPLACED, RESET, SILENT, Ending, Logout
from iscsi_analyzer.analysis.facts import INITIATOR, TARGET, Facts
from iscsi_analyzer.analysis.logins import COMPLETE, NOT_SEEN, LoginReport
from iscsi_analyzer.analysis.operations import Operations
from iscsi_analyzer.analysis.outcomes import lossy
from iscsi_analyzer.analysis.reasons import Reasons
from iscsi_analyzer.analysis.watch import EXAMPLES
from iscsi_analyzer.model import task as model

SILENCE_NS: Final = 10_000_000_000
"Without any frame for so long before the end of the capture, a connection counts as silent."


class _End(Reasons):
    """Puts together what is told of one end."""

    def ending(self, session_logout: Logout | None) -> Ending:
        """Everything about the end. `session_logout` is a logout that closed the whole session."""
        facts, link = self.facts, self.link
        by = ""
        if link.closed:
            by = INITIATOR if link.closed_by is initiator_half(link) else TARGET
        logout = self.logout()
        how = self.how(logout or session_logout)
        waiting = self.open_tasks(model.KIND_SCSI)
        ending = Ending(
            connection=self.number,
            how=how,
            by=INITIATOR if how == LOGOUT and (logout or session_logout) else by,
            at_ns=link.closed_ts if link.closed else link.last_ts,
            frame=link.closed_frame if link.closed else link.last_frame,
            with_=link.closed_with,
            from_initiator=self.last_pdu(True),
            from_target=self.last_pdu(False),
            quiet_ns=self.quiet(),
            target_quiet_ns=self.frames_quiet(TARGET),
            initiator_quiet_ns=self.frames_quiet(INITIATOR),
            last_ping=self.last_ping(),
            unanswered_pings=self.unanswered_pings(),
            waiting=[self.waiting(index) for index in waiting[:EXAMPLES].tolist()],
            waiting_count=len(waiting),
            unacknowledged=self.unacknowledged(),
            logout=logout,
            reasons=[],
            lacks=facts.lacks(self.number),
        )
        ending.reasons = self.reasons(ending)
        return ending

    def how(self, logout: Logout | None) -> str:
        link = self.link
        if logout is not None and (logout.answer_pdu or lossy(self.facts, self.number, TARGET)):
            return LOGOUT
        if not link.closed and link.replaced:
            return REPLACED
        if not link.closed:
            return SILENT if self.facts.end - link.last_ts >= SILENCE_NS else OPEN
        if self.login.outcome not in (COMPLETE, NOT_SEEN):
            return LOGIN_FAILED
        return RESET if link.closed_with == "RST" else CLOSED


def endings(facts: Facts, operations: Operations, logins: list[LoginReport]) -> list[Ending]:
    """The end of every connection, in order."""
    watches = [_End(facts, operations, login.connection, login) for login in logins]
    whole: dict[int, Logout] = {}
    for watch in watches:
        logout = watch.logout()
        if logout is not None and logout.answer_pdu and logout.reason == LOGOUT_REASONS(0):
            whole[int(facts.session_of[watch.number])] = logout
    return [watch.ending(whole.get(int(facts.session_of[watch.number]))) for watch in watches]
