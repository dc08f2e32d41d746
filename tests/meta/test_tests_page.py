"""The page about the tests names tests and directories that are there."""

from __future__ import annotations

import re

import pytest

from tests.meta.tree import ROOT

PAGE = (ROOT / "tests" / "README.md").read_text(encoding="utf-8")
DEFAULT = "mangling/test_known_failures.py"
NAMED = sorted(set(re.findall(r"`(?:(\S+\.py)::)?(test_\w+)`", PAGE)))


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_every_test_that_the_page_names_is_there(file: str, name: str) -> None:
    """Without a file it is one of the known failures of others."""
    source = (ROOT / "tests" / (file or DEFAULT)).read_text(encoding="utf-8")
    assert f"def {name}(" in source


def test_every_known_failure_of_others_is_on_the_page() -> None:
    source = (ROOT / "tests" / DEFAULT).read_text(encoding="utf-8")
    names = set(re.findall(r"^def (test_\w+)\(", source, re.M)) - {"test_every_pdu_is_shown_as_it_was_sent"}
    assert names - {name for file, name in NAMED if not file} == set()


def test_every_file_that_the_page_names_is_there() -> None:
    named = {name for name in re.findall(r"`([\w/]+\.py)`", PAGE) if not name.startswith(("dissectors", "tests"))}
    assert {name for name in named if not (ROOT / "tests" / name).is_file()} == set()
