"""README.md tells the truth: its examples give what they show, its commands and paths exist."""

from __future__ import annotations

import doctest
import re
import shlex

import pytest

from iscsi_analyzer.cli.commands import BY_NAME
from tests.meta.tree import ROOT
from tests.support.command import command

TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
LINES = TEXT.splitlines()


def shown(start: int) -> list[str]:
    """The lines of an indented example below line `start`, without their indent."""
    found = []
    for line in LINES[start + 1 :]:
        if not line.startswith("    ") or line.startswith("    $ "):
            break
        found.append(line[4:])
    return found


EXAMPLES = [(line[6:], shown(at)) for at, line in enumerate(LINES) if line.startswith("    $ iscsi-analyzer ")]


def matches(line: str, outputs: list[str]) -> bool:
    """Whether the line is one of the output; three dots at its end stand for the rest."""
    if line.endswith(" ..."):
        return any(output.startswith(line[:-4]) for output in outputs)
    return line in outputs


@pytest.mark.parametrize(("words", "lines"), EXAMPLES, ids=[words for words, _ in EXAMPLES])
def test_an_example_prints_what_it_shows(words: str, lines: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    done = command(*shlex.split(words)[1:])
    assert done.code == 0
    outputs = done.out.splitlines()
    assert lines
    assert [line for line in lines if line and not matches(line, outputs)] == []


def test_there_are_examples() -> None:
    assert EXAMPLES


def test_the_python_examples_are_true(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    results = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert results.attempted > 0
    assert results.failed == 0


def test_every_command_that_is_mentioned_exists() -> None:
    mentioned = set(re.findall(r"(?:^    |`|\| )iscsi-analyzer ([a-z]+)\b", TEXT, re.MULTILINE))
    assert mentioned - set(BY_NAME) == set()


def test_every_target_of_make_that_is_mentioned_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    mentioned = set(re.findall(r"\bmake ([a-z-]+)(?: |`|$)", TEXT, re.MULTILINE)) - {"and", "sure"}
    assert [target for target in mentioned if not re.search(rf"^{target}:", makefile, re.MULTILINE)] == []


def test_every_path_in_the_map_exists() -> None:
    start = next(at for at, line in enumerate(LINES) if line.startswith("## The map"))
    top = ""
    missing = []
    for line in LINES[start:]:
        found = re.match(r"    (  )?((?:[a-z_]+(?:/|\.py)(?:  )?)+) ", line)
        if not found:
            continue
        for name in found[2].split():
            place = f"{top}{name}" if found[1] else name
            if not found[1]:
                top = name if name.endswith("/") else ""
            if not (ROOT / place).exists():
                missing.append(place)
    assert top
    assert missing == []
