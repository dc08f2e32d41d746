"""Findings as SARIF 2.1.0 (OASIS), the format in which analyzers hand results to code hosting and editors.

Places are bytes of the capture file, where that is not compressed, and connections and PDUs by number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from iscsi_analyzer import build_info
from iscsi_analyzer.export.findings import FindingRecord
from iscsi_analyzer.rules.catalogue import HEADINGS, divided, explanation
from iscsi_analyzer.rules.plugin import Plugin
from iscsi_analyzer.rules.rule import Rule
from iscsi_analyzer.sources.facts import FileFacts
from iscsi_analyzer.store.store import Store
from iscsi_analyzer.streams.spans import GAP

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
RELATED = 16
"Places of one result, beside the first, that are told."


def sarif(
    store: Store,
    files: Sequence[FileFacts],
    findings: Sequence[FindingRecord],
    plugins: Iterable[Plugin] = (),
    faults: Sequence[str] = (),
) -> dict[str, Any]:
    """The document, as what JSON is made of.

    `files` are the captures; `faults` tell what was wrong with them.
    """
    used = list(dict.fromkeys(finding.rule for finding in findings))
    rules = store.verdicts.rules
    places = _Places(store, files)
    run = {
        "tool": {
            "driver": {
                "name": "iscsi-analyzer",
                "version": build_info.__version__,
                "rules": [_rule(name, rules, tuple(plugins)) for name in used],
            }
        },
        "columnKind": "unicodeCodePoints",
        "artifacts": [{"location": {"uri": _uri(file.path)}} for file in places.files],
        "invocations": [
            {
                "executionSuccessful": not faults,
                "toolExecutionNotifications": [{"level": "error", "message": {"text": fault}} for fault in faults],
            }
        ],
        "results": [_result(finding, used.index(finding.rule), places) for finding in findings],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(name: str, rules: Mapping[str, Rule], plugins: tuple[Plugin, ...]) -> dict[str, Any]:
    rule = rules.get(name)
    if rule is None:
        return {"id": name}
    parts = divided(explanation(name, plugins))
    found: dict[str, Any] = {
        "id": name,
        "shortDescription": {"text": parts[""].strip() or name},
        "defaultConfiguration": {"level": rule.severity},
        "properties": {"party": rule.party, "reference": rule.reference},
    }
    if any(parts.get(heading) for heading in HEADINGS):
        told = [(heading, parts[heading]) for heading in HEADINGS if parts.get(heading)]
        found["fullDescription"] = {"text": _prose(parts.get(HEADINGS[0], "")) or parts[""]}
        found["help"] = {
            "text": "\n\n".join(f"{heading}\n{text}" for heading, text in told),
            "markdown": "\n\n".join(f"## {heading}\n\n{_markdown(heading, text)}" for heading, text in told),
        }
    return found


def _markdown(heading: str, text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines()) if heading == "Example" else text


def _prose(text: str) -> str:
    return " ".join(text.split())


def _result(finding: FindingRecord, index: int, places: _Places) -> dict[str, Any]:
    found: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": finding.severity,
        "message": {"text": finding.message},
        "occurrenceCount": finding.count,
        "locations": [places.of(finding.pdu, finding.connection)],
        "properties": {
            "party": finding.party,
            "reference": finding.reference,
            "facts": finding.facts,
            "session": finding.session,
            "connection": finding.connection,
            "pdus": finding.pdus,
        },
    }
    others = [pdu for pdu in dict.fromkeys([*finding.related, *finding.pdus]) if pdu != finding.pdu][:RELATED]
    if others:
        found["relatedLocations"] = [
            {"id": number, **places.of(pdu, finding.connection)} for number, pdu in enumerate(others, 1)
        ]
    return found


class _Places:
    """Where PDUs are."""

    def __init__(self, store: Store, files: Sequence[FileFacts]) -> None:
        self._store = store
        self.files = sorted(files, key=lambda file: file.index)
        "In the order of the indexes in positions."

    def of(self, pdu: int | None, connection: int | None) -> dict[str, Any]:
        """The place of a PDU, else of a connection, else of the whole input."""
        names = [f"connection {connection}"] if connection else []
        if pdu is None:
            found: dict[str, Any] = {"physicalLocation": {"artifactLocation": self._file(0)}}
        else:
            row = self._store.row(pdu)
            names.append(f"PDU {pdu}")
            position, length = next(((at, size) for at, size in self._store.spans(row) if at != GAP), (0, 0))
            file = position >> 48
            physical: dict[str, Any] = {"artifactLocation": self._file(file)}
            if length and file < len(self.files) and not self.files[file].compression:
                physical["region"] = {"byteOffset": position & ((1 << 48) - 1), "byteLength": length}
            found = {"physicalLocation": physical, "message": {"text": f"PDU {pdu}, frame {row.frame_last}"}}
        if names:
            found["logicalLocations"] = [{"fullyQualifiedName": "/".join(names), "name": names[-1]}]
        return found

    def _file(self, file: int) -> dict[str, Any]:
        return {"uri": _uri(self.files[file].path), "index": file} if file < len(self.files) else {"uri": "stdin"}


def _uri(file: str) -> str:
    """A file's name as a URI: relative names stay relative."""
    if file == "-":
        return "stdin"
    path = Path(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
