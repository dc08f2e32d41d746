"""All rules by name: their declarations, and their explanations, which are the docstrings of their functions.

Reads the source text for the explanations, as compiled functions need not keep them. Not used while a capture is
judged.
"""

from __future__ import annotations

import ast
import inspect
from functools import cache
from pathlib import Path
from types import ModuleType

from iscsi_analyzer.rules import (
    async_message,
    async_message_after,
    crash,
    digest,
    digest_reject,
    framing,
    framing_ahs,
    framing_lengths,
    logout,
    logout_after,
    nop,
    nop_answers,
    numbering,
    numbering_data,
    numbering_status,
    numbering_tags,
    numbering_window,
    recovery,
    recovery_range,
    recovery_retry,
    reject,
    task_management,
    task_management_after,
    task_management_answer,
    task_management_task,
)
from iscsi_analyzer.rules.rule import Rule

TOPICS: tuple[ModuleType, ...] = (
    crash,
    framing,
    framing_lengths,
    framing_ahs,
    digest,
    digest_reject,
    numbering,
    numbering_window,
    numbering_status,
    numbering_data,
    numbering_tags,
    recovery,
    recovery_range,
    recovery_retry,
    reject,
    nop,
    nop_answers,
    task_management,
    task_management_task,
    task_management_answer,
    task_management_after,
    async_message,
    async_message_after,
    logout,
    logout_after,
)
"Every module with rules. Together with the call in `judge`, all that a new topic needs."

HEADINGS = ("What it means", "Why it matters", "Example", "When it is silent", "Reference")
"""The sections of every explanation, in this order: each is a line `## Heading`, and text below it. The example is an
indented conversation in the words of the tests, where `talk` is a fresh connection and nothing was said on it yet;
`Talk(...)` makes one with other terms, `digest(...)` a digest."""


@cache
def rules() -> dict[str, Rule]:
    """Every rule by its name, topic by topic."""
    return {rule.name: rule for topic in TOPICS for rule in topic.RULES}


@cache
def explanations() -> dict[str, str]:
    """The explanation of every rule by its name: a first line, then the sections of HEADINGS."""
    found: dict[str, str] = {}
    for topic in TOPICS:
        source = Path(str(topic.__file__)).with_name(topic.__name__.rpartition(".")[2] + ".py")
        for node in ast.parse(source.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                name = node.name.replace("_", "-")
                if name in rules():
                    found[name] = inspect.cleandoc(ast.get_docstring(node) or "")
    return found


@cache
def sections(name: str) -> dict[str, str]:
    """The explanation of one rule by heading; its first line is under the empty heading. KeyError for an unknown
    rule."""
    found: dict[str, list[str]] = {"": []}
    lines = found[""]
    for line in explanations()[name].splitlines():
        if line.startswith("## "):
            lines = found.setdefault(line[3:].strip(), [])
        else:
            lines.append(line)
    return {heading: inspect.cleandoc("\n".join(text)).strip("\n") for heading, text in found.items()}
