"""Where the tests of the command line run: in a directory of their own, so that no settings above are found."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.iscsi_analyzer.export.faulty import conversation


@pytest.fixture
def faulty_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A capture with errors and notes; its directory is the current one."""
    monkeypatch.chdir(tmp_path)
    return conversation().save(tmp_path / "faulty.pcap")
