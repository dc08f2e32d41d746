"""One word on the build, for those who choose between two ways of doing the same."""

from __future__ import annotations

from iscsi_analyzer.build_info import compiled_modules
from iscsi_analyzer.interpreted import INTERPRETED


def test_a_build_without_compiled_modules_is_interpreted() -> None:
    assert bool(compiled_modules()) != INTERPRETED
