"""The front door returns exit codes and never a traceback."""

from __future__ import annotations

import subprocess
import sys

from iscsi_analyzer.cli import main
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
    from tests.live.reading import environment

    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read()
        assert (process.wait(30), said) == (0, b"")
