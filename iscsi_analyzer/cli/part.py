"""The options that say which part of a capture is to be told: --since, --until, --session and -Y."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from iscsi_analyzer.cli.exits import Stop

if TYPE_CHECKING:
    from iscsi_analyzer.analysis.focus import Focus
    from iscsi_analyzer.query.filter import Filter
    from iscsi_analyzer.store.store import Store
    from iscsi_analyzer.when import When

MEANING = (
    "T is seconds since the first frame (12.5; 500ms, 2min, 1h), the same with a plus sign (+30s; of --until: after "
    "--since), a date and time (2026-11-20T11:32:20.5, UTC unless it ends with an offset), a time of day (11:32:20, "
    "UTC), or seconds since 1970 (100000000 and more)"
)


def add_part_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of every command that tells of captures."""
    group = parser.add_argument_group("what is told", f"The whole capture is analysed all the same. {MEANING}.")
    group.add_argument(
        "--since", metavar="T", type=_when,
        help="leave out what was over before T: PDUs by their last byte, tasks by their end, sessions by "
        "their last frame",
    )  # fmt: skip
    group.add_argument(
        "--until", metavar="T", type=_when, help="read no frame later than T, as if the capture ended there"
    )
    group.add_argument(
        "--session", dest="sessions", metavar="N", type=session_number, action="append", default=[],
        help="that session only; repeatable",
    )  # fmt: skip
    add_filter_argument(group)


def add_filter_argument(group: Any) -> None:
    """-Y FILTER."""
    group.add_argument("-Y", dest="filter", metavar="FILTER", help="a display filter, as in Wireshark")


def filter_of(arguments: argparse.Namespace) -> Filter | None:
    """The filter that was asked for. Raises Stop with a mark under the place that is wrong."""
    text = arguments.filter
    if not text:
        return None
    from iscsi_analyzer.query import compile_filter
    from iscsi_analyzer.query.errors import QueryError

    try:
        return compile_filter(text)
    except QueryError as error:
        raise Stop(f"-Y: {error.message}\n{error.pointed(text)}") from None


def until_of(arguments: argparse.Namespace) -> Callable[[int], int] | None:
    """What tells the last time that is to be read from the time of the first frame. It raises Stop if that lies before
    --since."""
    until: When | None = getattr(arguments, "until", None)
    since: When | None = getattr(arguments, "since", None)
    if until is None:
        return None

    def last(first: int) -> int:
        begin = None if since is None else since.at(first)
        end = until.at(first, begin)
        if begin is not None and end < begin:
            raise Stop(f"--until {until.text} is before --since {since.text if since else ''}: nothing is left")
        return end

    return last


def focus_of(arguments: argparse.Namespace, store: Store, wanted: Filter | None) -> Focus | None:
    """The part of the store that was asked for; None: everything."""
    since: When | None = arguments.since
    if since is None and not arguments.sessions and wanted is None:
        return None
    from iscsi_analyzer.analysis.focus import Focus

    return Focus(store, since=None if since is None else since.at, sessions=arguments.sessions, wanted=wanted)


def check_sessions(arguments: argparse.Namespace, store: Store) -> None:
    """Raises Stop if a session was asked for that there is not. To be called when everything was read."""
    known = {int(session.number) for session in store.sessions}
    for number in arguments.sessions:
        if number not in known:
            there = f"there are {min(known)} to {max(known)}" if len(known) > 1 else f"there is {_one(known)}"
            raise Stop(f"--session {number}: there is no such session; {there}")


def _one(known: set[int]) -> str:
    return f"only {next(iter(known))}" if known else "none"


def words(arguments: argparse.Namespace) -> list[str]:
    """What was asked for, option by option."""
    found = [f"--{name} {getattr(arguments, name).text}" for name in ("since", "until") if getattr(arguments, name)]
    found += [f"--session {number}" for number in arguments.sessions]
    found += [f"-Y '{arguments.filter}'"] if arguments.filter else []
    return found


def _when(text: str) -> When:
    from iscsi_analyzer.query.literals import Unreadable
    from iscsi_analyzer.when import when

    try:
        return when(text)
    except Unreadable as wrong:
        raise argparse.ArgumentTypeError(f"{text!r} is {wrong}") from None


def session_number(text: str) -> int:
    """The number of a session, for argparse."""
    if not text.isdecimal() or not 0 < int(text) < 1 << 32:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of a session (1 or more)")
    return int(text)
