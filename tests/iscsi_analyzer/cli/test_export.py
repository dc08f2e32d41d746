"""`export` writes whole files or none, to where the user says."""

from __future__ import annotations

from pathlib import Path

import pytest

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
