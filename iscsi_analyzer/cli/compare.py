"""Two captures of one traffic, made at the host and at the array: is it the network or the target, and what was lost on
the way? With --session twice: two sessions side by side, such as a login that works and one that fails.

Each capture is a file or a directory. With one FILE its two sessions are compared; with two, the first --session is of
the first file.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from contextlib import ExitStack
from typing import TYPE_CHECKING

from iscsi_analyzer.cli.exits import DAMAGED, Stop
from iscsi_analyzer.cli.inputs import add_input_arguments, add_output_arguments, batches, conclude, opened
from iscsi_analyzer.cli.output import Output, colour
from iscsi_analyzer.cli.part import session_number

if TYPE_CHECKING:
    from iscsi_analyzer.run import Analysis

LISTED = 20
"Sessions that are named when it has to be asked which ones."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `compare`."""
    add_input_arguments(parser)
    add_output_arguments(parser, ("text", "json"))
    group = parser.add_argument_group("comparison")
    group.add_argument(
        "--session", dest="sessions", metavar="N", type=session_number, action="append", default=[],
        help="given twice: compare these two sessions, of one FILE or the first of A and the second of B",
    )  # fmt: skip
    group.add_argument(
        "--late", metavar="TIME", type=_duration,
        help="what takes longer from A to B is late, such as 5ms (default: ten times the median, at least 1 ms)",
    )  # fmt: skip
    group.add_argument("--all", action="store_true", help="leave no list of the text unfinished")


def run(arguments: argparse.Namespace) -> int:
    """Reads one capture or two, then prints what is the same and what is not."""
    files = [*arguments.more, *arguments.files]
    if files.count("-") == 2:
        raise Stop("the standard input can be one of the captures, not both")
    if len(files) == 2 and not arguments.sessions:
        return _captures(arguments, files)
    if len(files) not in (1, 2):
        raise Stop("two captures are compared: iscsi-analyzer compare A B; or two sessions: --session N --session M")
    if len(arguments.sessions) not in (0, 2):
        raise Stop("two sessions are compared: give --session twice")
    return _sessions(arguments, files)


def _captures(arguments: argparse.Namespace, files: list[str]) -> int:
    from iscsi_analyzer.compare.comparison import compare
    from iscsi_analyzer.compare.side import Side
    from iscsi_analyzer.compare.text import comparison_text
    from iscsi_analyzer.sources.problems import SourceError

    output = Output()
    with ExitStack() as stack:
        analyses = [_read(stack, arguments, file, judge=False) for file in files]
        try:
            sides = [Side(analysis) for analysis in analyses]
        except SourceError as error:
            raise Stop(str(error), DAMAGED) from None
        record = compare(sides[0], sides[1], late_ns=arguments.late)
        text = comparison_text(record, colour=colour(arguments.color), everything=arguments.all)
        return _told(arguments, analyses, record, text, output)


def _sessions(arguments: argparse.Namespace, files: list[str]) -> int:
    from iscsi_analyzer.compare.sessions import One, compare_sessions
    from iscsi_analyzer.compare.sessions_text import sessions_text

    output = Output()
    with ExitStack() as stack:
        analyses = [_read(stack, arguments, file, judge=True) for file in files]
        numbers = arguments.sessions or _only_two(analyses[0])
        ones = [One(analysis, number) for analysis, number in zip((analyses * 2)[:2], numbers, strict=True)]
        for one in ones:
            _check(one.analysis, one.number)
        record = compare_sessions(ones[0], ones[1])
        text = sessions_text(record, colour=colour(arguments.color), everything=arguments.all)
        return _told(arguments, analyses, record, text, output)


def _only_two(analysis: Analysis) -> list[int]:
    """The sessions of a capture that has just two. Raises Stop, with the sessions that there are."""
    numbers = [int(session.number) for session in analysis.store.sessions if session.connections]
    if len(numbers) == 2:
        return numbers
    from iscsi_analyzer.analysis.study import Study

    lines = ["which two sessions? --session N --session M; or name a second capture. There are:"]
    lines += [
        f"  {each.session}: {each.initiator_name or '?'} -> {each.target_name or each.type}, {each.how}"
        for each in Study(analysis.store).sessions[:LISTED]
    ]
    more = len(numbers) - LISTED
    raise Stop("\n".join([*lines, f"  ... and {more} more"] if more > 0 else lines))


def _check(analysis: Analysis, number: int) -> None:
    known = [int(session.number) for session in analysis.store.sessions if session.connections]
    if number not in known:
        there = f"{min(known)} to {max(known)}" if len(known) > 1 else str(known[0] if known else "none")
        raise Stop(f"--session {number}: there is no such session in {analysis.capture.files[0].path}; there: {there}")


def _read(stack: ExitStack, arguments: argparse.Namespace, file: str, *, judge: bool) -> Analysis:
    """The finished analysis of one of the captures."""
    mine = argparse.Namespace(**{**vars(arguments), "files": [file], "more": []})
    analysis = stack.enter_context(opened(mine, random_access=True, judge=judge))
    for _ in batches(analysis, arguments.quiet):
        pass
    return analysis


def _told(
    arguments: argparse.Namespace, analyses: list[Analysis], record: object, text: Iterable[str], output: Output
) -> int:
    """Prints the record and says what was wrong with the input; the exit code."""
    if arguments.format == "json":
        import msgspec

        output.write(msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n")
    else:
        for line in text:
            output.text(line + "\n")
    output.code = max(conclude(analysis, arguments.quiet) for analysis in analyses)
    output.flush()
    return output.code


def _duration(text: str) -> int:
    from iscsi_analyzer.query.literals import Unreadable, duration

    try:
        return duration(text)
    except Unreadable as wrong:
        raise argparse.ArgumentTypeError(f"{text!r} is {wrong}") from None
