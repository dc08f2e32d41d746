"""Words become commands; everything expected ends with an exit code and a sentence."""

from __future__ import annotations

import pytest

from iscsi_analyzer.cli.commands import COMMANDS
from iscsi_analyzer.cli.entry import overview
from tests.support.command import command
from tests.support.samples import SAMPLES

SAMPLE = SAMPLES / "u03_login_inquiry.pcap.zst"


def test_a_file_alone_gets_the_report() -> None:
    assert command(SAMPLE) == command("report", SAMPLE)
    assert "1 iSCSI connection, 1 session, 16 PDUs" in command(SAMPLE).out


def test_a_quiet_flag_may_stand_before_the_command() -> None:
    assert command("-q", "pdus", SAMPLE, "-T", "jsonl") == command("pdus", SAMPLE, "-T", "jsonl", "-q")


def test_help_lists_every_command_within_the_width_of_a_terminal() -> None:
    done = command("--help")
    assert (done.code, done.out, done.err) == (0, overview(), "")
    assert all(f"  {each.name} " in done.out for each in COMMANDS)
    assert all(len(line) <= 90 for line in done.out.splitlines())


def test_nothing_is_promised_that_is_not_there() -> None:
    for word in ("redact", "compare", "crosscheck", "conformance"):
        assert word in {each.name for each in COMMANDS} or word not in command("--help").out.split()


def test_without_words_there_is_the_help_and_the_code_for_wrong_usage() -> None:
    assert command() == (1, overview(), "")


@pytest.mark.parametrize("name", [each.name for each in COMMANDS])
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command(name, "--help")
    assert not ended.value.code


def test_help_of_a_command_can_be_asked_for_like_this() -> None:
    with pytest.raises(SystemExit):
        command("help", "pdus")


def test_the_version_says_whether_the_hot_path_is_compiled() -> None:
    from iscsi_analyzer import build_info

    assert command("--version").out == f"iscsi-analyzer {build_info.__version__}, {build_info.describe()}\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["pdus"], "no capture is named"),
        (["pdus", "-T", "ek", "x"], "did you mean -T jsonl"),
        (["pdus", "--nonsense", "x"], "does not know --nonsense"),
        (["pdus", "-c", "0", "x"], "no number of 1 or more"),
        (["pdus", "--port", "70000", "x"], "no TCP port"),
        (["pdus", "-d", "udp.port==1,iscsi", "x"], "tcp.port==N,iscsi"),
        (["pdsu"], "did you mean `pdus`?"),
    ],
)
def test_wrong_usage_is_explained_on_stderr_with_code_1(words: list[str], said: str) -> None:
    done = command(*words)
    assert (done.code, done.out) == (1, "")
    assert said in done.err
    assert done.err.startswith("iscsi-analyzer: ")


def test_an_option_may_not_be_shortened() -> None:
    assert command("pdus", "--show", SAMPLE).code == 1
