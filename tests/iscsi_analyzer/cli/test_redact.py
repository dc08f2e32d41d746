"""`redact` writes a capture that can leave the building, and says what was taken out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.iscsi_analyzer.sources.calls import feed_stdin
from tests.support.command import command
from tests.support.samples import SAMPLES, sample


def test_a_capture_is_redacted_and_accounted_for(tmp_path: Path) -> None:
    out = tmp_path / "out.pcapng"
    done = command("redact", sample("b01_badpdu_tgtd"), out)
    assert (done.code, done.out) == (0, "")
    assert "145,925 bytes of data zeroed, 0 values of keys replaced" in done.err
    assert "1 frame left out: 1 TCP without iSCSI" in done.err
    assert command("redact", sample("b01_badpdu_tgtd"), out, "-q").err == ""


def test_names_are_other_names_afterwards(tmp_path: Path) -> None:
    out = tmp_path / "out.pcapng"
    assert command("redact", "--all", sample("k34_multipath_dm_two_portals"), out).code == 0
    assert "labvm" in command("sessions", sample("k34_multipath_dm_two_portals")).out
    assert "labvm" not in command("sessions", out).out


@pytest.mark.parametrize("words", [[], [SAMPLES / "k01_discovery.pcap"]])
def test_two_files_are_needed(words: list[Path]) -> None:
    done = command("redact", *words)
    assert done.code == 1
    assert "iscsi-analyzer redact IN OUT" in done.err


def test_the_input_is_never_written_over() -> None:
    path = SAMPLES / "k01_discovery.pcap"
    before = path.read_bytes()
    assert command("redact", path, path).code == 1
    assert path.read_bytes() == before


def test_a_damaged_capture_is_redacted_as_far_as_it_goes(tmp_path: Path) -> None:
    cut, out = tmp_path / "cut.pcap", tmp_path / "out.pcapng"
    cut.write_bytes((SAMPLES / "k01_discovery.pcap").read_bytes()[:-7])
    assert command("redact", cut, out).code == 2
    assert command("pdus", out).out == command("pdus", cut).out


def test_standard_input_and_output_will_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The input is kept in a temporary file until it was read twice."""
    data = (SAMPLES / "k01_discovery.pcap").read_bytes()
    out, other = tmp_path / "out.pcapng", tmp_path / "other.pcapng"
    feed_stdin(monkeypatch, data)
    assert command("redact", "-", out).code == 0
    assert command("redact", SAMPLES / "k01_discovery.pcap", other).code == 0
    assert out.read_bytes() == other.read_bytes()
