"""The list of compiled modules is complete and true."""

from __future__ import annotations

from iscsi_analyzer.building import HOT_MODULES
from tests.meta.tree import PACKAGES, ROOT, imports, parse, python_files

NATIVE = {"mypy_extensions", "librt"}


def uses_native_types(path: str) -> bool:
    return any(found.top in NATIVE for found in imports(path, parse(path)))


def test_every_module_that_uses_native_types_is_compiled() -> None:
    """Interpreted, native reads gain nothing over the ordinary ones: a module that uses them means to be compiled."""
    hot = set(HOT_MODULES)
    assert [path for path in python_files(*PACKAGES) if uses_native_types(path) and path not in hot] == []


def test_every_hot_module_exists() -> None:
    assert [path for path in HOT_MODULES if not (ROOT / path).is_file()] == []


def test_the_list_is_sorted_and_names_nothing_twice() -> None:
    assert list(HOT_MODULES) == sorted(set(HOT_MODULES))
