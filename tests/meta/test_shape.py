"""The outer shape of the sources: small files that say what they are, typed packages, one statement of the version."""

from __future__ import annotations

import ast
import re
import tomllib

import pytest

from iscsi_analyzer.build_info import __version__
from tests.meta.tree import PACKAGES, ROOT, parse, python_files

LONGEST = 400
"Lines that a file may have; a longer one has more than one job."

LONGER: dict[str, int] = {}
"Files that are longer, and how long they may be. Numbers only shrink, and names only leave."

FILES = python_files(*PACKAGES, "tests", "samples")


def lines(path: str) -> int:
    return len((ROOT / path).read_text(encoding="utf-8").splitlines())


def test_no_file_is_longer_than_one_job() -> None:
    assert {path: lines(path) for path in FILES if lines(path) > LONGER.get(path, LONGEST)} == {}


def test_the_room_that_a_long_file_has_shrinks_with_it() -> None:
    assert {path: limit for path, limit in LONGER.items() if not LONGEST < lines(path) == limit} == {}


def test_every_file_opens_with_what_it_is() -> None:
    assert [path for path in FILES if not ast.get_docstring(parse(path))] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_is_typed(package: str) -> None:
    assert (ROOT / package / "py.typed").is_file()


def test_every_directory_with_modules_is_a_package() -> None:
    """Otherwise directories of one name in the tree and in an installed wheel would be mixed."""
    directories = {(ROOT / path).parent for path in python_files(*PACKAGES)}
    assert sorted(str(place) for place in directories if not (place / "__init__.py").is_file()) == []


def test_the_version_is_stated_once() -> None:
    said = re.compile(rf"(?<![\d.]){re.escape(__version__)}(?![\d.])")
    places = [path for path in [*python_files(*PACKAGES), "pyproject.toml"] if said.search((ROOT / path).read_text())]
    assert places == ["iscsi_analyzer/build_info.py"]


def test_the_project_takes_its_version_from_there() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["tool"]["hatch"]["version"]["path"] == "iscsi_analyzer/build_info.py"
    assert "version" in project["project"]["dynamic"]
