"""The published schema is what the declarations say, and what is really written fits it, with nothing undeclared."""

from __future__ import annotations

import json
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from iscsi_analyzer.analysis.study import Study
from iscsi_analyzer.export import schema as module
from iscsi_analyzer.export.connections import other_connection
from iscsi_analyzer.export.generate_docs import HERE
from iscsi_analyzer.export.json_lines import JsonLines
from iscsi_analyzer.export.report import SCHEMA_VERSION
from iscsi_analyzer.export.rule_record import rule_records
from iscsi_analyzer.export.schema import descriptions, schema, schema_text
from iscsi_analyzer.export.session_record import key_records, session_record
from iscsi_analyzer.export.tasks import Tasks
from tests.support.command import analysed
from tests.support.samples import captures

NAMES = {
    "pdu": "PduRecord",
    "connection": "ConnectionRecord",
    "task": "TaskRecord",
    "session": "SessionRecord",
    "key": "KeyRecord",
    "finding": "FindingRecord",
    "rule": "RuleRecord",
    "report": "ReportRecord",
    "timeline": "TimelineRecord",
    "conformance": "ConformanceRecord",
    "conformance-capture": "CaptureOfSet",
    "conformance-party": "PartyStanding",
    "conformance-rule": "RuleStanding",
    "conformance-requirement": "RequirementStanding",
    "conformance-section": "SectionStanding",
    "conformance-change": "RuleChange",
    "comparison": "ComparisonRecord",
    "session-comparison": "SessionComparisonRecord",
    "crosscheck": "CrosscheckRecord",
}


@cache
def strict() -> jsonschema.Draft202012Validator:
    """The published schema, made to refuse fields that it does not declare."""
    published = json.loads(HERE.joinpath("schema.json").read_text(encoding="utf-8"))
    for component in published["$defs"].values():
        component["additionalProperties"] = False
    return jsonschema.Draft202012Validator(published)


def test_the_published_schema_is_current() -> None:
    """`make docs` writes it again."""
    assert HERE.joinpath("schema.json").read_text(encoding="utf-8") == schema_text()


def test_it_is_a_schema_and_has_a_version() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    assert schema()["x-version"] == SCHEMA_VERSION


def test_every_field_is_described() -> None:
    missing = [
        f"{name}.{field}"
        for name, component in schema()["$defs"].items()
        for field, facts in component["properties"].items()
        if field != "type" and "description" not in facts
    ]
    assert missing == []


def test_a_field_that_is_left_out_is_never_null() -> None:
    properties = schema()["$defs"]["PduRecord"]["properties"]
    assert properties["lun"]["type"] == "integer"
    assert {"type": "null"} in properties["initiator_task_tag"]["anyOf"]


def test_descriptions_of_base_classes_are_inherited() -> None:
    found = descriptions()
    assert found["PduRecord"]["lun"] == found["OwnFields"]["lun"]
    assert len(module.RECORDS) == len(NAMES)


@pytest.mark.parametrize("capture", captures(), ids=lambda path: path.name.partition(".")[0])
def test_every_record_of_a_sample_fits_the_schema(capture: Path) -> None:
    analysis = analysed(capture)
    records: list[Any] = [json.loads(line) for line in JsonLines(analysis.store).more().splitlines()[:200]]
    others = [other_connection(connection) for connection in analysis.engine.others]
    study = Study(analysis.store)
    sessions = map(session_record, study.sessions)
    keys = (record for found in study.keys for record in key_records(found))
    tasks = Tasks(analysis.store).records()
    findings = [*analysis.findings(), *islice(rule_records(), 3)]
    made = msgspec.json.encode(
        [*analysis.connections(), *others, *sessions, *keys, *tasks, *findings, analysis.report()]
    )
    for record in [*records, *json.loads(made)]:
        name = NAMES[record["type"]]
        validator = strict().evolve(schema={"$ref": f"#/$defs/{name}", "$defs": strict().schema["$defs"]})
        assert [error.message for error in validator.iter_errors(record)] == []


def test_a_wrong_record_does_not_fit() -> None:
    assert not strict().is_valid({"type": "pdu", "number": "one"})
    assert not strict().is_valid({"type": "nothing"})
