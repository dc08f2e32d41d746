"""Whether the captures keep to the rules: exit code 3 if a finding is as bad as --fail-on says, or worse."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from iscsi_analyzer.cli import exits
from iscsi_analyzer.cli.exits import Stop
from iscsi_analyzer.cli.inputs import add_input_arguments, add_output_arguments, batches, conclude, opened
from iscsi_analyzer.cli.output import Output, colour
from iscsi_analyzer.cli.part import add_part_arguments, check_sessions, filter_of, focus_of
from iscsi_analyzer.cli.rule_options import configuration_of

if TYPE_CHECKING:
    from iscsi_analyzer.export.findings import FindingRecord
    from iscsi_analyzer.run import Analysis

FORMATS = ("text", "json", "jsonl", "sarif", "junit")
LEVELS = ("error", "warning", "note")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `check`."""
    add_input_arguments(parser)
    add_output_arguments(parser, FORMATS)
    add_part_arguments(parser)
    group = parser.add_argument_group("check")
    group.add_argument("--format", choices=FORMATS, default=argparse.SUPPRESS, help="the same as -T")
    group.add_argument("--fail-on", choices=LEVELS, help="the least severity that fails the check (default: error)")


def run(arguments: argparse.Namespace) -> int:
    """Reads everything, then prints what was found, and fails if it is bad enough."""
    from iscsi_analyzer.export.findings import finding_records

    fail_on = arguments.fail_on or configuration_of(arguments).fail_on or "error"
    wanted = filter_of(arguments)
    output = Output()
    with opened(arguments) as analysis:
        verdicts = analysis.store.verdicts
        if not any(map(verdicts.selection.chooses, verdicts.rules)):
            raise Stop("what is selected and ignored leaves no rule: there is nothing to check")
        for _ in batches(analysis, arguments.quiet):
            pass
        output.code = conclude(analysis, arguments.quiet)
        check_sessions(arguments, analysis.store)
        findings = list(finding_records(analysis.store, focus_of(arguments, analysis.store, wanted)))
        if failing(findings, fail_on):
            output.code = exits.FINDINGS
        for piece in _pieces(arguments, analysis, findings, fail_on):
            output.write(piece.encode("utf-8", "backslashreplace"))
        output.flush()
        return output.code


def failing(findings: Sequence[FindingRecord], fail_on: str) -> list[FindingRecord]:
    """The findings that are as bad as that, or worse."""
    from iscsi_analyzer.rules.verdicts import at_least

    return [finding for finding in findings if at_least(finding.severity, fail_on)]


def _pieces(
    arguments: argparse.Namespace, analysis: Analysis, findings: list[FindingRecord], fail_on: str
) -> Iterator[str]:
    if arguments.format == "text":
        for line in _text(analysis, findings, fail_on, colour(arguments.color)):
            yield f"{line}\n"
        return
    faults = [str(problem) for problem in analysis.problems if problem.severity == "error"]
    if arguments.format == "junit":
        from iscsi_analyzer.export.junit import junit

        verdicts = analysis.store.verdicts
        rules = {name: rule for name, rule in verdicts.rules.items() if verdicts.selection.chooses(name)}
        name = " ".join(file.path for file in analysis.capture.files)
        yield junit(name, rules, findings, fail_on, faults).decode()
        return
    import msgspec

    encode = msgspec.json.encode
    if arguments.format == "sarif":
        from iscsi_analyzer.export.sarif import sarif
        from iscsi_analyzer.rules.plugin import chosen

        plugins = chosen(analysis.options.plugins)
        document = sarif(analysis.store, analysis.capture.files, findings, plugins, faults)
        yield msgspec.json.format(encode(document), indent=1).decode() + "\n"
    elif arguments.format == "jsonl":
        for finding in findings:
            yield encode(finding).decode() + "\n"
    else:
        lines = ",\n".join(encode(finding).decode() for finding in findings)
        yield f"[{lines}\n]\n" if lines else "[]\n"


def _text(analysis: Analysis, findings: list[FindingRecord], fail_on: str, coloured: bool) -> Iterator[str]:
    from iscsi_analyzer.export.findings_text import by_rule, summary
    from iscsi_analyzer.export.tables import BOLD, GREEN, RED, Style

    style = Style(coloured)
    grave = failing(findings, fail_on)
    yield from by_rule(grave, style)
    if grave:
        yield ""
    verdict = style("failed", RED) if grave else style("passed", GREEN)
    worse = "" if fail_on == "error" else " or worse"
    dropped = analysis.store.verdicts.dropped
    yield f"{style('check', BOLD)} {verdict} (fails on {fail_on}{worse}): {summary(findings, dropped)}"
