"""Where a command puts what it makes: into a file, whole or not at all, or onto standard output."""

from __future__ import annotations

from collections.abc import Iterable
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
            raise Stop("a capture is not for a terminal: name a file to write to")
        return
    try:
        check_target(Path(name), [each.path for each in analysis.capture.files])
    except OutputError as error:
        raise Stop(str(error)) from None


def write(name: str, pieces: Iterable[bytes], output: Output) -> None:
    """Writes the pieces there; `output` is standard output. Raises Stop if that fails, or if the capture cannot be read
    again as it was."""
    from iscsi_analyzer.export.atomic import OutputError, written
    from iscsi_analyzer.sources.problems import SourceError

    try:
        if name == STDOUT:
            for piece in pieces:
                output.write(piece)
            output.flush()
        else:
            with written(Path(name)) as stream:
                stream.writelines(pieces)
    except OutputError as error:
        raise Stop(str(error)) from None
    except SourceError as error:
        raise Stop(str(error), DAMAGED) from None
