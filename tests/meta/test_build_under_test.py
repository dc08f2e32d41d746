"""The suite tests what it says it tests: the interpreted tree or a compiled wheel, never a mixture."""

from __future__ import annotations

import importlib
import os
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

from iscsi_analyzer.build_info import compiled_modules, describe
from iscsi_analyzer.building import HOT_MODULES
from tests.meta.tree import CODE_UNDER_TEST, PACKAGES, ROOT, run_python

EXPECTED = os.environ.get("ISCSI_ANALYZER_EXPECT_BUILD", "")


def names() -> list[str]:
    return [path.removesuffix(".py").replace("/", ".") for path in HOT_MODULES]


def test_the_build_under_test_is_the_one_that_was_asked_for() -> None:
    if not EXPECTED:
        pytest.skip("nothing was asked for; `make test` sets ISCSI_ANALYZER_EXPECT_BUILD")
    count = len(HOT_MODULES)
    wanted = {"compiled": f"compiled (mypyc, {count} of {count} modules)", "interpreted": "interpreted"}
    assert describe() == wanted[EXPECTED]
    assert (CODE_UNDER_TEST == ROOT) == (EXPECTED == "interpreted")


def test_the_hot_modules_are_all_compiled_or_all_interpreted() -> None:
    assert len(compiled_modules()) in (0, len(HOT_MODULES))


def test_what_is_imported_is_what_the_description_says() -> None:
    files = [str(importlib.import_module(name).__file__) for name in names()]
    loaded = sum(file.endswith(tuple(EXTENSION_SUFFIXES)) for file in files)
    assert loaded == len(compiled_modules())


def test_all_packages_come_from_one_place() -> None:
    modules = [importlib.import_module(name) for name in [*PACKAGES, *names()]]
    places = {Path(place).resolve() for module in modules for place in getattr(module, "__path__", [module.__file__])}
    assert [str(place) for place in places if not place.is_relative_to(CODE_UNDER_TEST)] == []


def test_a_process_that_a_test_starts_runs_the_same_build() -> None:
    done = run_python("-c", "from iscsi_analyzer import build_info; print(build_info.describe())")
    assert done.stdout.strip() == describe(), done.stderr
