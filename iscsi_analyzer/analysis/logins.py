"""How each login went, and why one failed, in words that name the stage, the key at fault and the step of CHAP.

The status of a Login Response (RFC 7143 section 11.13.5) often says little; what was offered and answered before it
says more. What the wire does not show is told as a guess, with "probably".
"""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np

from dissectors.iscsi.values import parse_address
from dissectors.iscsi.words import LOGIN_STAGES, LOGIN_STATUS
from iscsi_analyzer.analysis.addresses import initiator_half, portal_of
from iscsi_analyzer.analysis.facts import INITIATOR, TARGET, Facts
from iscsi_analyzer.analysis.keys import ConnectionKeys, LoginPdu
from iscsi_analyzer.analysis.outcomes import lossy
from iscsi_analyzer.model.authentication import (
    ALGORITHMS_OFFERED,
    CHALLENGED,
    METHOD_CHOSEN,
    MUTUAL_RESPONDED,
    RESPONDED,
    Authentication,
)
from iscsi_analyzer.model.negotiation import KeyState

# Outcomes
COMPLETE: Final = "complete"
REFUSED: Final = "refused"
REDIRECTED: Final = "redirected"
NOT_ANSWERED: Final = "not answered"
GIVEN_UP: Final = "given up"
UNFINISHED: Final = "unfinished"
NOT_SEEN: Final = "not seen"

_LOGIN_OPCODES: Final = (0x03, 0x23)


class LoginReport(msgspec.Struct, kw_only=True):
    """The login of one connection."""

    connection: int
    session: int
    outcome: str
    """complete, refused, redirected, not answered, given up (by either side), unfinished (at the end), not seen (the
    capture lacks it, or what would tell)."""
    by: str
    "Who refused it or gave it up: `initiator`, `target` or empty."
    status: int
    "Status class << 8 | detail of the last response; -1 without any."
    status_words: str
    stage: str
    "The stage that it came to: SecurityNegotiation, LoginOperationalNegotiation, FullFeaturePhase."
    words: str
    "What happened, in one sentence; empty for a login that is complete."
    hints: list[str]
    "What else the capture shows that may explain it."
    keys: list[KeyState]
    "The keys at fault, as far as told."
    authentication: Authentication
    redirected_to: list[str]
    "TargetAddress values that came with a redirection."
    pdus: list[int]
    began_ns: int
    "First byte of the first login PDU; 0 if none was seen."
    took_ns: int
    "Until the last login PDU."


def login_reports(facts: Facts, keys: list[ConnectionKeys]) -> list[LoginReport]:
    """One report for each connection, in order."""
    return [_Login(facts, each).report() for each in keys]


class _Login:
    """Looks at one login."""

    def __init__(self, facts: Facts, keys: ConnectionKeys) -> None:
        self._facts = facts
        self._keys = keys
        self._connection = facts.connection(keys.connection)
        self._login = facts.followers[keys.connection - 1].login
        self._pdus = keys.login_pdus
        self._auth = keys.authentication
        self._last = self._pdus[-1] if self._pdus else None
        answers = [pdu for pdu in self._pdus if not pdu.to_target]
        self._answer: LoginPdu | None = answers[-1] if answers else None

    def report(self) -> LoginReport:
        """Everything about it."""
        outcome, by = self._outcome()
        answer = self._answer
        status = answer.status if answer is not None else -1
        words = getattr(self, "_" + outcome.replace(" ", "_"))(by) if outcome not in (COMPLETE, NOT_SEEN) else ""
        pdus = [pdu.pdu for pdu in self._pdus]
        began = self._facts.store.row(pdus[0]).time_first if pdus else 0
        return LoginReport(
            connection=self._keys.connection,
            session=self._keys.session,
            outcome=outcome,
            by=by,
            status=status,
            status_words=f"{LOGIN_STATUS(status)} (0x{status:04x})" if status >= 0 else "",
            stage=self._stage(),
            words=words,
            hints=self._hints(outcome, status),
            keys=self._keys_at_fault() if outcome not in (COMPLETE, NOT_SEEN, REDIRECTED) else [],
            authentication=self._auth,
            redirected_to=self._redirects() if outcome == REDIRECTED else [],
            pdus=pdus,
            began_ns=began,
            took_ns=max(0, self._last.at_ns - began) if self._last is not None else 0,
        )

    def _outcome(self) -> tuple[str, str]:
        if self._last is None:
            return NOT_SEEN, ""
        answer = self._answer
        if answer is not None and answer.status > 0:
            return (REDIRECTED if answer.status >> 8 == 1 else REFUSED), TARGET
        if any(pdu.status == 0 and pdu.transit and pdu.next_stage == 3 for pdu in self._pdus):
            return COMPLETE, ""
        if self._incomplete():
            return NOT_SEEN, ""
        link = self._connection
        if not link.closed:
            return UNFINISHED, ""
        by = INITIATOR if link.closed_by is initiator_half(link) else TARGET
        return (NOT_ANSWERED if self._last.to_target else GIVEN_UP), by

    def _incomplete(self) -> bool:
        """The capture lacks parts of the login, or may: then its end is not known."""
        number = self._keys.connection
        if self._login.hole or not all(pdu.whole for pdu in self._pdus):
            return True
        if lossy(self._facts, number, INITIATOR) or lossy(self._facts, number, TARGET):
            return True
        opcodes = self._facts.opcode[self._facts.of_connection(number)]
        return not np.all(np.isin(opcodes, _LOGIN_OPCODES))  # other PDUs only come after a login

    def _stage(self) -> str:
        if self._last is None:
            return ""
        known = [pdu.next_stage if pdu.status == 0 and pdu.transit else pdu.stage for pdu in self._pdus if pdu.whole]
        return LOGIN_STAGES(known[-1]) if known else ""

    # --- in words ---

    def _refused(self, by: str) -> str:
        answer = self._answer
        assert answer is not None
        status = answer.status
        text = self._meaning(status)
        return f"the target refused the login: {LOGIN_STATUS(status)} (0x{status:04x}){f'; {text}' if text else ''}"

    def _meaning(self, status: int) -> str:
        """What that status means here."""
        target = self._login.value("TargetName") or ""
        initiator = self._login.value("InitiatorName") or ""
        if status == 0x0201:
            return self._authentication_failure()
        if status == 0x0202:
            where = f"to {target} " if target else ""
            return f"{initiator or 'this initiator'} may not log in {where}at {portal_of(self._connection)}"
        if status == 0x0203:
            what = f"no target {target}" if target else "no such target"
            return f"{what} at {portal_of(self._connection)}, or it is hidden from {initiator or 'this initiator'}"
        if status == 0x0204:
            return f"target {target} was removed and left no forwarding address"
        if status == 0x0207:
            return self._missing()
        if status == 0x0208:
            return "the connection cannot join that session"
        if status == 0x0209:
            return f"SessionType={self._login.value('SessionType') or 'Normal'} is not served there"
        if status == 0x020A:
            return f"the target has no session with TSIH {self._tsih()}: it may have been restarted or timed out"
        if status == 0x0301:
            return f"the portal is there but does not serve {target or 'that target'}: not enabled, or not known"
        if status == 0x0302:
            return "the target is there and lacks resources at the moment"
        faults = self._keys_at_fault()
        return f"probably because of {_said(faults[0])}" if faults else ""

    def _authentication_failure(self) -> str:
        auth = self._auth
        offered = ", ".join(auth.methods_offered)
        name = f" as {auth.initiator_name!r}" if auth.initiator_name else ""
        if auth.reached in (RESPONDED, MUTUAL_RESPONDED):
            return f"the CHAP response{name} was not accepted ({auth.algorithm}): wrong name or wrong secret"
        if auth.reached == CHALLENGED:
            return "after the CHAP challenge"
        if auth.reached == ALGORITHMS_OFFERED:
            return f"CHAP with {', '.join(auth.algorithms_offered)} is all that the initiator offered"
        if not offered:
            return "the initiator offered no authentication at all; the target probably wants CHAP"
        if "CHAP" not in auth.methods_offered:
            return f"the initiator offered only {offered}; the target probably wants CHAP"
        return f"the initiator offered {offered}"

    def _missing(self) -> str:
        """Which of the parameters that must be in the first request are missing (RFC 7143 section 6.3)."""
        login = self._login
        missing = [] if login.value("InitiatorName") is not None else ["InitiatorName"]
        if not login.discovery and login.value("TargetName") is None:
            missing.append("TargetName")
        return f"{' and '.join(missing)} was not sent" if missing and not login.hole else ""

    def _tsih(self) -> int:
        return next((pdu.tsih for pdu in self._pdus if pdu.to_target), 0)

    def _redirected(self, by: str) -> str:
        answer = self._answer
        assert answer is not None
        where = ", ".join(self._redirects()) or "an address that was not told"
        lasting = {0x0101: "for now", 0x0102: "for good"}.get(answer.status, "")
        return f"the target sent the initiator to {where} {lasting}".rstrip()

    def _redirects(self) -> list[str]:
        return [said.value for said in self._login.said if said.key == "TargetAddress" and not said.to_target]

    def _not_answered(self, by: str) -> str:
        assert self._last is not None
        return f"the target never answered the {self._step()}; the {by} closed the connection"

    def _given_up(self, by: str) -> str:
        auth = self._auth
        if by == INITIATOR and auth.mutual and auth.reached == MUTUAL_RESPONDED:
            return (
                f"the initiator closed the connection after the target had answered its challenge"
                f"{f' as {auth.target_name!r}' if auth.target_name else ''}: it probably did not accept that answer "
                f"(mutual CHAP: wrong secret or name of the target)"
            )
        if by == INITIATOR and auth.reached == MUTUAL_RESPONDED:
            return "the initiator closed the connection after the target had answered as if it had been challenged"
        if by == INITIATOR and auth.reached == METHOD_CHOSEN and auth.method not in auth.methods_offered:
            return f"the initiator closed the connection: the target chose {auth.method}, which was not offered"
        proven = self._answer is not None and self._answer.stage == 0 and self._answer.transit and auth.reached
        after = f", after {auth.method} had succeeded" if proven else ""
        return f"the {by} closed the connection in the middle of the login{after}, in stage {self._stage()}"

    def _unfinished(self, by: str) -> str:
        assert self._last is not None
        if self._last.to_target:
            return f"the {self._step()} has no answer so far"
        return f"the login is in stage {self._stage()} when the capture ends"

    def _step(self) -> str:
        """What the initiator's last request was about."""
        auth = self._auth
        assert self._last is not None
        if auth.steps and auth.steps[-1].pdu == self._last.pdu and auth.reached == RESPONDED:
            return "Login Request with the CHAP response"
        return "Login Request" if len(self._pdus) == 1 else f"Login Request in stage {self._stage()}"

    # --- evidence ---

    def _keys_at_fault(self) -> list[KeyState]:
        """Keys with values that the standard does not allow, or that the other side refused; the clearest first."""
        found = [state for state in self._keys.states if state.remark and not state.full_feature]
        ranked = [
            (0 if "answered" not in state.remark else 1 if "Reject" in state.remark else 2, state) for state in found
        ]
        return [state for place, state in sorted(ranked, key=lambda pair: pair[0]) if place < 2]

    def _hints(self, outcome: str, status: int) -> list[str]:
        hints = []
        if outcome in (REFUSED, GIVEN_UP, NOT_ANSWERED):
            hints += [f"{_said(state)}: {state.remark}" for state in self._keys_at_fault()[:3]]
            if self._login.hole:
                hints.append("the capture lacks parts of this login")
        if outcome == REFUSED and status == 0x0201 and self._auth.mutual and self._auth.reached == RESPONDED:
            hints.append("mutual CHAP was asked for; a target without a secret of its own may refuse that, too")
        if outcome == REDIRECTED:
            for text in self._redirects():
                address = parse_address(text)
                if address.problem:
                    hints.append(f"TargetAddress={text}: {address.problem}")
        return hints


def _said(state: KeyState) -> str:
    value = state.offered if state.offered is not None else ""
    return f"{state.key}={value[:60]} from the {state.offered_by}"
