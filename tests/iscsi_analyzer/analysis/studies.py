"""Studies for tests: of conversations, of frames, and of samples."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import iscsi_analyzer
from iscsi_analyzer.analysis.answers.line import Line
from iscsi_analyzer.analysis.diagnosis import answer
from iscsi_analyzer.analysis.study import Study
from tests.iscsi_analyzer.stores import store_of
from tests.support.samples import SAMPLES
from tests.support.talk import Talk
from tests.support.talk_capture import Frame

MS = 1_000_000
S = 1_000_000_000


def study(source: Talk | Iterable[Frame]) -> Study:
    """The study of a whole conversation, or of frames."""
    return Study(store_of(source.frames if isinstance(source, Talk) else source))


@cache
def opened(path: Path) -> Study:
    """The study of a capture."""
    with iscsi_analyzer.analyse(path) as analysis:
        return Study(analysis.store)


def sample(name: str) -> Study:
    """The study of the sample whose file name begins with `name`."""
    (path,) = [path for path in SAMPLES.iterdir() if path.name.startswith(name + "_")]
    return opened(path)


def lines(source: Study, question: int) -> list[Line]:
    """The lines of an answer; empty if there is nothing to say."""
    section = answer(source, question)
    return [] if section is None else section.lines


def said(source: Study, question: int) -> str:
    """An answer as one text."""
    return "\n".join(line.text for line in lines(source, question))


def worst(source: Study, question: int) -> str:
    """The severity of an answer; empty if there is nothing to say."""
    section = answer(source, question)
    return "" if section is None else section.severity
