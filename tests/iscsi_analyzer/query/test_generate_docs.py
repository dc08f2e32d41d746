"""The page of fields is what the declarations say."""

from __future__ import annotations

import re
from pathlib import Path

from iscsi_analyzer.query import compile_filter, generate_docs
from iscsi_analyzer.query.fields import fields
from iscsi_analyzer.query.generate_docs import PAGE, render, section

README = PAGE.with_name("README.md")


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == render()


def test_every_field_is_on_the_page_once() -> None:
    listed = re.findall(r"^\| `([^`]+)`", render(), re.MULTILINE)
    assert sorted(listed) == sorted(fields())


def test_rows_have_five_cells() -> None:
    rows = [line for line in render().splitlines() if line.startswith("| `")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {6}


def test_every_field_has_its_section() -> None:
    found = {name: section(field) for name, field in fields().items()}
    assert found["iscsi.opcode"] == "Headers of PDUs"
    assert found["iscsi.login.csg"] == "Headers of PDUs"
    assert found["iscsi.login.target_name"] == "Keys of login and text PDUs"
    assert found["scsi_sbc.opcode"] == "SCSI: block devices"
    assert found["iscsi.finding"] == "Findings"


def test_the_examples_of_the_readme_compile() -> None:
    block = README.read_text(encoding="utf-8").split("```")[1]
    for line in block.strip().splitlines():
        compile_filter(line)


def test_it_writes_where_the_page_is(tmp_path: Path) -> None:
    place = generate_docs.PAGE
    try:
        generate_docs.PAGE = tmp_path / "fields.md"  # type: ignore[misc]
        generate_docs.main()
        assert (tmp_path / "fields.md").read_text(encoding="utf-8") == render()
    finally:
        generate_docs.PAGE = place  # type: ignore[misc]
