"""The front door of the filter language."""

from __future__ import annotations

from iscsi_analyzer import query
from iscsi_analyzer.query.fields import fields
from tests.meta.tree import run_python


def test_it_compiles_and_lists_fields() -> None:
    assert query.compile_filter("iscsi").text == "iscsi"
    assert query.every_field() == fields()


def test_importing_it_loads_no_columns() -> None:
    code = "import sys; import iscsi_analyzer.query; assert 'numpy' not in sys.modules"
    assert run_python("-c", code).returncode == 0
