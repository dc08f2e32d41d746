"""Every rule is one that the standards have, is explained, is broken by its own example alone, and has a test of what
nearly breaks it.

`rule_names.json` lists the requirements of RFC 7143, RFC 7144 and the SCSI standards that a capture can show broken, by
the names that stay for ever, with their sections.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from iscsi_analyzer.query import compile_filter
from iscsi_analyzer.rules.catalogue import HEADINGS, TOPICS, rules, sections
from iscsi_analyzer.rules.left_out import LEFT_OUT
from iscsi_analyzer.rules.rule import GENERATIONS
from tests.iscsi_analyzer.rules.judging import example, findings_of
from tests.iscsi_analyzer.stores import store_of
from tests.meta.tree import parse, python_files

OWN = {
    "rule-crashed": "a fault of the analyzer, not of anybody on the wire",
    "expstatsn-counts-shown": "a special case of expstatsn-ahead that tells its cause",
}
"Rules that the list does not have, and why there are such."

TOGETHER = {
    "dataout-after-final": {"dataout-datasn-gap"},
    "dataout-sequence-exceeds-maxburst": {"r2t-exceeds-maxburst"},
    "discovery-request-accepted": {"cmd-in-discovery"},
    "login-cmdsn-first-command": {"status-precedes-cmd-ack"},
    "plevel-unclaimed-feature": {"login-stage-left-unanswered"},
    "text-response-unsolicited": {"itt-unknown-in-response"},
    "unsolicited-accepted": {"immediate-data-not-allowed"},
}
"Rules whose examples break others, too, where no test of their topic says so in a table that is called ALSO."

NAMES = sorted(rules())
CONVERSATIONS = [name for name in NAMES if name != "rule-crashed"]


@cache
def listed() -> dict[str, str]:
    """Name of a requirement -> sections."""
    found: dict[str, str] = json.loads(Path(__file__).with_name("rule_names.json").read_text(encoding="utf-8"))
    return found


@cache
def tables(name: str) -> dict[str, ast.expr]:
    """The entries of all tables with that name in the tests of rules: rule -> what is said of it."""
    found: dict[str, ast.expr] = {}
    for path in python_files("tests/iscsi_analyzer/rules"):
        for node in parse(path).body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict):
                if [target.id for target in node.targets if isinstance(target, ast.Name)] == [name]:
                    for key, value in zip(node.value.keys, node.value.values, strict=True):
                        found.update(dict.fromkeys(texts([key]), value))
    return found


@cache
def nearly_broken() -> set[str]:
    """The rules that some test nearly breaks: marked with @near_miss, or keys of a table that is called NEAR."""
    found = set(tables("NEAR"))
    for path in python_files("tests/iscsi_analyzer/rules"):
        for node in ast.walk(parse(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "near_miss":
                found |= texts(node.args)
    return found


def broken_with(name: str) -> set[str]:
    """The rules that the example of a rule cannot but break, too: mostly by a request that is wrong already before its
    answer is."""
    said = tables("ALSO").get(name)
    elements = said.elts if isinstance(said, ast.Tuple | ast.List | ast.Set) else [said]
    return texts(elements) | TOGETHER.get(name, set())


def texts(nodes: Sequence[ast.expr | None]) -> set[str]:
    """Those of the expressions that are plain texts."""
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def test_every_rule_is_a_requirement_of_the_standards() -> None:
    assert [name for name in NAMES if name not in listed() and name not in OWN] == []
    assert [name for name in OWN if name not in rules() or name in listed()] == []


def test_every_requirement_is_judged_or_left_out_for_a_reason() -> None:
    assert sorted(set(listed()) - set(NAMES) - set(LEFT_OUT)) == []
    assert [name for name in LEFT_OUT if name in NAMES or name not in listed()] == []
    assert [name for name, reason in LEFT_OUT.items() if not reason.endswith(".")] == []
    assert [*LEFT_OUT] == sorted(LEFT_OUT)


@pytest.mark.parametrize("name", [name for name in NAMES if name in listed()])
def test_the_reference_is_the_section_of_the_requirement(name: str) -> None:
    """At least one section of both is the same; the SCSI standards are named without sections."""
    wanted, given = (set(re.findall(r"\d+(?:\.\d+)+", text)) for text in (listed()[name], rules()[name].reference))
    assert wanted & given or not wanted
    assert rules()[name].since in GENERATIONS


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_is_explained_under_five_headings(name: str) -> None:
    found = sections(name)
    assert [*found] == ["", *HEADINGS]
    assert [heading for heading in HEADINGS if not found[heading].strip()] == []


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_the_example_breaks_that_rule_and_no_other(name: str) -> None:
    found = set(findings_of(example(sections(name)["Example"])))
    assert {name} <= found <= {name, *broken_with(name)}


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_the_occasion_to_break_a_rule_is_in_its_example(name: str) -> None:
    """A display filter that is understood, and that chooses at least one PDU of the conversation that breaks it."""
    occasion = rules()[name].occasion
    assert occasion
    assert compile_filter(occasion).pdus(store_of(example(sections(name)["Example"]).frames)).any()


def test_every_rule_has_a_near_miss() -> None:
    """A conversation that is only just right, in which the rule finds nothing."""
    assert [name for name in CONVERSATIONS if name not in nearly_broken()] == []


def test_no_near_miss_is_of_a_rule_that_does_not_exist() -> None:
    assert sorted(nearly_broken() - set(NAMES)) == []


def test_every_module_with_rules_is_in_the_catalogue() -> None:
    """A topic that is forgotten there is never judged, or never explained."""
    with_rules = {
        Path(path).stem
        for path in python_files("iscsi_analyzer/rules")
        for node in parse(path).body
        if isinstance(node, ast.Assign) and any(isinstance(to, ast.Name) and to.id == "RULES" for to in node.targets)
    }
    assert with_rules == {topic.__name__.rpartition(".")[2] for topic in TOPICS}
