"""Rules are chosen on the command line and in a file; names that mean nothing are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.iscsi_analyzer.rules.plugins import LARGE_READS, plugin
from tests.support.command import command
from tests.support.talk import Talk


def found(*words: str | Path) -> list[str]:
    done = command("findings", *words, "-T", "jsonl")
    assert done.code == 0, done.err
    return sorted({record["rule"] for record in done.records})


def test_what_the_command_line_selects_replaces_what_the_file_selects(faulty_file: Path) -> None:
    settings = faulty_file.parent / "iscsi-analyzer.toml"
    settings.write_text("select = ['conn-*']")
    assert found(faulty_file) == ["conn-closed-in-ffp"]
    assert found(faulty_file, "--select", "tmf-rtt-missing") == ["tmf-rtt-missing"]


def test_what_the_command_line_ignores_comes_on_top(faulty_file: Path) -> None:
    (faulty_file.parent / "iscsi-analyzer.toml").write_text("ignore = ['conn-*']")
    assert found(faulty_file, "--ignore", "tmf-r*") == ["tmf-lun-reserved"]
    assert found(faulty_file, "--ignore", "tmf-rtt-missing", "--ignore", "tmf-refcmdsn-wrong, tmf-lun-*") == []


def test_severities_are_those_of_the_file(faulty_file: Path) -> None:
    other = faulty_file.parent / "other.toml"
    other.write_text('[severity]\n"tmf-*" = "note"')
    done = command("findings", faulty_file, "--config", other, "-T", "jsonl")
    assert {record["severity"] for record in done.records} == {"note"}


@pytest.mark.parametrize("option", ["--select", "--ignore"])
def test_a_name_that_no_rule_has_is_refused(faulty_file: Path, option: str) -> None:
    done = command("findings", faulty_file, option, "conn-closed-in-fpf")
    assert (done.code, done.out) == (1, "")
    assert option in done.err and "is conn-closed-in-ffp meant?" in done.err


def test_in_the_file_it_is_remarked(faulty_file: Path) -> None:
    """Another version may know it."""
    (faulty_file.parent / "iscsi-analyzer.toml").write_text("ignore = ['no-such-rule']\n[severity]\n'x-*' = 'note'")
    done = command("findings", faulty_file)
    assert done.code == 0 and done.out
    assert "no-such-rule" in done.err and "x-*" in done.err
    assert command("findings", faulty_file, "-q").err == ""


def test_a_file_that_is_wrong_is_refused(faulty_file: Path) -> None:
    (faulty_file.parent / "iscsi-analyzer.toml").write_text("ignore = 3")
    done = command("pdus", faulty_file)
    assert (done.code, done.out) == (1, "") and "no list of rules" in done.err
    assert command("pdus", faulty_file, "--config", "none").code == 0
    assert command("pdus", faulty_file, "--config", "missing.toml").code == 1


def test_a_plug_in_brings_rules_that_can_be_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    talk = Talk(initiator_max_recv_data_segment_length=4 << 20, max_burst_length=4 << 20).open()
    talk.read(2 << 20)
    talk.close()
    capture = talk.save(tmp_path / "read.pcap")
    source = str(plugin(tmp_path, LARGE_READS).source)
    assert found(capture) == []
    assert found(capture, "--plugin", source) == ["example-large-read"]
    assert found(capture, "--plugin", source, "--ignore", "example-large-read") == []
    assert command("findings", capture, "--select", "example-large-read").code == 1


@pytest.mark.parametrize("command_name", ["findings", "rules", "explain"])
def test_a_plug_in_that_is_none_is_refused(faulty_file: Path, command_name: str) -> None:
    word = "cmdsn-gap" if command_name == "explain" else faulty_file
    done = command(command_name, word, "--plugin", "missing.py")
    assert (done.code, done.out) == (1, "") and "--plugin: no file missing.py" in done.err


def test_peers_are_held_to_the_standard_that_the_user_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    talk = Talk().open()
    talk.command(read=2 << 20)
    capture = talk.save(tmp_path / "read.pcap")
    source = str(plugin(tmp_path, LARGE_READS.replace('1 MiB")', '1 MiB", since="RFC 7143")')).source)
    assert found(capture, "--plugin", source) == []
    assert found(capture, "--plugin", source, "--profile", "rfc7143") == ["example-large-read"]
    (tmp_path / "iscsi-analyzer.toml").write_text("profile = 'rfc7144'")
    assert found(capture, "--plugin", source) == ["example-large-read"]
    assert found(capture, "--plugin", source, "--profile", "rfc3720") == []
