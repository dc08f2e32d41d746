"""What all capture programs have in common."""

from __future__ import annotations

import pytest

from iscsi_analyzer.sources.live.choosing import BACKENDS


@pytest.mark.parametrize("name", [*BACKENDS])
def test_every_program_speaks_english_and_has_its_name(name: str) -> None:
    backend = BACKENDS[name]()
    assert backend.name == name
    assert backend.environment()["LC_ALL"] == "C"
    assert name in backend.title
    assert any("sudo" in line for line in backend.advice())
