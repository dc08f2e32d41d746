"""All rules by name: their declarations, and their explanations, which are the docstrings of their functions.

Reads the source text for the explanations, as compiled functions need not keep them. Not used while a capture is
judged.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Container, Iterable, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType

from iscsi_analyzer.rules import (
    async_message,
    async_message_after,
    auth,
    auth_faults,
    auth_methods,
    chap,
    chap_habits,
    chap_steps,
    command_fields,
    connection_failure,
    crash,
    data_in,
    data_in_fields,
    data_in_order,
    data_out_fields,
    device_data,
    digest,
    digest_offers,
    digest_place,
    digest_recovery,
    digest_reject,
    discovered,
    drops,
    fast_abort,
    framing,
    framing_ahs,
    framing_data,
    framing_lengths,
    immediate,
    initiator_ports,
    iser,
    keys_answers,
    keys_forms,
    keys_level,
    keys_names,
    keys_place,
    keys_refused,
    keys_results,
    keys_special,
    keys_syntax,
    keys_values,
    level2,
    login_faults,
    login_fields,
    login_joins,
    login_names,
    login_numbers,
    login_order,
    login_progress,
    login_refused,
    login_reserved,
    login_session,
    login_stages,
    login_stray,
    logout,
    logout_after,
    logout_fields,
    logout_late,
    name_letters,
    naming,
    nexus,
    nop,
    nop_answers,
    nop_habits,
    numbering,
    numbering_data,
    numbering_order,
    numbering_pace,
    numbering_rejects,
    numbering_status,
    numbering_tags,
    numbering_window,
    overflow,
    port_names,
    r2t,
    r2t_order,
    reassignment,
    recovery,
    recovery_answer,
    recovery_asking,
    recovery_connection,
    recovery_range,
    recovery_retry,
    reject,
    reject_after,
    reserved_codes,
    residuals,
    response_fence,
    retransmission,
    scsi_command,
    scsi_response,
    send_targets,
    send_targets_records,
    sense_data,
    sessions,
    solicited,
    srp,
    status_codes,
    status_fields,
    task_management,
    task_management_after,
    task_management_answer,
    task_management_query,
    task_management_reference,
    task_management_sets,
    task_management_task,
    text,
    text_continued,
    text_turns,
    unfinished,
    unit_attention,
    unsolicited,
    write_data,
)
from iscsi_analyzer.rules.plugin import Plugin
from iscsi_analyzer.rules.rule import Rule

TOPICS: tuple[ModuleType, ...] = (
    crash,
    framing,
    framing_lengths,
    framing_ahs,
    framing_data,
    digest,
    digest_place,
    digest_offers,
    digest_reject,
    digest_recovery,
    login_order,
    login_refused,
    login_fields,
    login_session,
    login_numbers,
    login_stages,
    login_names,
    login_reserved,
    login_progress,
    login_stray,
    naming,
    name_letters,
    keys_syntax,
    keys_forms,
    keys_names,
    keys_special,
    keys_level,
    keys_refused,
    iser,
    keys_values,
    keys_answers,
    keys_place,
    keys_results,
    auth,
    auth_methods,
    chap_steps,
    chap,
    chap_habits,
    srp,
    auth_faults,
    login_faults,
    text,
    text_continued,
    text_turns,
    send_targets,
    send_targets_records,
    sessions,
    login_joins,
    nexus,
    initiator_ports,
    discovered,
    numbering,
    numbering_order,
    numbering_window,
    numbering_status,
    numbering_pace,
    numbering_data,
    numbering_tags,
    numbering_rejects,
    recovery,
    recovery_range,
    recovery_asking,
    recovery_answer,
    retransmission,
    recovery_retry,
    recovery_connection,
    reject,
    reject_after,
    nop,
    nop_answers,
    nop_habits,
    scsi_command,
    command_fields,
    immediate,
    unsolicited,
    write_data,
    data_out_fields,
    solicited,
    r2t,
    r2t_order,
    data_in,
    data_in_order,
    data_in_fields,
    scsi_response,
    status_fields,
    status_codes,
    device_data,
    sense_data,
    residuals,
    overflow,
    unfinished,
    level2,
    port_names,
    task_management,
    task_management_task,
    task_management_answer,
    reserved_codes,
    task_management_reference,
    task_management_after,
    task_management_sets,
    task_management_query,
    response_fence,
    fast_abort,
    reassignment,
    async_message,
    async_message_after,
    drops,
    logout,
    logout_after,
    unit_attention,
    logout_fields,
    logout_late,
    connection_failure,
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


def rules_with(plugins: Iterable[Plugin]) -> dict[str, Rule]:
    """Every rule by its name, those of plug-ins last."""
    return {**rules(), **{rule.name: rule for plugin in plugins for rule in plugin.rules}}


def message(rule: Rule, facts: Mapping[str, object]) -> str:
    """A finding in one sentence. Facts that do not fit the sentence are told behind it: a finding is never lost."""
    try:
        return rule.message.format_map(facts)
    except Exception:
        return f"{rule.message} ({', '.join(f'{name}: {value}' for name, value in facts.items())})"


def near(name: str, names: Iterable[str]) -> list[str]:
    """Names that somebody who wrote `name` may have meant, the likeliest first."""
    from difflib import get_close_matches

    known = list(names)
    wanted = name.strip().lower().replace("_", "-")
    if wanted in known:
        return [wanted]
    words = [each for each in known if wanted and wanted in each]
    return list(dict.fromkeys([*get_close_matches(wanted, known, 3, 0.7), *words]))[:5]


@cache
def explanations() -> dict[str, str]:
    """The explanation of every built-in rule by its name: a first line, then the sections of HEADINGS."""
    found: dict[str, str] = {}
    for topic in TOPICS:
        found.update(explained(source_of(topic), rules()))
    return found


def source_of(topic: ModuleType) -> Path:
    """The source file of a module of rules, which may be compiled."""
    return Path(str(topic.__file__)).with_name(topic.__name__.rpartition(".")[2] + ".py")


def about(topic: ModuleType) -> str:
    """What a module of rules says of itself: its first paragraph, on one line."""
    text = ast.get_docstring(ast.parse(source_of(topic).read_text(encoding="utf-8"))) or ""
    return " ".join(text.partition("\n\n")[0].split())


def explained(source: Path, names: Container[str]) -> dict[str, str]:
    """The explanations of the rules with these names that a source file has."""
    found: dict[str, str] = {}
    for node in ast.parse(source.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            name = node.name.replace("_", "-")
            if name in names:
                found[name] = inspect.cleandoc(ast.get_docstring(node) or "")
    return found


def explanation(name: str, plugins: Iterable[Plugin] = ()) -> str:
    """The explanation of one rule; empty if a plug-in has none. KeyError for an unknown rule."""
    for plugin in plugins:
        if any(rule.name == name for rule in plugin.rules):
            return explained(plugin.source, (name,)).get(name, "") if plugin.source else ""
    return explanations()[name]


@cache
def sections(name: str) -> dict[str, str]:
    """The explanation of a built-in rule by heading; its first line is under the empty heading. KeyError for an unknown
    rule."""
    return divided(explanations()[name])


def divided(text: str) -> dict[str, str]:
    """An explanation by heading."""
    found: dict[str, list[str]] = {"": []}
    lines = found[""]
    for line in text.splitlines():
        if line.startswith("## "):
            lines = found.setdefault(line[3:].strip(), [])
        else:
            lines.append(line)
    return {heading: inspect.cleandoc("\n".join(text)).strip("\n") for heading, text in found.items()}
