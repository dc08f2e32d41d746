"""`export` writes whole files or none, to where the user says."""

from __future__ import annotations

from pathlib import Path

import pytest

from iscsi_analyzer.export.formats import TABLES
from tests.support.command import command
from tests.support.samples import SAMPLES

CAPTURE = SAMPLES / "u03_login_inquiry.pcap.zst"


def test_a_file_and_standard_output_get_the_same(tmp_path: Path) -> None:
    out = tmp_path / "ladder.txt"
    assert command("export", CAPTURE, "--format", "text-ladder", "-o", out).code == 0
    assert command("export", CAPTURE, "--format", "text-ladder").out == out.read_text("utf-8")


@pytest.mark.parametrize("words", [["-o", CAPTURE], ["-o", SAMPLES], ["--task", "999"], ["--finding", "999"]])
def test_what_cannot_be_is_refused_with_a_reason(words: list[str | Path]) -> None:
    before = CAPTURE.read_bytes()
    done = command("export", CAPTURE, "--format", "text-ladder", *words)
    assert (done.code, done.out) == (1, "")
    assert "directory" in done.err or "this is the capture" in done.err or "there is no such" in done.err
    assert CAPTURE.read_bytes() == before


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_tables_are_files_in_a_directory_or_a_file(ending: str, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    assert command("export", CAPTURE, "--format", ending, "-o", tmp_path / "all").code == 0
    found = {path.name for path in (tmp_path / "all").iterdir()}
    assert found == {f"{name}.{ending}" for name in TABLES}
    assert command("export", CAPTURE, "--format", ending, "--table", "tasks", "-o", tmp_path / "one").code == 0
    assert (tmp_path / "one").read_bytes() == (tmp_path / "all" / f"tasks.{ending}").read_bytes()


def test_some_of_the_tables_can_be_chosen(tmp_path: Path) -> None:
    words = ["--table", "keys", "--table", "tasks", "-Y", "iscsi.opcode == 1"]
    assert command("export", CAPTURE, "--format", "csv", "-o", tmp_path, *words).code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["keys.csv", "tasks.csv"]
    tasks = (tmp_path / "tasks.csv").read_bytes().decode()
    assert tasks == command("tasks", CAPTURE, "-T", "csv", "-Y", "iscsi.opcode == 1").out


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["csv"], "6 tables need a directory"),
        (["csv", "-o", CAPTURE], "several tables need a directory, and this is a file"),
        (["csv", "--table", "tasks", "-o", CAPTURE], "this is the capture"),
        (["csv", "--table", "tasks", "--task", "1"], "do not choose from tables"),
        (["trace", "--table", "tasks"], "trace has none"),
        (["csv", "--table", "frames"], "invalid choice"),
    ],
)
def test_tables_that_cannot_be_are_refused_with_a_reason(words: list[str | Path], reason: str) -> None:
    done = command("export", CAPTURE, "--format", *words)
    assert (done.code, done.out) == (1, "")
    assert reason in done.err


def test_a_capture_is_not_replaced_by_a_table_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "tasks.csv").write_bytes(CAPTURE.read_bytes())
    done = command("export", tmp_path / "tasks.csv", "--format", "csv", "-o", tmp_path)
    assert done.code == 1
    assert "this is the capture" in done.err
    assert [path.name for path in tmp_path.iterdir()] == ["tasks.csv"]


def test_a_missing_package_is_named_with_what_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("iscsi_analyzer.cli.export.find_spec", lambda name: None)
    done = command("export", CAPTURE, "--format", "parquet", "-o", "nowhere")
    assert done.code == 1
    assert "needs the package pyarrow" in done.err
    assert "pip install 'iscsi-analyzer[parquet]'" in done.err


def test_an_unknown_format_names_those_there_are() -> None:
    done = command("export", CAPTURE, "--format", "pdf")
    assert done.code == 1
    assert "text-ladder" in done.err


def test_a_damaged_capture_is_written_as_far_as_it_goes(tmp_path: Path) -> None:
    """The exit code and stderr tell of the damage."""
    cut = tmp_path / "cut.pcap"
    cut.write_bytes((SAMPLES / "f40_big_endian.pcap.zst").read_bytes()[:-100])
    out = tmp_path / "ladder.txt"
    done = command("export", cut, "--format", "text-ladder", "-o", out)
    assert done.code == 2
    assert done.err
    assert out.read_text("utf-8").startswith("session 1")
