"""The captures in another form: a ladder for a ticket, timelines, and more."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING

from iscsi_analyzer.cli import target
from iscsi_analyzer.cli.exits import Stop
from iscsi_analyzer.cli.inputs import add_input_arguments, batches, conclude, opened, positive
from iscsi_analyzer.cli.mistakes import of_format
from iscsi_analyzer.cli.output import Output
from iscsi_analyzer.cli.part import add_part_arguments, check_sessions, filter_of, focus_of, words
from iscsi_analyzer.export.formats import BY_NAME, FORMATS, TABLES, Format, Part, maker

if TYPE_CHECKING:
    from iscsi_analyzer.run import Analysis

WIDTHS = range(60, 1001)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `export`."""
    add_input_arguments(parser)
    add_part_arguments(parser)
    group = parser.add_argument_group("export")
    formats = "; ".join(f"{each.name}: {each.help}" for each in FORMATS)
    group.add_argument("--format", metavar="FORMAT", type=_format, required=True, help=formats)
    group.add_argument(
        "-o", dest="out", metavar="OUT", default=target.STDOUT,
        help="where to; - is standard output, the default; for several tables a directory",
    )  # fmt: skip
    group.add_argument(
        "--table", dest="tables", metavar="NAME", choices=TABLES, action="append", default=[],
        help=f"csv, parquet: that table only, repeatable; a single one is a file, not a directory: {', '.join(TABLES)}",
    )  # fmt: skip
    group.add_argument(
        "--task", dest="tasks", metavar="N", type=positive, action="append", default=[],
        help="that task only; repeatable",
    )  # fmt: skip
    group.add_argument(
        "--finding", dest="findings", metavar="N", type=positive, action="append", default=[],
        help="the evidence of that finding only; repeatable",
    )  # fmt: skip
    group.add_argument("--task-comments", action="store_true", help="pcapng: a comment for the end of every task, too")
    group.add_argument("--width", metavar="N", type=_width, default=120, help="columns of text-ladder (default: 120)")
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress and no remarks on stderr")


def run(arguments: argparse.Namespace) -> int:
    """Reads everything, then writes it in the form that was asked for."""
    form = BY_NAME[arguments.format]
    tables = _tables(arguments, form)
    wanted = filter_of(arguments)
    output = Output()
    with opened(arguments, random_access=True) as analysis:
        if len(tables) > 1:
            target.check_all(arguments.out, tables.values(), analysis)
        else:
            target.check(arguments.out, analysis, binary=form.binary)
        for _ in batches(analysis, arguments.quiet):
            pass
        output.code = conclude(analysis, arguments.quiet)
        known = len(analysis.problems)
        check_sessions(arguments, analysis.store)
        part = Part(
            focus=focus_of(arguments, analysis.store, wanted),
            tasks=tuple(arguments.tasks),
            findings=tuple(arguments.findings),
            task_comments=arguments.task_comments,
            width=arguments.width,
            limits=tuple(words(arguments)),
        )
        if len(tables) > 1:
            parts = {tables[name]: replace(part, table=name) for name in tables}
            target.write_all(arguments.out, {name: _pieces(form.name, analysis, each) for name, each in parts.items()})
        else:
            part = replace(part, table=next(iter(tables), part.table))
            target.write(arguments.out, _pieces(form.name, analysis, part), output)
        # Bytes that are read only now may turn out to be gone.
        return max(output.code, conclude(analysis, arguments.quiet, since=known))


def _tables(arguments: argparse.Namespace, form: Format) -> dict[str, str]:
    """The tables that are to be written, with the names of their files; none if the format has none. Raises Stop where
    options do not go together, or a package is missing."""
    if form.needs and find_spec(form.needs) is None:
        raise Stop(
            f"--format {form.name} needs the package {form.needs}, which is not installed\n"
            f"(pip install 'iscsi-analyzer[{form.name}]', or pipx inject iscsi-analyzer {form.needs})"
        )
    if not form.tables:
        if arguments.tables:
            raise Stop(f"--table chooses from the tables of --format csv and parquet; {form.name} has none")
        return {}
    names = list(dict.fromkeys(arguments.tables)) or list(TABLES)
    if len(names) > 1 and arguments.out == target.STDOUT:
        raise Stop(f"{len(names)} tables need a directory: -o DIR, or choose one with --table NAME")
    return {name: f"{name}.{form.name}" for name in names}


def _pieces(name: str, analysis: Analysis, part: Part) -> Iterator[bytes]:
    """The output. Raises Stop if there is nothing by the numbers that were given."""
    try:
        yield from maker(name).pieces(analysis, part)
    except LookupError as error:
        raise Stop(str(error.args[0])) from None


def _format(name: str) -> str:
    if name not in BY_NAME:
        raise argparse.ArgumentTypeError(of_format(name, tuple(BY_NAME)))
    return name


def _width(text: str) -> int:
    if not text.isdecimal() or int(text) not in WIDTHS:
        raise argparse.ArgumentTypeError(f"{text!r} is no width from {WIDTHS.start} to {WIDTHS.stop - 1}")
    return int(text)
