"""`compare` takes two captures, or two sessions, and says what it wants where it was given something else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.iscsi_analyzer.export.test_schema import strict
from tests.iscsi_analyzer.sources.calls import feed_stdin
from tests.support.command import command
from tests.support.samples import sample

F12 = sample("f12_dumpcap")
CHAP = sample("k04_chap_ok")
WRONG = sample("k06_chap_wrong_password")


def test_a_capture_and_itself() -> None:
    done = command("compare", F12, F12)
    assert (done.code, done.err) == (0, "")
    assert "nothing was lost or changed, or late, between A and B" in done.out


@pytest.mark.parametrize("words", [[F12, F12], [CHAP, WRONG, "--session", "2", "--session", "1"]])
def test_the_json_fits_the_schema(words: list[str | Path]) -> None:
    done = command("compare", *words, "-T", "json")
    assert done.code == 0
    record = json.loads(done.out)
    assert [error.message for error in strict().iter_errors(record)] == []
    assert record["type"] == ("comparison" if words[0] == F12 else "session-comparison")


def test_the_two_sessions_of_one_file_need_no_numbers() -> None:
    done = command("compare", CHAP)
    assert done.code == 0
    assert "A  session 1 of" in done.out and "B  session 2 of" in done.out
    assert done.out == command("compare", CHAP, "--session", "1", "--session", "2").out


def test_which_sessions_there_are_is_told_to_those_who_have_to_choose() -> None:
    done = command("compare", WRONG)
    assert done.code == 1
    assert "--session N --session M" in done.err
    assert "1: iqn.2026-01.lab.client:kernel -> iqn.2003-01.org.linux-iscsi.labvm:chap, login failed" in done.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "two captures are compared"),
        ([F12, F12, F12], "two captures are compared"),
        (["-", "-"], "the standard input can be one of the captures"),
        ([F12, F12, "--session", "1"], "give --session twice"),
        ([CHAP, "--session", "1", "--session", "9"], "--session 9: there is no such session"),
        ([F12, F12, "--late", "soon"], "is not a time"),
        ([F12, "/nowhere"], "/nowhere"),
    ],
)
def test_mistakes_are_told_in_a_line(words: list[str | Path], says: str) -> None:
    done = command("compare", *words)
    assert done.code in (1, 2)
    assert done.out == ""
    assert says in done.err
    assert "Traceback" not in done.err


def test_one_of_the_captures_may_come_from_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    feed_stdin(monkeypatch, F12.read_bytes())
    done = command("compare", F12, "-")
    assert done.code == 0
    assert "nothing was lost or changed" in done.out


def test_a_damaged_capture_is_compared_as_far_as_it_goes(tmp_path: Path) -> None:
    cut = tmp_path / "cut.pcap"
    whole = sample("k06_chap_wrong_password").read_bytes()
    cut.write_bytes(whole[:-40])
    done = command("compare", cut, sample("k06_chap_wrong_password"))
    assert done.code == 2
    assert "outside of the other's time" in done.out
