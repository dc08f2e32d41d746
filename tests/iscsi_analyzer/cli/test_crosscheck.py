"""`crosscheck` lets Wireshark read the same capture, and fails if the two differ where nobody expects it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from iscsi_analyzer.crosscheck import check, known, wireshark
from tests.support.command import command
from tests.support.samples import SAMPLES, sample
from tests.support.tools import need

CAPTURE = sample("u03_login_inquiry")


@pytest.mark.oracle
def test_known_limits_are_fine_and_anything_else_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    need("tshark")
    done = command("crosscheck", CAPTURE)
    assert (done.code, done.err) == (0, "")
    assert "crosscheck passed" in done.out
    monkeypatch.setattr(check, "explanation", lambda difference: None)
    done = command("crosscheck", CAPTURE)
    assert done.code == 3
    assert "crosscheck failed" in done.out


@pytest.mark.oracle
def test_json_is_one_record(monkeypatch: pytest.MonkeyPatch) -> None:
    need("tshark")
    found = json.loads(command("crosscheck", CAPTURE, "-T", "json").out)
    assert (found["type"], found["pdus"], found["unexpected"]) == ("crosscheck", 16, 0)
    assert {each["name"] for each in found["limits"]} <= {each.name for each in known.KNOWN}


@pytest.mark.oracle
def test_a_filter_chooses_whose_differences_count() -> None:
    need("tshark")
    found = json.loads(command("crosscheck", CAPTURE, "-T", "json", "-Y", "iscsi.opcode == 0x03").out)
    assert {each["pdu_kind"] for each in found["differences"]} == {"Login Request"}


@pytest.mark.oracle
def test_ports_that_only_we_know_are_told_to_tshark() -> None:
    need("tshark")
    found = json.loads(command("crosscheck", sample("m03_discovery_unusual_port"), "-T", "json").out)
    assert found["matched"] == found["pdus"] == found["wireshark_pdus"] > 0


def test_without_wireshark_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> str:
        raise wireshark.Unavailable("tshark is not installed\n(apt-get install tshark)")

    monkeypatch.setattr(wireshark, "tshark", missing)
    done = command("crosscheck", SAMPLES / "nowhere.pcap")
    assert (done.code, done.out) == (1, "")
    assert done.err.splitlines() == [
        "iscsi-analyzer: tshark is not installed", "iscsi-analyzer: (apt-get install tshark)"
    ]  # fmt: skip


def test_a_tshark_that_ends_early_is_no_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(path: str, ports: list[int]) -> Iterator[wireshark.Frame]:
        yield from ()
        raise wireshark.Failed("it crashed")

    monkeypatch.setattr(wireshark, "tshark", lambda: "tshark")
    monkeypatch.setattr(wireshark, "formats", dict)
    monkeypatch.setattr(wireshark, "version", lambda: "9.9")
    monkeypatch.setattr(wireshark, "frames", broken)
    done = command("crosscheck", CAPTURE, "-T", "json")
    assert done.code == 2
    assert "it crashed" in done.err
    assert json.loads(done.out)["complaint"] == "it crashed"
