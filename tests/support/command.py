"""The command line inside of the test's own process, and analyses of made-up conversations."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from iscsi_analyzer.cli import main
from iscsi_analyzer.options import Options
from iscsi_analyzer.run import Analysis
from tests.support.talk import Talk
from tests.support.talk_capture import Frame, write_capture


class Done(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def records(self) -> list[dict[str, Any]]:
        """The output as JSON Lines."""
        return [json.loads(line) for line in self.out.splitlines()]


def command(*words: str | Path) -> Done:
    """Runs `iscsi-analyzer WORDS...`; its output is taken as UTF-8."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8", newline=""), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main([str(word) for word in words])
    out.flush()
    return Done(code, out.buffer.getvalue().decode(), err.getvalue())  # type: ignore[attr-defined]


def analysed(
    source: Talk | list[Frame] | Path, options: Options | None = None, *, random_access: bool = True
) -> Analysis:
    """The finished analysis of a conversation, of frames or of a capture file. Its files need no closing."""
    if isinstance(source, Path):
        with Analysis([source], options, random_access=random_access) as analysis:
            return analysis.run()
    frames = source.frames if isinstance(source, Talk) else source
    with TemporaryDirectory() as directory:
        path = write_capture(Path(directory) / "talk.pcap", frames)
        # The chunks that were read last are answered from memory, so bytes can be had after the file is gone.
        analysis = Analysis([path], options, random_access=random_access)
        return analysis.run()
