"""What was seen last on one connection: PDUs, frames, pings, requests that were waiting, logout."""

from __future__ import annotations

from typing import Final

import numpy as np

from dissectors.iscsi.words import LOGOUT_REASONS, LOGOUT_RESPONSES, OPCODES
from iscsi_analyzer.analysis.addresses import initiator_half, target_half
from iscsi_analyzer.analysis.ending import LastPdu, Logout, Ping, Waiting
from iscsi_analyzer.analysis.facts import INITIATOR, TARGET, Facts, Numbers
from iscsi_analyzer.analysis.logins import LoginReport
from iscsi_analyzer.analysis.operations import Operations, lun_text
from iscsi_analyzer.model import task as model
from iscsi_analyzer.store import rows
from iscsi_analyzer.store.tasks import NO_TIME

EXAMPLES: Final = 10
LOGOUT_REQUESTED: Final = 1
"AsyncEvent by which a target asks for a logout (RFC 7143 section 11.9.1)."
_ASYNC: Final = 0x32
_ASYNC_EVENT_AT: Final = 36


class Watch:
    """One connection, as it stood at its end."""

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

    def last_pdu(self, to_target: bool) -> LastPdu | None:
        mine = np.flatnonzero(self.to_target == to_target)
        if not len(mine):
            return None
        pdu = int(self.pdus[mine[-1]]) + 1
        row = self.facts.store.row(pdu)
        name = OPCODES(row.opcode) + ("" if OPCODES.known(row.opcode) else f" PDU (0x{row.opcode:02x})")
        return LastPdu(pdu, row.frame_last, name, row.time_last)

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
        found: Numbers = self.tasks[mine]
        order = np.argsort(facts.task("request")[found])
        return found[order]

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
            asked_by_target=any(event == LOGOUT_REQUESTED for _, event in self.async_messages()),
        )

    def async_messages(self) -> list[tuple[int, int]]:
        """The Asynchronous Messages: PDU and event."""
        mine = self.pdus[self.facts.opcode[self.pdus] == _ASYNC][-EXAMPLES:]
        return [(pdu + 1, self.facts.store.row(pdu + 1).header[_ASYNC_EVENT_AT]) for pdu in mine.tolist()]
