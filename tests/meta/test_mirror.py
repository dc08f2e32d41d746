"""Every source file that does something has its test file, at the same place below tests/.

`dissectors/net/link.py` is tested by `tests/dissectors/net/test_link.py`, or by several `test_link_*.py`; what a
package does in its `__init__.py`, by a test file with the name of the package. Files that only hold tables or names
need none.
"""

from __future__ import annotations

import ast
from pathlib import PurePosixPath

from tests.meta.tree import PACKAGES, ROOT, parse, python_files


def does_something(path: str) -> bool:
    """Whether the file defines functions (methods included), so that there is something to test."""
    return any(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) for node in ast.walk(parse(path)))


def test_file_of(path: str) -> str:
    """Where the test of a source file belongs, without the ending."""
    source = PurePosixPath(path)
    name = source.parent.name if source.stem == "__init__" else source.stem
    return str("tests" / source.parent / f"test_{name}")


test_file_of.__test__ = False  # type: ignore[attr-defined]


def has_test(path: str) -> bool:
    place = ROOT / test_file_of(path)
    return place.with_suffix(".py").is_file() or any(place.parent.glob(f"{place.name}_*.py"))


def untested() -> set[str]:
    files = [path for path in python_files(*PACKAGES) if not path.endswith("/__main__.py")]
    return {path for path in files if does_something(path) and not has_test(path)}


def test_every_source_file_has_its_test_file() -> None:
    assert sorted(untested()) == []
