"""`schema` prints the published schema."""

from __future__ import annotations

import json

from iscsi_analyzer.export.generate_docs import HERE
from tests.support.command import command


def test_the_schema_is_the_published_one() -> None:
    done = command("schema")
    assert done.code == 0
    assert done.out == HERE.joinpath("schema.json").read_text(encoding="utf-8")
    assert json.loads(done.out)["x-version"] == 1
