"""The measuring is right: what is measured is the child, ratios compare like with like, and bars say what the design
says."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.benchmarks import bars, run
from tests.benchmarks.measure import Sample, measure, total, typical

FAKE = """
import sys
if "--version" in sys.argv:
    print("fake 1 interpreted")
elif "pdus" in sys.argv:
    sys.exit("no such thing")
else:
    print(len(open(sys.argv[2], "rb").read()) if len(sys.argv) > 2 else "help")
"""


@pytest.fixture
def fake(tmp_path: Path) -> Path:
    """A source tree whose analyzer can do next to nothing."""
    package = tmp_path / "tree" / "iscsi_analyzer"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(FAKE)
    return package.parent


def test_a_child_is_measured_by_itself() -> None:
    """Memory is that of the child, the exit code and the last complaint are known, output is thrown away."""
    ballast = bytearray(300_000_000)  # what the one who measures has does not count
    large = measure([sys.executable, "-c", "x = bytearray(200_000_000); print('x' * 1000)"])
    small = measure([sys.executable, "-c", "import sys; sys.exit('first\\nlast')"])
    assert large.memory > 200_000_000 > small.memory and large.code == 0
    assert len(ballast) > small.memory
    assert (small.code, small.complaint) == (1, "last")
    assert large.seconds > 0 and large.cpu > 0


def test_medians_and_sums() -> None:
    runs = [Sample(1.0, 1.0, 10, 0), Sample(9.0, 2.0, 30, 0), Sample(2.0, 3.0, 20, 7, "broke")]
    assert typical(runs) == Sample(2.0, 2.0, 20, 7, "broke")
    assert total(runs) == Sample(12.0, 6.0, 30, 7, "1 of 3 files failed: broke")


def test_bars_are_those_of_the_design() -> None:
    bar = bars.speed("first pass", "reads4k", 6.1, compiled=True)
    assert bar == bars.Bar(">= 6x", True)
    bar = bars.speed("report", "reads256k", 7.9, compiled=True)
    assert bar is not None and bar.verdict == "NOT MET"
    assert bars.speed("first pass", "writes256k", 1.0, compiled=False) == bars.Bar(">= 1x", True)
    assert bars.speed("first pass", "reads4k-digests", 99, compiled=True) is None
    assert bars.speed("pdus", "reads4k", 49, compiled=True) == bars.Bar(">= 50x", False)
    assert bars.memory(10**9, 249 * 10**6) == bars.Bar("< 250 MB", True)
    assert bars.memory(10**6, 0) is None
    assert bars.start(0.2).verdict == "NOT MET"


def test_a_build_is_a_tree_an_interpreter_or_this_process(fake: Path) -> None:
    tree = run.build(f"mine={fake}")
    assert (tree.name, tree.version, tree.compiled) == ("mine", "fake 1 interpreted", False)
    assert tree.environment == {"PYTHONPATH": str(fake)}
    other = run.build(f"other={sys.executable}")
    assert other.command[0] == sys.executable and other.environment == {"PYTHONPATH": ""}
    assert run.build("here").environment == {}


def test_a_run_measures_every_task_and_shows_what_failed(
    fake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the command line to the table, on a small capture and with an analyzer that cannot list PDUs."""
    monkeypatch.setattr("shutil.which", lambda tool: None)
    arguments = ["--python", f"fake={fake}", "--scenario", "reads4k", "--cache", str(tmp_path), "--runs", "1"]
    run.main([*arguments, "--bytes", "2M", "--small", "2M", "--json", str(tmp_path / "result.json")])
    table = capsys.readouterr().out.splitlines()
    assert table[0] == "fake: fake 1 interpreted"
    rows = [line for line in table if "iscsi-analyzer fake" in line]
    assert [line.split("iscsi-analyzer")[0].split(maxsplit=1)[1].strip() for line in rows] == [
        "--help",
        "first pass",
        "report",
        "pdus, all",
        "pdus",
    ]
    assert all(("no such thing" in line) == ("pdus" in line) for line in rows)
    assert (tmp_path / "reads4k_2m.pcap").stat().st_size >= 2_000_000
    assert '"task": "report"' in (tmp_path / "result.json").read_text()
