"""What a capture shows of the reason for an end, in the order of weight. Says what was seen; where nothing was seen, it
is silent.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from dissectors.iscsi.words import ASYNC_EVENTS, OPCODES, REJECT_REASONS, TMF_FUNCTIONS
from iscsi_analyzer.analysis.ending import LOGIN_FAILED, LOGOUT, OPEN, Ending, Reason
from iscsi_analyzer.analysis.facts import INITIATOR, TARGET
from iscsi_analyzer.analysis.outcomes import lossy
from iscsi_analyzer.analysis.watch import LOGOUT_REQUESTED, Watch
from iscsi_analyzer.export.time_text import span
from iscsi_analyzer.model import task as model
from iscsi_analyzer.store import rows
from iscsi_analyzer.streams.serial import distance

MUTE_NS: Final = 10_000_000_000
"A side that sends no PDU for so long, while the other one does, is told of."
SHORTLY_NS: Final = 5_000_000_000
"What happened so long before the end may have to do with it."
LONG_NS: Final = 1_000_000_000
"A wait so long may be the reason for an end; what waited less long is merely what was lost with it."
LAST_PDUS: Final = 4
LAST_WORD: Final = "the last PDU was"

_NUMBERED: Final = (0x00, 0x01, 0x02, 0x03, 0x04, 0x06)
"Opcodes of PDUs with a CmdSN."
_REJECT: Final = 0x3F
_DROPS: Final = (LOGOUT_REQUESTED, 2, 3)
"AsyncEvents that announce an end."


class Reasons(Watch):
    """Looks for reasons."""

    def reasons(self, ending: Ending) -> list[Reason]:
        """What may explain it, what weighs most first."""
        if ending.how in (LOGOUT, OPEN):
            return [self.asked_by_target(ending)] if ending.logout and ending.logout.asked_by_target else []
        if ending.how == LOGIN_FAILED:
            return [Reason(words=self.login.words, pdus=self.login.pdus[-2:])]
        found = self.announced()
        found += self.digests(TARGET if ending.by == INITIATOR else INITIATOR)
        found += self.rejects()
        found += self.missing_answers(ending)
        found += self.deaf(ending)
        found += self.mute(ending)
        found += self.numbering()
        return found or self.last_word(ending)

    def missing_answers(self, ending: Ending) -> list[Reason]:
        """Requests of each kind that had no answer; silent where the capture may lack the answer."""
        found: list[Reason] = []
        if not lossy(self.facts, self.number, TARGET):
            found += self.unanswered_logout(ending)
            found += self.unanswered_management()
        found += self.unanswered_pings_of(ending)
        if not lossy(self.facts, self.number, TARGET):
            found += self.stuck(ending)
        return found

    def unanswered_logout(self, ending: Ending) -> list[Reason]:
        """The initiator asked to log out, in vain."""
        if ending.logout is not None and not ending.logout.answer_pdu:
            words = "the initiator had asked to log out and got no answer"
            return [Reason(words=words, pdus=[ending.logout.request_pdu])]
        return []

    def last_word(self, ending: Ending) -> list[Reason]:
        """The target closed the connection right after a PDU that it did not answer."""
        last, before = ending.from_initiator, ending.from_target
        if ending.by != TARGET or last is None or (before is not None and before.pdu > last.pdu):
            return []
        wait = ending.at_ns - last.at_ns
        before_that = f"{span(wait)} before" if wait > 0 else "just before"
        return [Reason(words=f"{LAST_WORD} the initiator's {last.what}, {before_that}", pdus=[last.pdu])]

    def asked_by_target(self, ending: Ending) -> Reason:
        return Reason(
            words="the target had asked for the logout by an Asynchronous Message",
            pdus=[pdu for pdu, event in self.async_messages() if event == LOGOUT_REQUESTED],
        )

    def announced(self) -> list[Reason]:
        """Asynchronous Messages shortly before."""
        return [
            Reason(words=f"the target had sent an Asynchronous Message: {ASYNC_EVENTS(event)}", pdus=[pdu])
            for pdu, event in self.async_messages()
            if event in _DROPS or self.end - int(self.facts.time_last[pdu - 1]) <= SHORTLY_NS
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

    def unanswered_pings_of(self, ending: Ending) -> list[Reason]:
        """Unanswered pings, and whether the other side was alive otherwise."""
        found = []
        for ping in ending.unanswered_pings:
            if ping.waited_ns < LONG_NS and ping.by != ending.by:
                continue
            if lossy(self.facts, self.number, TARGET if ping.by == INITIATOR else INITIATOR):
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

    def mute(self, ending: Ending) -> list[Reason]:
        """One side sent no PDU for long while the other one did."""
        found = []
        sides = ((INITIATOR, TARGET, True, ending.from_initiator), (TARGET, INITIATOR, False, ending.from_target))
        for side, other, to_target, last in sides:
            if last is None or self.end - last.at_ns < MUTE_NS:
                continue
            meanwhile = int(np.count_nonzero(self.to_target[np.searchsorted(self.pdus, last.pdu) :] != to_target))
            if meanwhile:
                words = (
                    f"the {side} had sent no PDU for {span(self.end - last.at_ns)}, the {other} {meanwhile} meanwhile"
                )
                found.append(Reason(words=words, pdus=[last.pdu]))
        return found

    def numbering(self) -> list[Reason]:
        """The target and the initiator disagree about the next CmdSN, so that commands are ignored or held back (RFC
        7143 section 4.2.2.1)."""
        session = self.facts.session(int(self.facts.session_of[self.number]))
        expected, most = session.exp_cmd_sn, session.max_cmd_sn
        mine = self.pdus[self.to_target & np.isin(self.facts.opcode[self.pdus], _NUMBERED)]
        if expected < 0 or not len(mine) or len(session.connections) > 1 or lossy(self.facts, self.number, INITIATOR):
            return []
        pdu = int(mine[-1]) + 1
        row = self.facts.store.row(pdu)
        if row.header_captured < 28:
            return []
        number = int.from_bytes(row.header[24:28], "big")
        following = (number + (0 if row.header[0] & 0x40 else 1)) & 0xFFFFFFFF
        ahead = distance(expected, following)
        if ahead > 0:
            words = (
                f"the target expects CmdSN {expected}, the initiator is at {following}: the target counted what uses "
            )
            words += "up no number, and takes the next command for an old one"
            return [Reason(words=words, pdus=[pdu])]
        if ahead == 0 or self.end - row.time_last < LONG_NS:
            return []
        if distance(number, most) > 0:
            words = f"CmdSN {number} is beyond the window, which ends with MaxCmdSN {most}: the target may ignore it"
            return [Reason(words=words, pdus=[pdu])]
        numbers = self.facts.pdus.gather(rows.HEADER_AT + 24, ">u4", mine)
        if expected not in numbers:
            words = f"the target waits for CmdSN {expected}, which was never sent; it holds back what came after it"
            return [Reason(words=words, pdus=[pdu])]
        return []
