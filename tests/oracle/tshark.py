"""tshark as the tests of this directory run it."""

from __future__ import annotations

from pathlib import Path

from iscsi_analyzer.crosscheck import wireshark
from tests.support.programs import run

PREFERENCES = tuple(f"{name}:{value}" for name, value in wireshark.PREFERENCES.items())
"tshark at its best."


def plain_file(capture: Path, directory: Path) -> Path:
    """The capture as a file that tshark reads: decompressed, if it is compressed with zstd."""
    if capture.suffix != ".zst":
        return capture
    target = directory / capture.stem
    run("zstd", "-dqf", "--long=27", str(capture), "-o", str(target))
    return target
