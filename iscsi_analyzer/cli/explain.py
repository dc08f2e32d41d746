"""What a rule means, why it matters, an example that breaks it, and when it is silent."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from iscsi_analyzer.cli.exits import Stop
from iscsi_analyzer.cli.output import Output, colour
from iscsi_analyzer.cli.rule_options import add_plugin_argument, plugins_of, unknown

if TYPE_CHECKING:
    from iscsi_analyzer.export.tables import Style
    from iscsi_analyzer.rules.plugin import Plugin
    from iscsi_analyzer.rules.rule import Rule


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `explain`."""
    parser.add_argument("rules", nargs="+", metavar="RULE", help="the name of a rule, as findings have it")
    add_plugin_argument(parser)
    parser.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="default: on a terminal")
    parser.add_argument("-q", "--quiet", action="store_true", help=argparse.SUPPRESS)


def run(arguments: argparse.Namespace) -> int:
    """Prints the explanations."""
    from iscsi_analyzer.export.tables import Style
    from iscsi_analyzer.rules.catalogue import rules_with

    plugins = plugins_of(arguments)
    rules = rules_with(plugins)
    for name in arguments.rules:
        if name not in rules:
            raise Stop(unknown(name, rules))
    output = Output()
    style = Style(colour(arguments.color))
    for place, name in enumerate(arguments.rules):
        if place:
            output.text("\n\n")
        for line in lines_about(rules[name], plugins, style):
            output.text(f"{line}\n")
    output.flush()
    return 0


def lines_about(rule: Rule, plugins: Iterable[Plugin], style: Style, width: int = 80) -> Iterator[str]:
    """The explanation of a rule for a terminal of `width` columns; examples keep theirs."""
    from iscsi_analyzer.export.findings_text import COLOURS
    from iscsi_analyzer.export.tables import BOLD, wrapped
    from iscsi_analyzer.rules.catalogue import divided, explanation
    from iscsi_analyzer.rules.rule import RFC_3720

    parts = divided(explanation(rule.name, plugins))
    yield style(rule.name, BOLD)
    if parts[""]:
        yield from wrapped(" ".join(parts[""].split()), "  ", "  ", width)
    yield ""
    who = "either side" if rule.party == "either" else f"the {rule.party}"
    yield f"  severity   {style(rule.severity, COLOURS[rule.severity])}"
    yield f"  broken by  {who}"
    yield from wrapped(f"finding    {rule.message}", "  ", "             ", width)
    if rule.needs:
        yield from wrapped(f"needs      {rule.needs}", "  ", "             ", width)
    if rule.occasion:
        yield from wrapped(f"occasion   {rule.occasion}", "  ", "             ", width)
    if rule.since != RFC_3720:
        yield f"  since      {rule.since}"
    for heading, text in parts.items():
        if heading:
            yield ""
            yield style(heading, BOLD)
            yield from _section(heading, text, width)


def _section(heading: str, text: str, width: int) -> Iterator[str]:
    """A section: an example as it stands, prose in paragraphs."""
    from iscsi_analyzer.export.tables import wrapped

    if heading == "Example":
        for line in text.splitlines():
            yield f"    {line}".rstrip()
        return
    for place, paragraph in enumerate(text.split("\n\n")):
        if place:
            yield ""
        yield from wrapped(" ".join(paragraph.split()), "  ", "  ", width)
