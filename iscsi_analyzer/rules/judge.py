"""Shows every PDU, and every event of the model, to the rules of every topic.

Compiled. The only place that knows all topics; a rule is known here through the `see` of its module. A rule that raises
becomes a finding of its own: the rules after it miss that one PDU, the analysis goes on.
"""

from __future__ import annotations

from mypy_extensions import i64

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import Task
from iscsi_analyzer.model.watch import Look, Watcher
from iscsi_analyzer.rules import (
    crash,
    digest,
    digest_reject,
    framing,
    framing_lengths,
    nop,
    nop_answers,
    numbering,
    numbering_data,
    numbering_status,
    numbering_tags,
    numbering_window,
    recovery,
    recovery_range,
    reject,
)
from iscsi_analyzer.rules.desk import Desk
from iscsi_analyzer.rules.notes import of_connection
from iscsi_analyzer.streams.pdu import PduInHand


class Judge(Watcher):
    """Runs all rules on one analysis."""

    def __init__(self) -> None:
        self.desk: Desk = Desk()

    def see(self, follower: Follower, look: Look, pdu: PduInHand) -> None:
        try:
            framing.see(follower, look, pdu, self.desk)
            if look.row & digest.CHECKED and not digest.see(follower, look, pdu, self.desk):
                return
            if look.odd:
                return
            if look.to_target:
                self._initiator(follower, look)
            else:
                self._target(follower, look, pdu)
        except Exception as error:
            crash.rule_crashed(follower, look.number, error, self.desk)

    def _initiator(self, follower: Follower, look: Look) -> None:
        desk = self.desk
        opcode = look.opcode
        if opcode == 0x05:
            if look.whole:
                numbering_data.see(follower, look, desk)
        elif opcode == 0x10:
            if look.whole:
                recovery.see(follower, look, desk)
        else:
            if opcode <= 0x06:
                numbering_tags.see_initiator(follower, look, desk)
                if opcode == 0x00 and look.whole:
                    nop.see_out(follower, look, desk)
            numbering.see(follower, look, desk)
        if look.whole:
            numbering_status.see_initiator(follower, look, desk)

    def _target(self, follower: Follower, look: Look, pdu: PduInHand) -> None:
        desk = self.desk
        opcode = look.opcode
        numbering_tags.see_target(follower, look, desk)
        if look.whole:
            if opcode == 0x3F:
                reject.see(follower, look, pdu, desk)
                digest_reject.rejected(follower, look, pdu, desk)
                recovery_range.snack_type_unsupported(follower, look, desk)
            elif opcode == 0x20:
                nop.see_in(follower, look, desk)
            elif opcode == 0x21 and of_connection(follower).bad_data:
                digest_reject.answered(follower, look, desk)
            if opcode == 0x25 or opcode == 0x21 or opcode == 0x31:
                numbering_data.see(follower, look, desk)
                if look.flags & 0x40 and opcode == 0x25:
                    recovery_range.asked(follower, look)
                    framing_lengths.lun_inconsistent_with_task(follower, look, desk)
            numbering_window.see(follower, look, desk)
            numbering_status.see_target(follower, look, desk)

    def lost(self, follower: Follower, to_target: bool) -> None:
        try:
            numbering.lost(follower, to_target)
            numbering_status.lost(follower, to_target)
            nop.lost(follower)
        except Exception as error:
            crash.rule_crashed(follower, 0, error, self.desk)

    def full_feature(self, follower: Follower, number: i64) -> None:
        return

    def over(self, follower: Follower, task: Task, outcome: i64, number: i64) -> None:
        return

    def closed(self, follower: Follower) -> None:
        try:
            nop_answers.closed(follower, self.desk)
        except Exception as error:
            crash.rule_crashed(follower, 0, error, self.desk)
