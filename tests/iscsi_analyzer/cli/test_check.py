"""`check` is for scripts: what was found is printed, and the exit code says whether it is bad enough."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest

from tests.iscsi_analyzer.export.faulty import RULES
from tests.support.command import command
from tests.support.samples import SAMPLES
from tests.support.talk import Talk

NOTES_ONLY = ("--ignore", "tmf-rtt-missing,tmf-refcmdsn-wrong")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), 3),
        (("--fail-on", "note"), 3),
        (NOTES_ONLY, 0),
        ((*NOTES_ONLY, "--fail-on", "warning"), 0),
        ((*NOTES_ONLY, "--fail-on", "note"), 3),
        (("--select", "cmdsn-gap", "--fail-on", "note"), 0),
    ],
)
@pytest.mark.parametrize("form", ["text", "json", "jsonl", "sarif", "junit"])
def test_the_exit_code_depends_on_the_severity_and_not_on_the_format(
    faulty_file: Path, words: tuple[str, ...], code: int, form: str
) -> None:
    assert command("check", faulty_file, *words, "--format", form).code == code


def test_the_text_shows_what_fails_and_counts_the_rest(faulty_file: Path) -> None:
    lines = command("check", faulty_file).out.splitlines()
    assert lines[-1] == "check failed (fails on error): 3 errors and 2 notes, of 4 rules"
    assert not any("conn-closed-in-ffp" in line for line in lines)
    done = command("check", faulty_file, *NOTES_ONLY, "--fail-on", "warning")
    assert done.out == "check passed (fails on warning or worse): 2 notes, of 2 rules\n"


def test_every_format_has_every_finding(faulty_file: Path) -> None:
    lines = command("check", faulty_file, "-T", "jsonl").records
    assert [record["rule"] for record in lines] == RULES
    assert json.loads(command("check", faulty_file, "-T", "json").out) == lines
    (run,) = json.loads(command("check", faulty_file, "--format", "sarif").out)["runs"]
    assert [result["ruleId"] for result in run["results"]] == RULES
    suite = fromstring(command("check", faulty_file, "--format", "junit").out)[0]
    assert suite.attrib["name"] == str(faulty_file)
    assert suite.attrib["failures"] == "2"


def test_the_test_cases_are_the_rules_that_were_chosen(faulty_file: Path) -> None:
    done = command("check", faulty_file, "--select", "tmf-rtt-*", "--format", "junit")
    names = {case.attrib["name"] for case in fromstring(done.out).iter("testcase")}
    assert names == {"tmf-rtt-missing", "tmf-rtt-not-reserved", "tmf-rtt-unknown"}


def test_a_capture_that_is_cut_short_fails_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was found goes before what could not be read."""
    monkeypatch.chdir(tmp_path)
    whole = Talk().open().save(tmp_path / "whole.pcap").read_bytes()
    cut = tmp_path / "cut.pcap"
    cut.write_bytes(whole[:-5])
    assert command("check", cut).code == 2
    suite = fromstring(command("check", cut, "-q", "--format", "junit").out)[0]
    assert suite.attrib["errors"] == "1"
    (run,) = json.loads(command("check", cut, "-q", "--format", "sarif").out)["runs"]
    assert not run["invocations"][0]["executionSuccessful"]
    talk = Talk().open()
    talk.tmf(0x20, response=5)
    talk.ping()
    cut.write_bytes(talk.save(tmp_path / "whole.pcap").read_bytes()[:-5])
    assert command("check", cut).code == 3


def test_a_clean_capture_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = command("check", SAMPLES / "u03_login_inquiry.pcap.zst", "--fail-on", "note")
    assert (done.code, done.out) == (0, "check passed (fails on note or worse): no findings\n")
    assert command("check", SAMPLES / "u03_login_inquiry.pcap.zst", "-T", "json").out == "[]\n"


def test_settings_say_what_fails(faulty_file: Path) -> None:
    """The command line has the last word."""
    settings = faulty_file.parent / "iscsi-analyzer.toml"
    settings.write_text("ignore = ['tmf-*']\nfail-on = 'note'\n")
    assert command("check", faulty_file).code == 3
    assert command("check", faulty_file, "--fail-on", "error").code == 0
    assert command("check", faulty_file, "--config", "none").code == 3


def test_a_check_without_any_rule_is_no_check(faulty_file: Path) -> None:
    """A mistake in a file of settings must not let everything pass."""
    (faulty_file.parent / "iscsi-analyzer.toml").write_text("select = ['no-such-rule']\n")
    done = command("check", faulty_file)
    assert (done.code, done.out) == (1, "") and "leaves no rule" in done.err
    assert command("check", faulty_file, "--config", "none", "--ignore", "*").code == 1
    assert command("pdus", faulty_file).code == 0
