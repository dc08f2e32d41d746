"""Where a command puts what it makes: into a file, whole or not at all, or onto standard output."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from iscsi_analyzer.cli.exits import DAMAGED, Stop
from iscsi_analyzer.cli.output import Output, is_terminal

if TYPE_CHECKING:
    from iscsi_analyzer.run import Analysis

STDOUT = "-"


def check(name: str, analysis: Analysis, *, binary: bool) -> None:
    """Raises Stop if the output cannot go there: to a terminal (`binary`), or over a capture that is read."""
    from iscsi_analyzer.export.atomic import OutputError, check_target

    if name == STDOUT:
        if binary and is_terminal():
            raise Stop("this is not for a terminal: name a file to write to")
        return
    try:
        check_target(Path(name), [each.path for each in analysis.capture.files])
    except OutputError as error:
        raise Stop(str(error)) from None


def check_all(directory: str, names: Iterable[str], analysis: Analysis) -> None:
    """Raises Stop if files of these names cannot be written into that directory, which need not be there yet."""
    if os.path.lexists(directory) and not os.path.isdir(directory):
        raise Stop(f"{directory}: several tables need a directory, and this is a file (--table NAME chooses one)")
    for name in names:
        check(os.path.join(directory, name), analysis, binary=False)


def write(name: str, pieces: Iterable[bytes], output: Output) -> None:
    """Writes the pieces there; `output` is standard output. Raises Stop if that fails, or if the capture cannot be read
    again as it was."""
    from iscsi_analyzer.export.atomic import written

    with _told():
        if name == STDOUT:
            for piece in pieces:
                output.write(piece)
            output.flush()
        else:
            with written(Path(name)) as stream:
                stream.writelines(pieces)


def write_all(directory: str, files: Mapping[str, Iterable[bytes]]) -> None:
    """Writes files, whose pieces are given by their names, into a directory, which is made if need be: all of them or
    none. Raises Stop as `write` does."""
    from iscsi_analyzer.export.atomic import made_directory, written

    with _told(), ExitStack() as stack:
        path = stack.enter_context(made_directory(Path(directory)))
        for name, pieces in files.items():
            stack.enter_context(written(path / name)).writelines(pieces)


@contextmanager
def _told() -> Iterator[None]:
    """Raises Stop for what may go wrong with files."""
    from iscsi_analyzer.export.atomic import OutputError
    from iscsi_analyzer.sources.problems import SourceError

    try:
        yield
    except OutputError as error:
        raise Stop(str(error)) from None
    except SourceError as error:
        raise Stop(str(error), DAMAGED) from None
