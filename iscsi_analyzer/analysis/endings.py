"""How each connection ended, who ended it, and what the capture shows of the reason: the last PDU of each side, the
last ping, requests that were waiting, and what came shortly before.

Says what was seen, in the order of weight. Where nothing was seen, it says that, and what the capture lacks.
"""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np

from dissectors.iscsi.words import (
    ASYNC_EVENTS,
    LOGOUT_REASONS,
    LOGOUT_RESPONSES,
    OPCODES,
    REJECT_REASONS,
    TMF_FUNCTIONS,
)
from iscsi_analyzer.analysis.addresses import initiator_half, target_half
from iscsi_analyzer.analysis.facts import INITIATOR, TARGET, Facts, Numbers
from iscsi_analyzer.analysis.logins import COMPLETE, NOT_SEEN, LoginReport
from iscsi_analyzer.analysis.operations import Operations, lun_text
from iscsi_analyzer.export.time_text import span
from iscsi_analyzer.model import task as model
from iscsi_analyzer.store import rows
from iscsi_analyzer.store.tasks import NO_TIME

# How a connection ended.
LOGOUT: Final = "logout"
CLOSED: Final = "closed"
RESET: Final = "reset"
LOGIN_FAILED: Final = "login failed"
REPLACED: Final = "replaced"
SILENT: Final = "silent"
OPEN: Final = "open"

SILENCE_NS: Final = 10_000_000_000
"Without any frame for so long before the end of the capture, a connection counts as silent."
SHORTLY_NS: Final = 5_000_000_000
"What happened so long before the end may have to do with it."
LONG_NS: Final = 1_000_000_000
"A wait so long may be the reason for an end; what waited less long is merely what was lost with it."
LAST_PDUS: Final = 4
EXAMPLES: Final = 10

_LOGOUT_REQUEST: Final = 0x06
_ASYNC: Final = 0x32
_REJECT: Final = 0x3F
_ASYNC_EVENT_AT: Final = 36


class LastPdu(msgspec.Struct, frozen=True):
    """The last PDU of one side."""

    pdu: int
    frame: int
    what: str
    "Its name."
    at_ns: int


class Ping(msgspec.Struct, kw_only=True):
    """A ping: NOP-Out by the initiator or NOP-In by the target, with its answer if there is one."""

    by: str
    pdu: int
    asked_ns: int
    answer_pdu: int
    "0 if it was not answered."
    waited_ns: int
    "Until the answer, or until the end."
    heard_since: int
    "PDUs that the other side sent after an unanswered ping."


class Waiting(msgspec.Struct, kw_only=True):
    """A request that was waiting at the end."""

    task: int
    what: str
    lun: str
    length: int
    request_pdu: int
    waited_ns: int


class Logout(msgspec.Struct, kw_only=True):
    """A logout."""

    reason: str
    request_pdu: int
    answer_pdu: int
    "0 if it was not answered."
    response: str
    asked_by_target: bool
    "An Asynchronous Message of the target had asked for it."


class Reason(msgspec.Struct, kw_only=True):
    """Something that was seen and may explain the end; the first reason weighs most."""

    words: str
    pdus: list[int] = []
    tasks: list[int] = []


class Ending(msgspec.Struct, kw_only=True):
    """How one connection ended."""

    connection: int
    how: str
    "logout, closed (FIN), reset (RST), login failed, replaced (by another login), silent, or open."
    by: str
    "Who ended it: `initiator`, `target`, or empty while it is open."
    at_ns: int
    "When: the first FIN or RST, else its last frame."
    frame: int
    with_: str = msgspec.field(name="with")
    "`FIN` or `RST`: the first one; empty without."
    from_initiator: LastPdu | None
    from_target: LastPdu | None
    quiet_ns: int
    "From the last PDU of either side to the end of the connection, or of the capture."
    target_quiet_ns: int
    "From the last frame of the target, acknowledgements included, to the end."
    initiator_quiet_ns: int
    last_ping: Ping | None
    "The last one that was answered."
    unanswered_pings: list[Ping]
    waiting: list[Waiting]
    "SCSI tasks without an answer, the oldest first; some of them."
    waiting_count: int
    unacknowledged: int
    "Bytes of the initiator that the target's TCP had not acknowledged, as far as captured."
    logout: Logout | None
    reasons: list[Reason]
    lacks: list[str]
    "What the capture lacks of the connection."


class _Watch:
    """Looks at the end of one connection."""

    def __init__(self, facts: Facts, operations: Operations, number: int, login: LoginReport) -> None:
        self.facts = facts
        self.operations = operations
        self.number = number
        self.login = login
        self.link = facts.connection(number)
        self.pdus = facts.of_connection(number)
        self.tasks = facts.tasks_of(number)
        self.end = self.link.closed_ts if self.link.closed else facts.end
        self.to_target = (facts.pdu_flags[self.pdus] & rows.FLAG_TO_TARGET) != 0

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
        if logout is not None and logout.answer_pdu:
            return LOGOUT
        if not link.closed:
            return SILENT if self.facts.end - link.last_ts >= SILENCE_NS else OPEN
        if self.login.outcome not in (COMPLETE, NOT_SEEN):
            return LOGIN_FAILED
        return RESET if link.closed_with == "RST" else CLOSED

    # --- what was seen last ---

    def last_pdu(self, to_target: bool) -> LastPdu | None:
        mine = np.flatnonzero(self.to_target == to_target)
        if not len(mine):
            return None
        pdu = int(self.pdus[mine[-1]]) + 1
        row = self.facts.store.row(pdu)
        return LastPdu(pdu, row.frame_last, OPCODES(row.opcode), row.time_last)

    def quiet(self) -> int:
        if not len(self.pdus):
            return max(0, self.end - self.link.first_ts)
        return max(0, int(self.end - self.facts.time_last[self.pdus].max()))

    def frames_quiet(self, side: str) -> int:
        half = initiator_half(self.link) if side == INITIATOR else target_half(self.link)
        heard = max(half.last_ts, half.heard_ts)
        return max(0, self.end - heard) if heard else 0

    def unacknowledged(self) -> int:
        half = initiator_half(self.link)
        if half.acked < 0 or half.next_seq < 0:
            return 0
        left = (half.next_seq - half.acked) & 0xFFFFFFFF
        return left if left < 1 << 30 else 0

    # --- pings ---

    def last_ping(self) -> Ping | None:
        kind = self.facts.task("kind")[self.tasks]
        answered = self.facts.task("outcome")[self.tasks] == model.ANSWERED
        pings = self.tasks[np.isin(kind, (model.KIND_NOP, model.KIND_PING)) & answered]
        if not len(pings):
            return None
        return self.ping(int(pings[np.argmax(self.facts.task("answer")[pings])]))

    def unanswered_pings(self) -> list[Ping]:
        both = np.concatenate((self.open_tasks(model.KIND_NOP), self.open_tasks(model.KIND_PING)))
        return [self.ping(index) for index in both[:EXAMPLES].tolist()]

    def ping(self, index: int) -> Ping:
        facts = self.facts
        by = INITIATOR if int(facts.task("kind")[index]) == model.KIND_NOP else TARGET
        request, answer = int(facts.task("request")[index]), int(facts.task("answer")[index])
        asked = int(facts.asked[index])
        after = self.pdus[(self.pdus >= request) & (self.to_target == (by == TARGET))]
        until = int(facts.answered[index]) if answer else self.end
        return Ping(
            by=by,
            pdu=request,
            asked_ns=asked if asked != NO_TIME else 0,
            answer_pdu=answer,
            waited_ns=max(0, until - asked) if asked != NO_TIME else 0,
            heard_since=0 if answer else len(after),
        )

    # --- requests ---

    def open_tasks(self, kind: int) -> Numbers:
        """The tasks of that kind that were still open at the end, the oldest first."""
        facts = self.facts
        outcome = facts.task("outcome")[self.tasks]
        mine = (facts.task("kind")[self.tasks] == kind) & np.isin(outcome, (model.CLOSED, model.OPEN_AT_END))
        found = self.tasks[mine]
        return found[np.argsort(facts.task("request")[found])]

    def waiting(self, index: int) -> Waiting:
        facts = self.facts
        asked = int(facts.asked[index])
        return Waiting(
            task=index + 1,
            what=self.operations.name(index),
            lun=lun_text(int(facts.task("lun")[index])),
            length=int(facts.task("length")[index]),
            request_pdu=int(facts.task("request")[index]),
            waited_ns=max(0, self.end - asked) if asked != NO_TIME else 0,
        )

    def logout(self) -> Logout | None:
        """The last logout of this connection."""
        facts = self.facts
        found = self.tasks[facts.task("kind")[self.tasks] == model.KIND_LOGOUT]
        if not len(found):
            return None
        index = int(found[-1])
        request, answer = int(facts.task("request")[index]), int(facts.task("answer")[index])
        status = int(facts.task("status")[index])
        return Logout(
            reason=LOGOUT_REASONS(int(facts.task("operation")[index])) if request else "reason not captured",
            request_pdu=request,
            answer_pdu=answer,
            response=LOGOUT_RESPONSES(status) if answer else "",
            asked_by_target=any(event == 1 for _, event in self.async_messages()),
        )

    def async_messages(self) -> list[tuple[int, int]]:
        """The Asynchronous Messages: PDU and event."""
        mine = self.pdus[self.facts.opcode[self.pdus] == _ASYNC][-EXAMPLES:]
        return [(pdu + 1, self.facts.store.row(pdu + 1).header[_ASYNC_EVENT_AT]) for pdu in mine.tolist()]

    # --- reasons ---

    def reasons(self, ending: Ending) -> list[Reason]:
        """What may explain it, what weighs most first."""
        if ending.how in (LOGOUT, OPEN):
            return [self.asked_by_target(ending)] if ending.logout and ending.logout.asked_by_target else []
        if ending.how == LOGIN_FAILED:
            return [Reason(words=self.login.words, pdus=self.login.pdus[-2:])]
        found = self.announced()
        if ending.logout is not None and not ending.logout.answer_pdu:
            words = "the initiator had asked to log out and got no answer"
            found.append(Reason(words=words, pdus=[ending.logout.request_pdu]))
        found += self.digests(TARGET if ending.by == INITIATOR else INITIATOR)
        found += self.rejects()
        found += self.unanswered_management()
        found += self.pings(ending)
        found += self.stuck(ending)
        found += self.deaf(ending)
        return found or self.last_word(ending)

    def last_word(self, ending: Ending) -> list[Reason]:
        """The target closed the connection right after a PDU that it did not answer."""
        last, before = ending.from_initiator, ending.from_target
        if ending.by != TARGET or last is None or (before is not None and before.pdu > last.pdu):
            return []
        wait = span(max(0, ending.at_ns - last.at_ns))
        return [Reason(words=f"the last PDU was a {last.what} of the initiator, {wait} before", pdus=[last.pdu])]

    def asked_by_target(self, ending: Ending) -> Reason:
        return Reason(
            words="the target had asked for the logout by an Asynchronous Message",
            pdus=[pdu for pdu, event in self.async_messages() if event == 1],
        )

    def announced(self) -> list[Reason]:
        """Asynchronous Messages shortly before."""
        return [
            Reason(words=f"the target had sent an Asynchronous Message: {ASYNC_EVENTS(event)}", pdus=[pdu])
            for pdu, event in self.async_messages()
            if event in (1, 2, 3) or self.end - int(self.facts.time_last[pdu - 1]) <= SHORTLY_NS
        ]

    def digests(self, sender: str) -> list[Reason]:
        """Wrong digests in the last PDUs of one side."""
        mine = self.pdus[self.to_target == (sender == INITIATOR)][-LAST_PDUS:]
        found = []
        for pdu in (mine + 1).tolist():
            row = self.facts.store.row(pdu)
            for what in ("header", "data"):
                if getattr(row, f"{what}_digest") == "bad":
                    words = f"the {what} digest of a {OPCODES(row.opcode)} from the {sender} is wrong"
                    found.append(Reason(words=words, pdus=[pdu], tasks=[]))
        return found

    def rejects(self) -> list[Reason]:
        mine = self.pdus[self.facts.opcode[self.pdus] == _REJECT][-LAST_PDUS:]
        return [
            Reason(
                words=f"the target had rejected a PDU: {REJECT_REASONS(self.facts.store.row(pdu + 1).header[2])}",
                pdus=[pdu + 1],
            )
            for pdu in mine.tolist()
            if self.end - int(self.facts.time_last[pdu]) <= SHORTLY_NS
        ]

    def unanswered_management(self) -> list[Reason]:
        """Task management that had no answer: initiators drop the connection over that."""
        found = []
        for index in self.open_tasks(model.KIND_TMF).tolist():
            name = TMF_FUNCTIONS(int(self.facts.task("operation")[index]))
            waited = span(max(0, self.end - int(self.facts.asked[index])))
            pdu = int(self.facts.task("request")[index])
            found.append(Reason(words=f"{name} had no answer for {waited}", pdus=[pdu], tasks=[index + 1]))
        return found

    def pings(self, ending: Ending) -> list[Reason]:
        """Unanswered pings, and whether the other side was alive otherwise."""
        found = []
        for ping in ending.unanswered_pings:
            if ping.waited_ns < LONG_NS and ping.by != ending.by:
                continue
            other = TARGET if ping.by == INITIATOR else INITIATOR
            name = "NOP-Out" if ping.by == INITIATOR else "NOP-In"
            alive = f"nothing came from the {other} any more"
            if ping.heard_since:
                alive = f"but the {other} sent {ping.heard_since} PDUs meanwhile, so it was alive"
            words = f"a ping ({name}) of the {ping.by} had no answer for {span(ping.waited_ns)}; {alive}"
            found.append(Reason(words=words, pdus=[ping.pdu]))
        return found

    def stuck(self, ending: Ending) -> list[Reason]:
        """SCSI tasks that were waiting; whether the target answered pings all the same."""
        if not ending.waiting_count:
            return []
        oldest = ending.waiting[0]
        if oldest.waited_ns < LONG_NS:
            return []
        one = ending.waiting_count == 1
        words = f"{'a SCSI task was' if one else f'{ending.waiting_count} SCSI tasks were'} waiting for an answer: "
        words += f"{oldest.what} on LUN {oldest.lun} for {span(oldest.waited_ns)}{'' if one else ' was the oldest'}"
        ping = ending.last_ping
        if ping is not None and ping.by == INITIATOR and not any(p.by == INITIATOR for p in ending.unanswered_pings):
            began = self.end - oldest.waited_ns
            if ping.asked_ns > began and oldest.waited_ns > SHORTLY_NS:
                words += "; the target answered pings to the end, so its network was alive and its storage was not"
        pdus = [each.request_pdu for each in ending.waiting]
        return [Reason(words=words, pdus=pdus, tasks=[each.task for each in ending.waiting])]

    def deaf(self, ending: Ending) -> list[Reason]:
        """Bytes that the target's host never acknowledged."""
        if not ending.unacknowledged or ending.target_quiet_ns < SHORTLY_NS // 5:
            return []
        words = (
            f"{ending.unacknowledged:,} bytes of the initiator were not acknowledged by TCP; "
            f"no frame came from the target for the last {span(ending.target_quiet_ns)}"
        )
        return [Reason(words=words)]


def endings(facts: Facts, operations: Operations, logins: list[LoginReport]) -> list[Ending]:
    """The end of every connection, in order."""
    watches = [_Watch(facts, operations, login.connection, login) for login in logins]
    whole: dict[int, Logout] = {}
    for watch in watches:
        logout = watch.logout()
        if logout is not None and logout.answer_pdu and logout.reason == LOGOUT_REASONS(0):
            whole[int(facts.session_of[watch.number])] = logout
    return [watch.ending(whole.get(int(facts.session_of[watch.number]))) for watch in watches]
