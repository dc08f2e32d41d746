"""The rule on what a logical unit says after a logout has ended tasks of it (RFC 7143 sections 7.6 and 11.14.5).

Interpreted: sees PDUs of a session only once one of its connections was logged out with tasks open.
"""

from __future__ import annotations

from typing import Final

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import KIND_SCSI
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.desk import TARGET, Desk
from iscsi_analyzer.rules.logout import connections_of
from iscsi_analyzer.rules.notes import of_connection
from iscsi_analyzer.rules.rare_notes import rare
from iscsi_analyzer.rules.rule import NOTE, Rule
from iscsi_analyzer.rules.trouble import of_connection_trouble, watch

UNIT: Final = "unit attention"
RESPONSE, DATA_IN = 0x21, 0x25
WITHOUT: Final = (0x12, 0xA0)
"INQUIRY and REPORT LUNS, which never fail with UNIT ATTENTION."
REQUEST_SENSE: Final = 0x03
"May fetch it as its data."
MAX_UNITS: Final = 256

RULES = (
    Rule(
        "ua-after-implicit-termination",
        NOTE,
        TARGET,
        "RFC 7143 sections 11.14.5 and 7.6",
        "The first command since a logout ended tasks of its logical unit ends with GOOD and not with UNIT ATTENTION",
        "all of the connections",
        occasion="iscsi.opcode == logout_response && iscsi.session.connections > 1",
    ),
)


def logged_out(follower: Follower, look: Look) -> None:
    """A Logout Response that `logout_after` took note of."""
    if of_connection(follower).closed != look.number or len(follower.session.connections) < 2 or follower.losses:
        return
    tasks = follower.session.open.values()
    units = {task.lun for task in tasks if task.kind == KIND_SCSI and task.connection == follower.number}
    for each in connections_of(follower) if units else ():
        if each is not follower:
            watch(each, UNIT)
            terminated = rare(each).terminated
            for lun in units:
                if len(terminated) < MAX_UNITS:
                    terminated[lun] = look.number


def see_watched(follower: Follower, look: Look, desk: Desk) -> None:
    """Looks for the first status of each logical unit."""
    task = look.task
    if task is None or not (look.opcode == RESPONSE or (look.opcode == DATA_IN and look.flags & 0x01)):
        return
    terminated = rare(follower).terminated
    logout = terminated.get(task.lun, 0)
    if not logout or task.request < logout or task.operation in WITHOUT:
        return
    for each in connections_of(follower):
        rare(each).terminated.pop(task.lun, None)
    if not terminated:
        of_connection_trouble(follower).watching.discard(UNIT)
    if look.header[3] == 0 and (look.opcode == DATA_IN or look.header[2] == 0) and task.operation != REQUEST_SENSE:
        ua_after_implicit_termination(follower, look, desk, logout)


def ua_after_implicit_termination(follower: Follower, look: Look, desk: Desk, logout: int) -> None:
    """A logical unit does not tell that tasks were ended.

    ## What it means
    A logout ends the tasks that are still open on its connection. The next command for each of their logical units
    should fail with UNIT ATTENTION, `commands cleared by iSCSI protocol event`, so that everybody learns of it. This
    one did not.

    ## Why it matters
    Only whoever sent the logout knows that commands are gone. Another user of the logical unit believes that they were
    carried out.

    ## Example
        talk = Talk(max_connections=2).open()
        second = talk.join().open()
        second.command(read=4096)
        second.logout(1)
        second.fin()
        talk.test_unit_ready()

    ## When it is silent
    For INQUIRY, REPORT LUNS and REQUEST SENSE, when bytes of a connection are missing, and for what other sessions do.

    ## Reference
    RFC 7143 sections 11.14.5 and 7.6
    """
    if not follower.losses:
        desk.report("ua-after-implicit-termination", TARGET, follower, look, {}, logout)
