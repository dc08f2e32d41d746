"""The front door returns exit codes and never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from iscsi_analyzer.cli import main
from tests.live.reading import environment
from tests.meta.tree import run_python
from tests.support.samples import SAMPLES


def test_main_returns_the_exit_code(capsys: object) -> None:
    assert main(["--version"]) == 0
    assert main(["/no/such/file"]) == 2


def test_the_module_is_the_command() -> None:
    done = run_python("-m", "iscsi_analyzer", "--version")
    assert done.returncode == 0
    assert done.stdout.startswith("iscsi-analyzer ")


def test_a_reader_that_goes_away_is_no_error() -> None:
    sample = str(SAMPLES / "u32_check_condition_read_beyond_end.pcap.zst")
    code = "import sys; from iscsi_analyzer.cli import main; sys.exit(main(sys.argv[1:]))"
    words = [sys.executable, "-c", code, "pdus", "-T", "jsonl", sample]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read()
        assert (process.wait(30), said) == (0, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no device that is always full")
@pytest.mark.parametrize("words", [["report"], ["export", "--format", "html"]])
def test_a_full_disk_behind_standard_output_is_told_in_a_line(words: list[str]) -> None:
    """There is no traceback, and the exit code tells that something is missing."""
    command = [sys.executable, "-m", "iscsi_analyzer", *words, str(SAMPLES / "k06_chap_wrong_password.pcap")]
    with open("/dev/full", "wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, env=environment(), check=False)
    assert done.returncode == 1
    assert done.stderr.decode() == (
        "iscsi-analyzer: standard output: no space left on device: the output is not complete "
        "(make room, or write to another disk)\n"
    )
