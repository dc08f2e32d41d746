"""`build_info` looks at what an import would give, and says it in one phrase."""

from __future__ import annotations

import sys
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from iscsi_analyzer import build_info
from tests.meta.tree import run_python


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package on the import path whose modules `first` and `second` are the hot ones."""
    monkeypatch.setattr(build_info, "HOT_MODULES", ("made_up_core/first.py", "made_up_core/second.py"))
    monkeypatch.syspath_prepend(tmp_path)
    place = tmp_path / "made_up_core"
    place.mkdir()
    for name in ("__init__.py", "first.py", "second.py"):
        (place / name).write_text("", encoding="utf-8")
    monkeypatch.delitem(sys.modules, "made_up_core", raising=False)  # an earlier test's package of this name
    return place


def test_sources_alone_are_interpreted(package: Path) -> None:
    assert build_info.describe() == "interpreted"


def test_an_extension_beside_the_source_counts_as_compiled(package: Path) -> None:
    for name in ("first", "second"):
        (package / f"{name}{EXTENSION_SUFFIXES[0]}").touch()
    assert build_info.describe() == "compiled (mypyc, 2 of 2 modules)"


def test_a_half_compiled_installation_is_called_that(package: Path) -> None:
    (package / f"second{EXTENSION_SUFFIXES[-1]}").touch()
    assert build_info.compiled_modules() == ["made_up_core/second.py"]
    assert build_info.describe() == "compiled (mypyc, 1 of 2 modules)"


def test_modules_that_are_missing_are_not_compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_info, "HOT_MODULES", ("no_such_package/module.py", "iscsi_analyzer/no_such_module.py"))
    assert build_info.describe() == "interpreted"


def test_asking_loads_none_of_the_hot_modules() -> None:
    code = (
        "import sys; from iscsi_analyzer import build_info, building; build_info.describe();"
        "print([path for path in building.HOT_MODULES if path[:-3].replace('/', '.') in sys.modules])"
    )
    done = run_python("-c", code)
    assert done.stdout.strip() == "[]", done.stderr


def test_an_installed_wheel_has_the_version_that_the_code_says() -> None:
    try:
        installed = version("iscsi-analyzer")
    except PackageNotFoundError:
        pytest.skip("not installed")
    assert installed == build_info.__version__
