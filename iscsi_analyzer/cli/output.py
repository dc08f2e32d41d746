"""Standard output as a place for data: bytes, in large pieces, quietly over when nobody reads on, and with a sentence
when they cannot be written."""

from __future__ import annotations

import os
import sys
from typing import BinaryIO

from iscsi_analyzer.cli.exits import FINE, Stop

PIECE = 1 << 16
"So many bytes are gathered before they are written."


class StdoutClosed(Exception):
    """Whoever read our output has gone. `code` is the exit code that the command has earned so far."""

    def __init__(self, code: int) -> None:
        super().__init__("nobody reads the output")
        self.code = code


class OutputLost(Stop):
    """Standard output cannot be written to: its disk is full, say."""


class Output:
    """Gathers bytes and writes them to standard output."""

    def __init__(self) -> None:
        if sys.stdout is None:
            raise StdoutClosed(FINE)
        stream = getattr(sys.stdout, "buffer", None)
        self._stream: BinaryIO | None = stream
        self._parts: list[bytes] = []
        self._size = 0
        self.code = FINE
        "The exit code so far, in case that the reader goes away."

    def write(self, data: bytes) -> None:
        """More output. Raises StdoutClosed and OutputLost."""
        self._parts.append(data)
        self._size += len(data)
        if self._size >= PIECE:
            self.flush()

    def text(self, text: str) -> None:
        """More output, as text in the encoding of the output."""
        self.write(text.encode(encoding(), "backslashreplace"))

    def flush(self) -> None:
        """Writes what was gathered. Raises StdoutClosed, or OutputLost where the system refuses to write."""
        data = b"".join(self._parts)
        self._parts.clear()
        self._size = 0
        try:
            if self._stream is None:
                sys.stdout.write(data.decode(errors="backslashreplace"))
            else:
                self._stream.write(data)
            sys.stdout.flush()
        except BrokenPipeError:
            raise StdoutClosed(self.code) from None
        except OSError as error:
            from iscsi_analyzer.export.atomic import refused

            raise OutputLost(str(refused("standard output", error, "the output is not complete"))) from None


def encoding() -> str:
    """The encoding of standard output."""
    return getattr(sys.stdout, "encoding", None) or "utf-8"


def can_print(text: str) -> bool:
    """Whether the output's encoding has these characters."""
    try:
        text.encode(encoding())
    except (UnicodeError, LookupError):
        return False
    return True


def colour(choice: str) -> bool:
    """Whether to colour the output: `always`, `never`, or `auto`: on a terminal that wants it (NO_COLOR, TERM=dumb)."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return is_terminal()


def is_terminal() -> bool:
    """Whether the output goes to somebody's screen."""
    return sys.stdout is not None and sys.stdout.isatty()
