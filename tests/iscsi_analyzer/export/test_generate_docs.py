"""The generated list of field names is current and complete."""

from __future__ import annotations

from iscsi_analyzer.export.generate_docs import HERE, field_list, fields_text
from iscsi_analyzer.export.wireshark_formats import ALWAYS, BYTES, DECIMAL, HEX_BYTES, OPERATION_CODES


def test_the_list_of_fields_is_current() -> None:
    """`make docs` writes it again."""
    assert HERE.joinpath("fields.json").read_text(encoding="utf-8") == fields_text()


def test_every_entry_is_complete() -> None:
    for name, (kind, base, width, label) in field_list().items():
        assert kind in ("number", "flag", "bytes", "text", "group", "signed"), name
        assert base in ("dec", "hex"), name
        assert width >= 0, name
        assert label, name


def test_formats_are_stated_only_for_fields_that_exist() -> None:
    known = {*field_list(), "scsi.status"}
    assert {*HEX_BYTES, *DECIMAL, *BYTES, *ALWAYS, *OPERATION_CODES} - known == set()
