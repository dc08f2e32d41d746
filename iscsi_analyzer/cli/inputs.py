"""The options that say what is read and how, shared by all commands that read captures; and the reading itself, with
progress."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from iscsi_analyzer.cli import exits
from iscsi_analyzer.cli.mistakes import of_format
from iscsi_analyzer.cli.part import until_of
from iscsi_analyzer.cli.progress import Progress
from iscsi_analyzer.cli.rule_options import add_rule_arguments, configuration_of, plugins_of, selection_of
from iscsi_analyzer.cli.until import Until

if TYPE_CHECKING:
    from iscsi_analyzer.options import Options
    from iscsi_analyzer.run import Analysis

_DECODE_AS = re.compile(r"tcp\.(?:port|srcport|dstport)==(\d+)(?:-(\d+))?,iscsi", re.IGNORECASE)
MAX_PORTS = 1024
FOLLOW_SECONDS = 0.2
"How long to wait before a followed file is looked at again."


def add_input_arguments(parser: argparse.ArgumentParser) -> None:
    """FILE... and everything that decides how it is read."""
    parser.add_argument(
        "files",
        nargs="*",
        metavar="FILE",
        help="captures, or directories with captures in them; several are read as one, merged by time",
    )
    group = parser.add_argument_group("input")
    group.add_argument(
        "-r", dest="more", metavar="FILE", action="append", default=[], help="the same as FILE; - is stdin"
    )
    group.add_argument("-c", dest="count", metavar="COUNT", type=positive, help="read that many frames only")
    group.add_argument(
        "-d", dest="decode_as", metavar="tcp.port==N,iscsi", type=_decode_as, action="append", default=[],
        help="iSCSI is expected on that port, too",
    )  # fmt: skip
    group.add_argument(
        "--port",
        dest="ports",
        metavar="N",
        type=_port,
        action="append",
        default=[],
        help="the same in short; repeatable",
    )
    group.add_argument(
        "--digests", choices=("auto", "none", "header", "data", "both"), default="auto",
        help="digests in use: negotiated or inferred (auto), or what you know",
    )  # fmt: skip
    group.add_argument("--no-verify-data", action="store_true", help="do not compute data digests (quicker)")
    group.add_argument("--verify-checksums", action="store_true", help="leave out TCP segments with a wrong checksum")
    add_rule_arguments(parser)


def add_output_arguments(parser: argparse.ArgumentParser, formats: tuple[str, ...]) -> None:
    """-T with these formats, the first by default, and how to print."""
    group = parser.add_argument_group("output")

    def known(name: str) -> str:
        if name not in formats:
            raise argparse.ArgumentTypeError(of_format(name, formats))
        return name

    group.add_argument("-T", dest="format", metavar="FORMAT", type=known, default=formats[0], help="|".join(formats))
    group.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="default: on a terminal")
    group.add_argument("-q", "--quiet", action="store_true", help="no progress and no remarks on stderr")


def options_of(arguments: argparse.Namespace, *, judge: bool = True) -> Options:
    """The analysis options that the arguments ask for; `judge` where findings matter."""
    from iscsi_analyzer.options import DEFAULT_PORTS, Options

    ports = [*DEFAULT_PORTS, *arguments.ports, *(port for some in arguments.decode_as for port in some)]
    plugins = plugins_of(arguments)
    return Options(
        ports=tuple(dict.fromkeys(ports)),
        digests=arguments.digests,
        verify_data_digests=not arguments.no_verify_data,
        verify_checksums=arguments.verify_checksums,
        judge=judge,
        selection=selection_of(arguments, configuration_of(arguments), plugins),
        plugins=plugins,
    )


@contextmanager
def opened(
    arguments: argparse.Namespace, *, follow: bool = False, random_access: bool = False, judge: bool = True
) -> Iterator[Analysis]:
    """The analysis of the captures that the arguments name, not yet begun; `judge` where findings matter. Raises Stop
    if no capture can be read."""
    from iscsi_analyzer.run import Analysis
    from iscsi_analyzer.sources.problems import SourceError

    files = [*arguments.more, *arguments.files]
    if not files:
        raise exits.Stop("no capture is named: give a FILE, or - for the standard input")
    try:
        analysis = Analysis(
            files,
            options_of(arguments, judge=judge),
            follow=follow,
            random_access=random_access,
            max_frames=arguments.count,
            until=until_of(arguments),
        )
    except SourceError as error:
        lines = [str(problem) for problem in error.problems]
        raise exits.Stop("\n".join(lines), _code(error)) from None
    with analysis:
        yield analysis


def batches(analysis: Analysis, quiet: bool, *, follow: bool = False) -> Iterator[None]:
    """Works through the capture, yielding after every step and once more when all is done.

    With `follow`, waits for more until a signal asks to end, or a pipe ends; after a signal it finishes and raises
    KeyboardInterrupt.
    """
    progress = Progress(quiet or follow)
    with Until(active=follow) as until:
        while not until.over:
            while not until.over and analysis.step():
                progress.tell(analysis.capture.bytes_done, analysis.capture.bytes_total)
                yield
            if not follow or analysis.over:
                break
            yield
            analysis.capture.wait(FOLLOW_SECONDS)
    progress.clear()
    if follow:
        analysis.stop()
        while analysis.step():
            yield
    analysis.finish()
    yield
    if until.over:
        raise KeyboardInterrupt


def conclude(analysis: Analysis, quiet: bool, *, told: bool = False, since: int = 0) -> int:
    """Tells on stderr what was wrong with the input, unless the output has `told` it; returns the exit code that it
    deserves. The first `since` problems are known already."""
    from iscsi_analyzer.sources.problems import ERROR, NOTE

    code = exits.FINE
    for problem in analysis.problems[since:]:
        if problem.severity == ERROR:
            code = exits.DAMAGED
        if not told and (not quiet or problem.severity == ERROR):
            mark = "" if problem.severity == ERROR else f"{'note' if problem.severity == NOTE else 'warning'}: "
            print(f"iscsi-analyzer: {mark}{problem}", file=sys.stderr)
    return code


def _code(error: Exception) -> int:
    """1 if permission is all that is missing, else 2."""
    paths = [problem.path for problem in getattr(error, "problems", [])]
    denied = [os.path.exists(path) and not os.access(path, os.R_OK) for path in paths]
    return exits.USAGE if denied and all(denied) else exits.DAMAGED


def positive(text: str) -> int:
    """A whole number of 1 or more, for argparse."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of 1 or more")
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is no TCP port (1 to 65535)")
    return int(text)


def _decode_as(text: str) -> range:
    found = _DECODE_AS.fullmatch(text.replace(" ", ""))
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form tcp.port==N,iscsi")
    low = _port(found[1])
    high = _port(found[2] or found[1])
    if not low <= high < low + MAX_PORTS:
        raise argparse.ArgumentTypeError(f"{text!r} is no range of at most {MAX_PORTS} ports")
    return range(low, high + 1)
