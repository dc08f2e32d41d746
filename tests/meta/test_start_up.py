"""Asking for help, or importing the library, is quick: what only some commands need is loaded when they need it."""

from __future__ import annotations

import json
import statistics
import time

import pytest

from tests.meta.tree import run_python

HEAVY = ("textual", "rich", "scapy", "numpy", "pyarrow", "pyshark", "hatchling", "setuptools", "mypyc", "tui")

LOADED = "import json, sys; print(json.dumps(sorted(sys.modules)), file=sys.stderr)"

HELP = """
import sys
sys.argv = ["iscsi-analyzer", "--help"]
try:
    from iscsi_analyzer.cli import main
    sys.exit(main())
except SystemExit as end:
    assert not end.code, end.code
"""


def heavy_modules(code: str) -> list[str]:
    """Which of the heavy packages a new process has loaded after running `code`."""
    done = run_python("-c", f"{code}\n{LOADED}")
    assert done.returncode == 0, done.stderr
    return [name for name in HEAVY if name in json.loads(done.stderr.splitlines()[-1])]


@pytest.mark.parametrize("module", ["iscsi_analyzer", "iscsi_analyzer.build_info", "dissectors"])
def test_importing_the_library_loads_nothing_heavy(module: str) -> None:
    assert heavy_modules(f"import {module}") == []


def test_help_loads_nothing_heavy() -> None:
    assert heavy_modules(HELP) == []


def test_help_is_data_on_standard_output() -> None:
    """The time that it takes is printed (pytest -rP), not judged: the benchmarks do that."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        done = run_python("-c", HELP)
        times.append(time.perf_counter() - start)
        assert "iscsi-analyzer" in done.stdout
        assert done.stderr == ""
    print(f"iscsi-analyzer --help: {statistics.median(times) * 1000:.0f} ms (median of {len(times)})")
