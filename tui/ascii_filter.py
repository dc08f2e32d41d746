"""For terminals that cannot show more than ASCII: every other character that the screens use is replaced by one of
ASCII that looks like it."""

from __future__ import annotations

import sys
from typing import Final

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

LOOKS_LIKE: Final = {
    "|": "│┃┊┆▏▎▍▌║╎╏┇┋▕▐",
    "=": "━═",
    "-": "─┄┈╴╶╸╺╍┅┉╾╼▔▁▂–—−",
    "+": "┌┐└┘├┤┬┴┼╭╮╯╰┏┓┗┛┣┫┳┻╋╔╗╚╝╠╣╦╩╬",
    "#": "█▓▇▆▅▊▋▉■▄▀▃▒",
    ".": "░·…╌",
    ">": "▶→▸►›»",
    "<": "◀←◂◄‹«",
    "^": "↑▲▴",
    "v": "↓▼▾",
    "x": "✗✘×",
    "*": "●•✓✔◆○",
}
"A character of ASCII, and those that it stands for."


class _Table(dict[int, str]):
    """What `str.translate` asks: unknown characters become question marks, as many as they have cells."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        self[code] = char if char.isascii() else "?" * cell_len(char)
        return self[code]


TABLE: Final = _Table((ord(char), like) for like, chars in LOOKS_LIKE.items() for char in chars)


class AsciiFilter(LineFilter):
    """Replaces characters in every line before it is shown; widths stay as they are."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [
            segment
            if segment.text.isascii()
            else Segment(segment.text.translate(TABLE), segment.style, segment.control)
            for segment in segments
        ]


def ascii_terminal() -> bool:
    """Whether what is written for the terminal cannot hold the characters that the screens are made of."""
    encoding = getattr(sys.__stderr__, "encoding", None) or "utf-8"
    try:
        "│─▶█░…·".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return True
    return False
