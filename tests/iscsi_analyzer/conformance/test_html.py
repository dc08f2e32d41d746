"""The page says what the record says, every rule and requirement, and escapes what came from the wire."""

from __future__ import annotations

import msgspec

from iscsi_analyzer.conformance.comparison import changes
from iscsi_analyzer.conformance.html import REMARK, page
from iscsi_analyzer.conformance.record import ConformanceRecord
from tests.iscsi_analyzer.conformance.tallied import faulty_record, recorded
from tests.iscsi_analyzer.export.html.pages import Node, parsed
from tests.support.talk import Talk


def read(record: ConformanceRecord) -> Node:
    return parsed(b"".join(page(record)).decode())


def sections(root: Node) -> dict[str, Node]:
    return {each.attributes["id"]: each for each in root.all("section")}


def test_every_breach_rule_and_requirement_is_on_the_page() -> None:
    record = faulty_record()
    found = sections(read(record))
    assert [*found] == ["overview", "parties", "broken", "chapters", "rules", "requirements"]
    broken = sum(each.state == "broken" for rule in record.rules for each in rule.parties)
    for name, rows in (("broken", broken), ("rules", len(record.rules)), ("requirements", len(record.requirements))):
        (body,) = found[name].all("tbody")
        assert len([*body.all("tr")]) == rows
    assert "tmf-refcmdsn-wrong" in found["broken"].text
    assert REMARK in found["overview"].text


def test_without_a_breach_it_says_in_how_many_occasions() -> None:
    talk = Talk().open()
    talk.close()
    assert "No breach was seen in" in sections(read(recorded(talk)))["broken"].text


def test_changes_have_a_section_of_their_own() -> None:
    record = faulty_record()
    before = recorded(Talk().open())
    now = msgspec.structs.replace(record, changes=changes(before, record))
    assert "newly broken" in sections(read(now))["changes"].text
    same = msgspec.structs.replace(record, changes=[])
    assert "Nothing changed" in sections(read(same))["changes"].text


def test_names_from_the_wire_are_text() -> None:
    record = faulty_record()
    evil = [
        msgspec.structs.replace(each, party=msgspec.structs.replace(each.party, name="<script>alert(1)</script>"))
        for each in record.parties
    ]
    root = read(msgspec.structs.replace(record, parties=evil))
    assert "<script>alert(1)</script>" in sections(root)["parties"].text
    assert len([*root.all("script")]) == 1
