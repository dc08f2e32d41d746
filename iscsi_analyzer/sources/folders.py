"""Directories that were named instead of captures: they stand for the captures in them, told by their first bytes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final

from iscsi_analyzer.sources.opening import Opening
from iscsi_analyzer.sources.problems import ERROR, NOTE, ProblemLog, SourceError, SourceProblem
from iscsi_analyzer.sources.reading import HandlePool, is_regular, os_problem

ENDINGS: Final = (".pcap", ".pcapng", ".cap", ".dmp")
"Files with such a name are meant as captures: what is wrong with them is told, not passed over."


def with_captures_of_folders(names: Sequence[str], pool: HandlePool, log: ProblemLog) -> list[str]:
    """The names, with the captures in it, by name, in the place of each directory; directories below are left out.

    What is no capture is counted in a note. A directory without any, or that cannot be listed, is an error in `log`.
    """
    found: list[str] = []
    for name in names:
        found += _captures_in(name, pool, log) if os.path.isdir(name) else [name]
    return found


def captures_named(names: Sequence[str]) -> tuple[list[str], list[SourceProblem]]:
    """The same for who opens the captures one by one: their names, and what is wrong with the directories."""
    pool, log = HandlePool(), ProblemLog()
    return with_captures_of_folders(names, pool, log), log.problems


def _captures_in(folder: str, pool: HandlePool, log: ProblemLog) -> list[str]:
    try:
        paths = sorted(os.path.join(folder, name) for name in os.listdir(folder))
    except OSError as error:
        log.add(os_problem(folder, error))
        return []
    files = [path for path in paths if is_regular(path)]
    captures = [path for path in files if _is_capture(path, pool)]
    others = len(files) - len(captures)
    if not captures:
        inside = f"none of the {others} files in it is one" if others else "there are no files in it"
        log.add(SourceProblem(folder, -1, f"is a directory without captures: {inside}", "", ERROR))
    elif others:
        said = "1 file in it is no capture" if others == 1 else f"{others} files in it are no captures"
        log.add(SourceProblem(folder, -1, f"{said} and was left out" if others == 1 else f"{said}: left out", "", NOTE))
    return captures


def _is_capture(path: str, pool: HandlePool) -> bool:
    """Whether the first bytes are those of a capture, compressed or not; or at least the name is that of one."""
    if any(ending in os.path.basename(path).lower() for ending in ENDINGS):
        return True
    try:
        opening = Opening(path, pool)
        opening.identify(final=True)
        opening.reader.close()
    except (SourceError, OSError):
        return False
    return True
