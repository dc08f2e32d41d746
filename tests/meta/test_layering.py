"""Imports go tui -> iscsi_analyzer -> dissectors -> standard library, never back; heavy packages stay put."""

from __future__ import annotations

import ast
import fnmatch
import sys

import pytest

from tests.meta.tree import PACKAGES, imports, parse, python_files

NATIVE = {"mypy_extensions", "librt"}

ALLOWED = {
    "dissectors": {"dissectors", *NATIVE},
    "iscsi_analyzer": {"iscsi_analyzer", "dissectors", *NATIVE, "lz4", "msgspec", "numpy", "zstandard"},
    "tui": {"tui", "iscsi_analyzer", "dissectors", "numpy", "rich", "textual"},
}
"What the files of each package may import beside the standard library."

ALLOWED_IN = {
    "dissectors/iscsi/digest.py": {"crc32c"},
    # Loaded only when Parquet is asked for.
    "iscsi_analyzer/export/parquet.py": {"pyarrow"},
    "iscsi_analyzer/export/parquet_pdus.py": {"pyarrow"},
    "iscsi_analyzer/export/parquet_types.py": {"pyarrow"},
}
"What single files may import in addition."

ALLOWED_LAZILY_IN = {
    "iscsi_analyzer/sources/live/*": {"scapy"},
    "iscsi_analyzer/building.py": {"hatchling", "mypyc", "setuptools"},
    "iscsi_analyzer/*crosscheck*": {"pyshark"},
    # The command line starts the user interface; it is the one place that looks up, and only when asked for it.
    "iscsi_analyzer/cli/*": {"tui"},
}
"What files may import inside functions (or for type checkers), so that only those who ask for it pay for it."

TESTS_ONLY_IN = {
    "textual": ("tests/tui/*", "tests/benchmarks/*"),
    "pyshark": ("tests/oracle/*", "tests/*crosscheck*"),
    "selenium": ("tests/support/browser.py", "tests/*_browser.py"),
}
"Where among tests and samples these packages may be imported."


def misplaced(path: str, tree: ast.Module) -> list[str]:
    """The imports of a source file that are against the rules, each as `path:line imports module`."""
    always = sys.stdlib_module_names | ALLOWED[path.partition("/")[0]] | ALLOWED_IN.get(path, set())
    lazily = {name for place, names in ALLOWED_LAZILY_IN.items() if fnmatch.fnmatch(path, place) for name in names}
    return [
        f"{path}:{found.line} imports {found.module}"
        for found in imports(path, tree)
        if found.top not in always and not (found.lazy and found.top in lazily)
    ]


@pytest.mark.parametrize("package", PACKAGES)
def test_no_file_imports_what_lies_above_it_or_beside_it(package: str) -> None:
    assert [line for path in python_files(package) for line in misplaced(path, parse(path))] == []


def test_tests_and_samples_use_the_heavy_packages_only_where_they_are_the_subject() -> None:
    wrong = [
        f"{path}:{found.line} imports {found.module}"
        for path in python_files("tests", "samples")
        for found in imports(path, parse(path))
        for places in [TESTS_ONLY_IN.get(found.top, ("*",))]
        if not any(fnmatch.fnmatch(path, place) for place in places)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("dissectors/pdu.py", "import iscsi_analyzer"),
        ("dissectors/pdu.py", "from iscsi_analyzer.store import rows"),
        ("dissectors/iscsi/words.py", "from ...iscsi_analyzer import engine"),
        ("dissectors/pdu.py", "def late():\n    import numpy"),
        ("dissectors/pdu.py", "import crc32c"),
        ("iscsi_analyzer/engine.py", "import textual.app"),
        ("iscsi_analyzer/engine.py", "def late():\n    import tui.app"),
        ("iscsi_analyzer/engine.py", "import importlib\ndef late():\n    importlib.import_module('tui.app')"),
        ("iscsi_analyzer/cli/main.py", "from tui import app"),
        ("iscsi_analyzer/sources/live/record.py", "from scapy.all import sniff"),
        ("iscsi_analyzer/sources/live/record.py", "if TYPE_CHECKING:\n    pass\nelse:\n    import scapy"),
        ("iscsi_analyzer/engine.py", "from tests.support import talk"),
        ("tui/app.py", "import scapy.all"),
    ],
)
def test_an_import_in_the_wrong_place_is_seen(path: str, source: str) -> None:
    assert len(misplaced(path, ast.parse(source))) == 1


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("dissectors/pdu.py", "import struct, os.path\nfrom . import fields\nfrom .iscsi import words"),
        ("dissectors/iscsi/words.py", "from ..fields import Node\nfrom librt.strings import read_i64_be"),
        ("dissectors/iscsi/digest.py", "try:\n    import crc32c\nexcept ImportError:\n    pass"),
        ("iscsi_analyzer/engine.py", "from dissectors.pdu import dissect\nimport numpy as np"),
        ("iscsi_analyzer/sources/live/record.py", "def start():\n    from scapy.all import conf"),
        ("iscsi_analyzer/sources/live/record.py", "if TYPE_CHECKING:\n    from scapy.all import conf"),
        ("iscsi_analyzer/cli/tui.py", "def run():\n    import_module('tui.app').main()"),
        ("iscsi_analyzer/crosscheck.py", "def ask():\n    import pyshark"),
        ("tui/app.py", "from textual.app import App\nfrom iscsi_analyzer.engine import Engine"),
    ],
)
def test_an_import_in_its_place_is_allowed(path: str, source: str) -> None:
    assert misplaced(path, ast.parse(source)) == []
