"""Records as JSON can be read by line, or as one document."""

from __future__ import annotations

import json

import msgspec
import pytest

from iscsi_analyzer.export.record_json import json_pieces


class Thing(msgspec.Struct, tag_field="type", tag="thing"):
    number: int


@pytest.mark.parametrize("count", [0, 1, 3])
def test_lines_and_array_say_the_same(count: int) -> None:
    things = [Thing(number) for number in range(count)]
    lines = b"".join(json_pieces(things, array=False))
    array = b"".join(json_pieces(things, array=True))
    assert [json.loads(line) for line in lines.splitlines()] == json.loads(array)
    assert json.loads(array) == [{"type": "thing", "number": number} for number in range(count)]
    assert array.endswith(b"]\n")
