"""The page about the JSON records, made from their schema: `records.md` beside this file."""

from __future__ import annotations

from typing import Any

from iscsi_analyzer.export.schema import schema

_HEAD = """# JSON records

Generated from the declarations by `make docs`; the JSON Schema is in `schema.json` (`iscsi-analyzer schema`).

`pdus -T jsonl` writes a `pdu` a line; `tasks`, `sessions`, `connections`, `keys`, `findings` and `rules` do the same
with theirs; `-T json` writes the same as one array, and `report -T json` one `report`. `conformance -T json` writes one
`conformance`, `-T jsonl` its parts, a line each. A field, once released, keeps its meaning; new fields may come. Fields
marked *optional* are left out where they have nothing to say.

Times are decimal strings of seconds with nine decimals, as floating-point numbers cannot hold nanoseconds; durations
are integers of nanoseconds, and their names end in `_ns`.
"""

_TITLES = {
    "PduRecord": "pdu",
    "TaskRecord": "task",
    "SessionRecord": "session",
    "ConnectionRecord": "connection",
    "KeyRecord": "key",
    "FindingRecord": "finding",
    "RuleRecord": "rule",
    "ReportRecord": "report",
    "ConformanceRecord": "conformance",
    "RuleStanding": "conformance-rule",
    "ComparisonRecord": "comparison",
    "SessionComparisonRecord": "session-comparison",
}
"What the records are called in their field `type`."


def records_text() -> str:
    """The content of records.md."""
    parts = schema()["$defs"]
    first = [name for name in _TITLES if name in parts]
    rest = [name for name in parts if name not in _TITLES]
    return _HEAD + "".join(_section(name, parts[name]) for name in [*first, *rest])


def _section(name: str, part: dict[str, Any]) -> str:
    title = f"`{_TITLES[name]}`" if name in _TITLES else name
    rows = []
    for field, facts in part["properties"].items():
        kind = _kind(facts) if field in part["required"] else f"{_kind(facts)}, optional"
        rows.append(f"| `{field}` | {kind} | {_described(field, facts)} |")
    text = part.get("description", "")
    return "\n".join(["", f"## {title}", "", text, "", "| field | type | |", "|---|---|---|", *rows, ""])


def _described(field: str, facts: dict[str, Any]) -> str:
    text = str(facts.get("description", "What this record is." if field == "type" else ""))
    return text.replace("|", "\\|")


def _kind(facts: dict[str, Any]) -> str:
    """The type of a field in words."""
    if "$ref" in facts:
        name = facts["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in facts:
        return " or ".join(_kind(option) for option in facts["anyOf"])
    if "enum" in facts:
        return " or ".join(f"`{value}`" for value in facts["enum"])
    kind = str(facts.get("type", "any"))
    if kind == "array":
        if "prefixItems" in facts:
            return "[" + ", ".join(_kind(item) for item in facts["prefixItems"]) + "]"
        return f"list of {_kind(facts['items'])}" if facts.get("items") else "list"
    if kind == "object" and isinstance(facts.get("additionalProperties"), dict):
        return f"object of {_kind(facts['additionalProperties'])}"
    return kind
