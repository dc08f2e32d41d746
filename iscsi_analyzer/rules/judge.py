"""Shows every PDU, and every event of the model, to the rules of every topic.

Compiled. The only place that knows all topics; a rule is known here through the `see` of its module. A rule that raises
becomes a finding of its own: the rules after it miss that one PDU, the analysis goes on.
"""

from __future__ import annotations

from mypy_extensions import i64

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import ABORTED, ANSWERED, Task
from iscsi_analyzer.model.watch import Look, Watcher
from iscsi_analyzer.rules import (
    async_message,
    async_message_after,
    command_fields,
    connection_failure,
    crash,
    digest,
    digest_recovery,
    digest_reject,
    framing,
    framing_lengths,
    logout,
    logout_after,
    logout_late,
    nexus,
    nop,
    nop_answers,
    nop_habits,
    numbering,
    numbering_data,
    numbering_rejects,
    numbering_status,
    numbering_tags,
    numbering_window,
    plugged,
    rare,
    recovery,
    recovery_range,
    reject,
    reserved_codes,
    scsi,
    sessions,
    spoken,
    task_management,
    task_management_after,
    task_management_answer,
    task_management_task,
    unfinished,
    unit_attention,
)
from iscsi_analyzer.rules.desk import Desk
from iscsi_analyzer.rules.evidence import believed, doubtful
from iscsi_analyzer.rules.notes import of_connection
from iscsi_analyzer.rules.plugin import Plugin
from iscsi_analyzer.store.places import Places
from iscsi_analyzer.streams.pdu import PduInHand


class Judge(Watcher):
    """Runs all rules on one analysis."""

    def __init__(self, plugins: tuple[Plugin, ...] | None = None, places: Places | None = None) -> None:
        """With these plug-ins; None: those of the installed packages. `places` tells where the rows of PDUs stand."""
        self.desk: Desk = Desk(places)
        self._plugins: list[Plugin] = plugged.in_use(plugins, self.desk)
        self._plugged: bool = len(self._plugins) > 0

    def see(self, follower: Follower, look: Look, pdu: PduInHand) -> None:
        if self._plugged and not look.odd:
            plugged.see(self._plugins, follower, look, self.desk)
        try:
            if look.row & digest.CHECKED:
                digest.see(follower, look, pdu, self.desk)
            if not believed(follower, look.opcode, look.row):
                follower.lose(look.to_target)  # it may have been anything
                return
            doubt = doubtful(follower, look.opcode)
            if not doubt:
                framing.see(follower, look, pdu, self.desk)
            task = look.task
            notes = of_connection(follower)
            if notes.watched or _is_said(look.opcode):
                spoken.see(follower, look, self.desk)
            if look.odd or doubt:
                follower.lose(look.to_target)
                return
            if task is not None and task.connection != follower.number:
                sessions.see_foreign(follower, look, task, self.desk)
                rare.see_foreign(follower, look, task, self.desk)
            if follower.alert:
                digest_recovery.see(follower, look, self.desk)
                logout_after.see(follower, look, self.desk)
                logout_late.see(follower, look, self.desk)
                nexus.see_replaced(follower, look, self.desk)
                async_message_after.see(follower, look, self.desk)
            if notes.vigil:
                rare.see_watched(follower, look, self.desk)
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
                    nop_habits.see(follower, look, desk)
            numbering.see(follower, look, desk)
        scsi.see_initiator(follower, look, desk)
        if look.whole:
            numbering_status.see_initiator(follower, look, desk)
        if opcode == 0x02:
            sessions.see_management(follower, look)
            task_management.see(follower, look, desk)
            task_management_task.see(follower, look, desk)
            command_fields.management(follower, look, desk)
        elif opcode == 0x06:
            logout.see(follower, look, desk)
            logout_after.see_request(follower, look)
        if opcode == 0x02 or opcode == 0x06 or opcode == 0x10 or opcode == 0x04:
            rare.see_initiator(follower, look, desk)

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
                nop_habits.see(follower, look, desk)
            elif opcode == 0x21 and of_connection(follower).bad_data:
                digest_reject.answered(follower, look, desk)
            if opcode == 0x21 and look.late:
                rare.answered_again(follower, look, desk)
            if opcode == 0x25 or opcode == 0x21 or opcode == 0x31:
                numbering_data.see(follower, look, desk)
                if look.flags & 0x40 and opcode == 0x25:
                    recovery_range.asked(follower, look)
                    rare.asked(follower, look)
                    framing_lengths.lun_inconsistent_with_task(follower, look, desk)
            numbering_window.see(follower, look, desk)
            numbering_status.see_target(follower, look, desk)
        scsi.see_target(follower, look, desk)
        if opcode == 0x22:
            task_management_answer.see(follower, look, desk)
            reserved_codes.see(follower, look, desk)
        elif opcode == 0x26:
            logout.see(follower, look, desk)
            logout_after.see_response(follower, look)
            unit_attention.logged_out(follower, look)
            reserved_codes.see(follower, look, desk)
        elif opcode == 0x32:
            async_message.see(follower, look, desk)
            async_message_after.see_message(follower, look)
        elif opcode == 0x3F:
            task_management_answer.tmf_level2_rejected(follower, look, desk)
        elif opcode == 0x21 or (opcode == 0x25 and look.flags & 0x01):
            task = look.task
            if task is None or task.request == 0:
                task_management_after.task_response_after_tmf(follower, look, desk)
        if opcode == 0x22 or opcode == 0x3F or opcode == 0x26 or opcode == 0x32 or opcode == 0x23:
            rare.see_target(follower, look, desk)

    def lost(self, follower: Follower, to_target: bool) -> None:
        if self._plugged:
            plugged.lost(self._plugins, follower, to_target, self.desk)
        try:
            numbering.lost(follower, to_target)
            numbering_status.lost(follower, to_target)
            nop.lost(follower)
            scsi.lost(follower, to_target)
            task_management_after.lost(follower)
            logout_after.lost(follower)
            async_message_after.lost(follower)
            rare.lost(follower)
        except Exception as error:
            crash.rule_crashed(follower, 0, error, self.desk)

    def full_feature(self, follower: Follower, number: i64) -> None:
        if self._plugged:
            plugged.full_feature(self._plugins, follower, number, self.desk)

    def over(self, follower: Follower, task: Task, outcome: i64, number: i64) -> None:
        if self._plugged:
            plugged.over(self._plugins, follower, task, outcome, number, self.desk)
        if outcome == ABORTED:
            try:
                task_management_after.over(follower, task, number)
            except Exception as error:
                crash.rule_crashed(follower, number, error, self.desk)
        elif outcome != ANSWERED:
            try:
                rare.over(follower, task, outcome, self.desk)
            except Exception as error:
                crash.rule_crashed(follower, number, error, self.desk)

    def closed(self, follower: Follower) -> None:
        if self._plugged:
            plugged.closed(self._plugins, follower, self.desk)
        try:
            nop_answers.closed(follower, self.desk)
            unfinished.closed(follower, self.desk)
            numbering_rejects.closed(follower, self.desk)
            spoken.closed(follower, self.desk)
            logout_after.closed(follower, self.desk)
            logout_late.closed(follower, self.desk)
            connection_failure.closed(follower, self.desk)
            async_message_after.closed(follower, self.desk)
        except Exception as error:
            crash.rule_crashed(follower, 0, error, self.desk)


def _is_said(opcode: i64) -> bool:
    """Login, text, and Reject, which may answer a text."""
    kind = opcode & 0x1F
    return kind == 0x03 or kind == 0x04 or opcode == 0x3F
