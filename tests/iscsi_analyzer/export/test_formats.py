"""Every format that is listed can be made, of any capture."""

from __future__ import annotations

import shlex
from importlib import import_module
from pathlib import Path

import pytest

from iscsi_analyzer.export.formats import BY_NAME, FORMATS, Part, maker
from tests.meta.tree import ROOT
from tests.support.command import analysed, command
from tests.support.talk import Talk

NAMES = [each.name for each in FORMATS]


def test_no_name_is_taken_twice() -> None:
    assert len(BY_NAME) == len(FORMATS)


@pytest.mark.parametrize("name", NAMES)
def test_a_format_is_made_of_an_empty_capture(name: str) -> None:
    """There is nothing to tell, and that is no error."""
    assert isinstance(b"".join(maker(name).pieces(analysed([]), Part())), bytes)


@pytest.mark.parametrize("name", NAMES)
def test_a_format_is_the_same_each_time(name: str) -> None:
    talk = Talk()
    talk.open()
    talk.read(4096)
    talk.logout()
    first, second = (b"".join(maker(name).pieces(analysed(talk), Part())) for _ in range(2))
    assert first == second != b""


def example(name: str) -> tuple[str, list[str]]:
    """The command that the page of a format shows first, with the lines below it, up to an empty one."""
    page = import_module(f"iscsi_analyzer.export.{BY_NAME[name].module}").__doc__ or ""
    words, *shown = page.partition("\n$ ")[2].partition("\n\n")[0].splitlines()
    return words, [line for line in shown if not line.startswith("$ ")]


@pytest.mark.parametrize("name", [each.name for each in FORMATS if not each.tables])
def test_the_page_of_a_format_has_an_example_that_is_true(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three dots at the end of a line stand for the rest of it. Tables have a page of their own, `tables.md`."""
    monkeypatch.chdir(ROOT)
    words, shown = example(name)
    done = command(
        *[str(tmp_path / word) if "." in word and "/" not in word else word for word in shlex.split(words)][1:]
    )
    assert done.code == 0
    if "-o" in words.split():
        assert list(tmp_path.iterdir())
        return
    lines = done.out.splitlines()
    assert shown
    assert [line for line in shown if not any(each.startswith(line.removesuffix(" ...")) for each in lines)] == []
