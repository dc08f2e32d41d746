"""What a set of captures proved: which requirements were exercised, and kept or broken, by whom; two runs beside each
other."""

from __future__ import annotations

import argparse
import copy
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from iscsi_analyzer.cli import exits
from iscsi_analyzer.cli.exits import Stop
from iscsi_analyzer.cli.inputs import add_input_arguments, add_output_arguments, batches, conclude, opened
from iscsi_analyzer.cli.output import Output, colour
from iscsi_analyzer.cli.rule_options import configuration_of, plugins_of, selection_of

if TYPE_CHECKING:
    from iscsi_analyzer.conformance.record import ConformanceRecord
    from iscsi_analyzer.conformance.tally import Tally

FORMATS = ("text", "json", "jsonl", "html")
LEVELS = ("error", "warning", "note")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `conformance`."""
    add_input_arguments(parser)
    add_output_arguments(parser, FORMATS)
    group = parser.add_argument_group(
        "conformance",
        "Every file is a capture of its own; the pieces of a ring, told by their names, are one.",
    )
    group.add_argument(
        "--party", metavar="NAME", help="only that initiator or target: its iSCSI name, a part of it, or its address"
    )
    group.add_argument(
        "--baseline", metavar="JSON", help="what -T json wrote of a run before: tell what is broken or mended since"
    )
    group.add_argument("--all", action="store_true", help="every rule and requirement in the text")
    group.add_argument("--together", action="store_true", help="all files are pieces of one capture")
    group.add_argument(
        "--fail-on", choices=LEVELS, help="exit code 3 if a rule of that severity or worse was broken (default: error)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Reads one capture after the other, then prints what all of them proved."""
    from iscsi_analyzer.conformance.build import conformance, parties_called
    from iscsi_analyzer.conformance.comparison import changes
    from iscsi_analyzer.rules.catalogue import rules_with

    fail_on = arguments.fail_on or configuration_of(arguments).fail_on or "error"
    plugins = plugins_of(arguments)
    selection = selection_of(arguments, configuration_of(arguments), plugins)
    if not any(map(selection.chooses, rules_with(plugins))):
        raise Stop("what is selected and ignored leaves no rule: nothing can be told")
    before = _baseline(arguments.baseline)
    output = Output()
    tally, output.code = _tally(arguments)
    chosen = parties_called(tally, arguments.party) if arguments.party else ()
    if arguments.party and not chosen:
        known = "\n".join(f"  {party.role} {party.name}" for party in sorted(tally.parties))
        raise Stop(f"--party {arguments.party}: nobody has that name; there are\n{known}")
    record = conformance(tally, party=arguments.party, chosen=chosen, plugins=plugins)
    if before is not None:
        record.changes = changes(before, record)
        if before.party != record.party and not arguments.quiet:
            of, now = before.party or "everybody", record.party or "everybody"
            print(f"iscsi-analyzer: note: the baseline is the record of {of}, this is that of {now}", file=sys.stderr)
    if failing(record, fail_on):
        output.code = exits.FINDINGS
    for piece in _pieces(arguments, record):
        output.write(piece.encode("utf-8", "backslashreplace"))
    output.flush()
    return output.code


def failing(record: ConformanceRecord, fail_on: str) -> list[str]:
    """The broken rules that are as bad as that, or worse."""
    from iscsi_analyzer.rules.verdicts import at_least

    return [rule.rule for rule in record.rules if rule.broken and at_least(rule.severity, fail_on)]


def _baseline(name: str | None) -> ConformanceRecord | None:
    if name is None:
        return None
    from iscsi_analyzer.conformance.comparison import NotARecord, read_record

    try:
        return read_record(Path(name).read_bytes())
    except OSError as error:
        raise Stop(f"--baseline {name}: {error.strerror}") from None
    except NotARecord as error:
        raise Stop(f"--baseline {name} {error}") from None


def _tally(arguments: argparse.Namespace) -> tuple[Tally, int]:
    """Counts all captures. One that cannot be read is told of and passed over, unless it is the only one."""
    from iscsi_analyzer.conformance.rings import captures
    from iscsi_analyzer.conformance.tally import Tally
    from iscsi_analyzer.sources.folders import captures_named

    files, problems = captures_named([*arguments.more, *arguments.files])
    for problem in problems:
        if not arguments.quiet or problem.severity == "error":
            print(f"iscsi-analyzer: {problem}", file=sys.stderr)
    code = exits.DAMAGED if any(problem.severity == "error" for problem in problems) else exits.FINE
    sets = ([files] if files else []) if arguments.together else captures(files)
    tally = Tally()
    failures: list[Stop] = []
    for names in sets:
        one = copy.copy(arguments)
        one.more, one.files = [], names
        try:
            code = max(code, _count(one, tally))
        except Stop as failure:
            failures.append(failure)
            code = max(code, failure.code)
    if not tally.captures:
        if failures:
            raise Stop("\n".join(dict.fromkeys(failure.message for failure in failures)), code)
        raise Stop("no capture is named: give a FILE, or - for the standard input")
    for message in dict.fromkeys(failure.message for failure in failures):
        print(f"iscsi-analyzer: {message}", file=sys.stderr)
    return tally, code


def _count(arguments: argparse.Namespace, tally: Tally) -> int:
    with opened(arguments) as analysis:
        for _ in batches(analysis, arguments.quiet):
            pass
        code = conclude(analysis, arguments.quiet)
        problems = [str(problem) for problem in analysis.problems]
        tally.add(analysis.store, [file.path for file in analysis.capture.files], problems)
        return code


def _pieces(arguments: argparse.Namespace, record: ConformanceRecord) -> Iterator[str]:
    if arguments.format == "text":
        from iscsi_analyzer.conformance.text import text
        from iscsi_analyzer.export.tables import Style

        for line in text(record, Style(colour(arguments.color)), everything=arguments.all):
            yield f"{line}\n"
        return
    if arguments.format == "html":
        from iscsi_analyzer.conformance.html import page

        for part in page(record):
            yield part.decode()
        return
    import msgspec

    encode = msgspec.json.encode
    if arguments.format == "json":
        yield msgspec.json.format(encode(record), indent=1).decode() + "\n"
        return
    for some in (record.captures, record.parties, record.rules, record.requirements, record.sections):
        for each in some:
            yield encode(each).decode() + "\n"
    for change in record.changes or ():
        yield encode(change).decode() + "\n"
