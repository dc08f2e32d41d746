"""Shows PDUs and events to plug-ins. One that raises becomes a finding; the others, and the analysis, go on.

Interpreted: only analyses with plug-ins come here.
"""

from __future__ import annotations

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import Task
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules import crash
from iscsi_analyzer.rules.desk import Desk
from iscsi_analyzer.rules.plugin import Handler, Plugin, chosen


def in_use(plugins: tuple[Plugin, ...] | None, desk: Desk) -> list[Plugin]:
    """The plug-ins of an analysis (None: the installed ones). Of those that cannot be used, the desk is told."""
    found = []
    for plugin in chosen(plugins):
        if plugin.problem:
            crash.unusable(plugin.name, plugin.problem, desk)
        else:
            found.append(plugin)
    return found


def see(plugins: list[Plugin], follower: Follower, look: Look, desk: Desk) -> None:
    """A PDU, before the model takes note of it."""
    for plugin in plugins:
        if plugin.see is not None:
            _ask(plugin, plugin.see, follower, look.number, desk, look, desk)


def lost(plugins: list[Plugin], follower: Follower, to_target: bool, desk: Desk) -> None:
    """Bytes of one direction are missing."""
    for plugin in plugins:
        if plugin.lost is not None:
            _ask(plugin, plugin.lost, follower, 0, desk, to_target, desk)


def full_feature(plugins: list[Plugin], follower: Follower, number: int, desk: Desk) -> None:
    """The login of the connection succeeded."""
    for plugin in plugins:
        if plugin.full_feature is not None:
            _ask(plugin, plugin.full_feature, follower, number, desk, number, desk)


def over(plugins: list[Plugin], follower: Follower, task: Task, outcome: int, number: int, desk: Desk) -> None:
    """A task is over."""
    for plugin in plugins:
        if plugin.over is not None:
            _ask(plugin, plugin.over, follower, number, desk, task, outcome, number, desk)


def closed(plugins: list[Plugin], follower: Follower, desk: Desk) -> None:
    """Nothing more will come on the connection."""
    for plugin in plugins:
        if plugin.closed is not None:
            _ask(plugin, plugin.closed, follower, 0, desk, desk)


def _ask(plugin: Plugin, handler: Handler, follower: Follower, number: int, desk: Desk, *arguments: object) -> None:
    try:
        handler(follower, *arguments)
    except Exception as error:
        crash.rule_crashed(follower, number, error, desk, plugin.name)
