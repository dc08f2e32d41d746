"""What happens on an interface, or in a capture that another program writes, while it happens: a line for each event,
or JSON.

On the standard input it takes what a capture program elsewhere writes: ssh HOST tcpdump -U -w - port 3260 |
iscsi-analyzer live -
"""

from __future__ import annotations

import argparse
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from iscsi_analyzer.cli import exits
from iscsi_analyzer.cli.inputs import add_input_arguments, add_output_arguments, conclude, opened
from iscsi_analyzer.cli.live_options import (
    add_capture_arguments,
    byte_size,
    duration_ns,
    interface_lines,
    live_analysis,
    seconds,
)
from iscsi_analyzer.cli.live_stats import Stats
from iscsi_analyzer.cli.output import Output
from iscsi_analyzer.cli.until import Until
from iscsi_analyzer.sources.problems import WARNING, SourceProblem

if TYPE_CHECKING:
    from iscsi_analyzer.cli.live_output import LiveOutput
    from iscsi_analyzer.run import Analysis

LOOK_SECONDS = 0.1
"How often what is new is told, at most."
MUCH = 20_000_000
"Bytes that take long enough to say so."
PAUSE_SECONDS = 0.03
"How long to wait before a growing capture is looked at again."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `live`."""
    add_capture_arguments(parser)
    parser.add_argument("-D", dest="list_interfaces", action="store_true", help="list the interfaces")
    add_input_arguments(parser)
    add_output_arguments(parser, ("text", "jsonl"))
    group = parser.add_argument_group("live")
    group.add_argument(
        "--slow", metavar="TIME", type=duration_ns, default=50_000_000, help="a task is slow that takes so long (50ms)"
    )
    group.add_argument(
        "--stats", metavar="TIME", type=seconds, help="counts on stderr every so often (5s): captured, dropped, lag"
    )
    group.add_argument(
        "--max-memory", metavar="SIZE", type=byte_size, default=byte_size("1G"),
        help="forget old PDUs and tasks when what is remembered needs more than that (1G)",
    )  # fmt: skip
    group.add_argument("--no-report", dest="report", action="store_false", help="no report at the end")
    group.add_argument("--show-secrets", action="store_true", help="show challenges and responses of the login")


def run(arguments: argparse.Namespace) -> int:
    """Tells what happens until it is over, or until Ctrl-C."""
    if arguments.list_interfaces:
        for line in interface_lines():
            print(line)
        return exits.FINE
    with ExitStack() as stack:
        until = stack.enter_context(Until())
        analysis = _analysis(arguments, stack)
        return _tell(arguments, analysis, until)


def _analysis(arguments: argparse.Namespace, stack: ExitStack) -> Analysis:
    """The capture that was asked for, begun. Raises Stop."""
    files = [*arguments.more, *arguments.files]
    if files and arguments.interfaces:
        raise exits.Stop("either an interface (-i) or a capture to follow, not both")
    if files:
        return stack.enter_context(opened(arguments, follow=True))
    if not arguments.interfaces:
        listing = "\n".join(interface_lines())
        raise exits.Stop(f"no interface is named: -i IFACE, or - for a capture on the standard input\n{listing}")
    live = stack.enter_context(live_analysis(arguments))
    if not arguments.quiet:
        print(f"iscsi-analyzer: capturing on {live.source.title}", file=sys.stderr)
    return live


def _tell(arguments: argparse.Namespace, analysis: Analysis, until: Until) -> int:
    from iscsi_analyzer.cli.live_output import LiveOutput

    output = Output()
    told = LiveOutput(arguments, analysis, output)
    stats = Stats(analysis, arguments.stats)
    look = _Regularly(LOOK_SECONDS, told)
    while not until.over:
        if analysis.step():
            look.now_and_then()
        else:
            look.now()
            if analysis.over:
                break
            analysis.capture.wait(PAUSE_SECONDS)
        stats.look()
    if until.over:
        _say_what_is_left(arguments, analysis)
    analysis.stop()
    while not until.hurried and analysis.step():
        look.now_and_then()
        stats.look()
    if until.hurried:
        text = "the rest of the capture was not analysed: Ctrl-C was pressed twice"
        analysis.capture.note(SourceProblem("live", -1, text, "", WARNING))
    analysis.finish()
    stats.tell()
    told.end()
    if until.over and not analysis.engine.frames:
        output.code = exits.INTERRUPTED
    output.code = max(output.code, conclude(analysis, arguments.quiet, told=True))
    output.flush()
    return output.code


def _say_what_is_left(arguments: argparse.Namespace, analysis: Analysis) -> None:
    """Says on stderr that ending takes a while, if it does."""
    from iscsi_analyzer.export.tables import size
    from iscsi_analyzer.live import LiveAnalysis

    if isinstance(analysis, LiveAnalysis) and analysis.source.backlog > MUCH and not arguments.quiet:
        left = size(analysis.source.backlog)
        print(f"iscsi-analyzer: {left} are still to be analysed (Ctrl-C leaves them out)", file=sys.stderr, flush=True)


class _Regularly:
    """Tells what is new, but not more often than so often."""

    def __init__(self, period: float, told: LiveOutput) -> None:
        self._period = period
        self._told = told
        self._next = 0.0

    def now(self) -> None:
        """Does it."""
        self._told.more()
        self._told.make_room()
        self._next = time.monotonic() + self._period

    def now_and_then(self) -> None:
        """Does it if it is time for it."""
        if time.monotonic() >= self._next:
            self.now()
