"""Rules of third parties: modules that are found by entry point, or named by their file.

A plug-in is a module with `RULES`, a sequence of `Rule`, and any of these functions, which are called as the functions
of the same name in the built-in topics are, and hand in what they find at the desk:

    see(follower, look, desk)                       every PDU, before the model takes note of it
    lost(follower, to_target, desk)                 bytes of one direction are missing
    full_feature(follower, number, desk)            PDU `number` ended the login of the connection with success
    over(follower, task, outcome, number, desk)     a task is over (model.task.OUTCOMES), by PDU `number`
    closed(follower, desk)                          nothing more will come on the connection

What it has to remember between two calls belongs into `desk.memory`, a dict that is new for every analysis; a module is
used for many. The function of a rule's name, with underscores, carries the rule's explanation, as everywhere.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from iscsi_analyzer.rules.rule import GENERATIONS, SEVERITIES, Rule

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "iscsi_analyzer.rules"
"Entry point group of plug-ins."
EVENTS = ("see", "lost", "full_feature", "over", "closed")

Handler = Callable[..., object]


class PluginError(Exception):
    """A plug-in cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Plugin:
    """One plug-in."""

    name: str
    rules: tuple[Rule, ...] = ()
    source: Path | None = None
    "Where its explanations are."
    see: Handler | None = None
    lost: Handler | None = None
    full_feature: Handler | None = None
    over: Handler | None = None
    closed: Handler | None = None
    problem: str = ""
    "Why an installed plug-in cannot be used; it has no rules then."


def load(path: str | Path) -> Plugin:
    """The plug-in in a file. Raises PluginError."""
    place = Path(path)
    if not place.is_file():
        raise PluginError(f"no file {path}")
    name = f"iscsi_analyzer_plugin_{place.stem}"
    spec = spec_from_file_location(name, place)
    if spec is None or spec.loader is None:
        raise PluginError(f"{path} is no Python file")
    module = module_from_spec(spec)
    sys.modules[name] = module  # as dataclasses and pickles of the module want it
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise PluginError(f"{path} cannot be imported: {type(error).__name__}: {error}") from error
    return of_module(place.stem, module)


@cache
def installed() -> tuple[Plugin, ...]:
    """The plug-ins of installed packages. One that cannot be used is there all the same, with the reason."""
    if not any(map(_announces, sys.path)):
        return ()
    from importlib.metadata import entry_points

    return tuple(_installed(entry) for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name))


def _announces(directory: str) -> bool:
    """Whether a package that is installed in a directory has plug-ins. Looked up by hand, as the machinery that knows
    for sure takes longer to load than a small capture to analyse, and there are seldom any."""
    try:
        with os.scandir(directory or ".") as entries:
            places = [entry.path for entry in entries if entry.name.endswith((".dist-info", ".egg-info"))]
    except OSError:
        return False
    for place in places:
        try:
            with open(os.path.join(place, "entry_points.txt"), "rb") as file:
                if GROUP.encode() in file.read():
                    return True
        except OSError:
            continue
    return False


def chosen(plugins: tuple[Plugin, ...] | None) -> tuple[Plugin, ...]:
    """The plug-ins that options name; None stands for the installed ones."""
    return installed() if plugins is None else plugins


def _installed(entry: EntryPoint) -> Plugin:
    try:
        module = entry.load()
        if not isinstance(module, ModuleType):
            raise PluginError(f"{entry.value} is no module")
        return of_module(entry.name, module)
    except Exception as error:
        reason = str(error) if isinstance(error, PluginError) else f"{type(error).__name__}: {error}"
        return Plugin(entry.name, problem=reason)


def of_module(name: str, module: ModuleType) -> Plugin:
    """A module as a plug-in. Raises PluginError."""
    rules: Any = getattr(module, "RULES", None)
    if not isinstance(rules, Sequence) or not all(isinstance(rule, Rule) for rule in rules):
        raise PluginError(f"plug-in {name} has no RULES, a sequence of iscsi_analyzer.rules.rule.Rule")
    for rule in rules:
        if rule.severity not in SEVERITIES or rule.since not in GENERATIONS:
            raise PluginError(f"plug-in {name}: {rule.name} has severity {rule.severity!r} and is since {rule.since!r}")
    handlers: dict[str, Any] = {event: getattr(module, event, None) for event in EVENTS}
    if not any(callable(handler) for handler in handlers.values()):
        raise PluginError(f"plug-in {name} has none of the functions {', '.join(EVENTS)}")
    file = getattr(module, "__file__", None)
    return Plugin(name, tuple(rules), Path(file) if file else None, **handlers)


def together(plugins: Iterable[Plugin], built_in: Iterable[str]) -> tuple[Plugin, ...]:
    """The plug-ins, each once. Raises PluginError if the name of a rule is taken twice."""
    taken = dict.fromkeys(built_in, "the analyzer itself")
    found = []
    for plugin in plugins:
        for rule in plugin.rules:
            if rule.name in taken:
                raise PluginError(f"plug-in {plugin.name}: the rule {rule.name} is one of {taken[rule.name]} already")
            taken[rule.name] = f"plug-in {plugin.name}"
        found.append(plugin)
    return tuple(found)
