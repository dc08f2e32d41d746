"""The JSON Schema (2020-12) of the records, made from their declarations. `schema.json` is what this makes, committed.

Descriptions are the texts that stand below the fields in the sources, so this module reads sources, and is for `make
docs` and tests; who wants the schema at run time reads the file.
"""

from __future__ import annotations

import ast
import inspect
import json
from typing import Any

import msgspec

from iscsi_analyzer.analysis import counters, diagnosis, headlines, latency, load, stats, tcp
from iscsi_analyzer.analysis.answers import line
from iscsi_analyzer.compare import record as comparison_record
from iscsi_analyzer.compare import sessions_record
from iscsi_analyzer.conformance import record as conformance_record
from iscsi_analyzer.crosscheck import record as crosscheck_record
from iscsi_analyzer.export import (
    connection_record,
    findings,
    own_fields,
    pdu_record,
    report_record,
    rule_record,
    session_record,
    task_record,
    timeline_record,
)
from iscsi_analyzer.export.report import SCHEMA_VERSION

RECORDS = (
    pdu_record.PduRecord,
    connection_record.ConnectionRecord,
    task_record.TaskRecord,
    session_record.SessionRecord,
    session_record.KeyRecord,
    findings.FindingRecord,
    rule_record.RuleRecord,
    report_record.ReportRecord,
    timeline_record.TimelineRecord,
    conformance_record.ConformanceRecord,
    conformance_record.CaptureOfSet,
    conformance_record.PartyStanding,
    conformance_record.RuleStanding,
    conformance_record.RequirementStanding,
    conformance_record.SectionStanding,
    conformance_record.RuleChange,
    comparison_record.ComparisonRecord,
    sessions_record.SessionComparisonRecord,
    crosscheck_record.CrosscheckRecord,
)
MODULES = (
    own_fields,
    pdu_record,
    connection_record,
    task_record,
    session_record,
    findings,
    rule_record,
    report_record,
    timeline_record,
    conformance_record,
    comparison_record,
    sessions_record,
    crosscheck_record,
    line,
    diagnosis,
    headlines,
    stats,
    latency,
    load,
    counters,
    tcp,
)


def schema() -> dict[str, Any]:
    """The schema of one record of any type: a line of JSON Lines, an element of the arrays, or the report."""
    found, components = msgspec.json.schema_components(RECORDS, ref_template="#/$defs/{name}")
    described = descriptions()
    for name, component in components.items():
        _describe(component, described.get(name, {}))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Records of iscsi-analyzer",
        "description": (
            f"Version {SCHEMA_VERSION}. What iscsi-analyzer writes with -T json and -T jsonl: a PDU, a connection, a "
            "task, a session, a key, a finding, a rule, the report, a comparison, a crosscheck, what a set of captures "
            "proved, or a part of that. A field keeps its meaning; new ones may come."
        ),
        "x-version": SCHEMA_VERSION,
        "oneOf": list(found),
        "$defs": dict(sorted(components.items())),
    }


def schema_text() -> str:
    """The content of schema.json."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


def _describe(component: dict[str, Any], texts: dict[str, str]) -> None:
    """Puts the descriptions in, and takes out what only Python has: absent fields are absent, never null."""
    for name, property_ in component.get("properties", {}).items():
        if property_.get("default", "") is None:
            options = [option for option in property_.get("anyOf", []) if option != {"type": "null"}]
            del property_["default"]
            if len(options) == 1:
                del property_["anyOf"]
                property_.update(options[0])
        if name in texts:
            property_["description"] = texts[name]


def descriptions() -> dict[str, dict[str, str]]:
    """Record name -> field name -> the text below the field, with those of base classes."""
    own: dict[str, dict[str, str]] = {}
    bases: dict[str, list[str]] = {}
    for module in MODULES:
        for node in ast.parse(inspect.getsource(module)).body:
            if isinstance(node, ast.ClassDef):
                own[node.name] = _texts(node)
                bases[node.name] = [base.id for base in node.bases if isinstance(base, ast.Name)]
    return {name: _with_bases(name, own, bases) for name in own}


def _with_bases(name: str, own: dict[str, dict[str, str]], bases: dict[str, list[str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for base in bases.get(name, []):
        found.update(_with_bases(base, own, bases))
    return {**found, **own.get(name, {})}


def _texts(node: ast.ClassDef) -> dict[str, str]:
    found = {}
    for field, text in zip(node.body, node.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
                found[field.target.id] = " ".join(str(text.value.value).split())
    return found
