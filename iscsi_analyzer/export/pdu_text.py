"""PDUs as text: a line each, and on demand the field tree and the bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dissectors.fields import Node
from dissectors.iscsi import layout as at
from dissectors.iscsi.keys import secret
from dissectors.pdu import PDU_TYPES
from iscsi_analyzer.export.pdu_view import PduView, Views
from iscsi_analyzer.export.pdus import odd_about
from iscsi_analyzer.export.tables import BOLD, CYAN, DIM, RED, YELLOW, Style, number, visible
from iscsi_analyzer.store import rows
from iscsi_analyzer.store.rows import DIGEST_BAD, DIGEST_MASK

PER_LINE = 16
INDENT = "    "
NAMES = {kind.opcode: kind.name for kind in PDU_TYPES}


class TextLines:
    """The text of the PDUs of a store that may still grow."""

    def __init__(
        self,
        views: Views,
        clock: Callable[[int], str],
        *,
        tree: bool = False,
        dump: bool = False,
        arrows: tuple[str, str] = ("→", "←"),
        style: Style | None = None,
        encoding: str = "utf-8",
    ) -> None:
        """`clock` makes a time column of nanoseconds since 1970. `arrows` point to the target and to the initiator."""
        self._views = views
        self._clock = clock
        self._tree = tree
        self._dump = dump
        self._arrows = arrows
        self._style = style or Style(False)
        self._encoding = encoding

    def more(self) -> bytes:
        """The text of the PDUs that are new since the last call."""
        return "".join(map(self.text, self._views.more())).encode(self._encoding, "backslashreplace")

    def end(self) -> bytes:
        """What stands after the last PDU."""
        return b""

    def text(self, view: PduView) -> str:
        """Everything about one PDU that was asked for."""
        lines = [self.line(view)]
        if self._tree:
            lines += tree_lines(view.pdu.tree(self._views.secrets), INDENT, self._style)
            lines += [
                INDENT + self._style(f"[{problem.name}: {visible(problem.text)}]", YELLOW)
                for problem in view.pdu.problems
            ]
        if self._dump:
            lines += [INDENT + line for line in dump_lines(view)]
        if self._tree or self._dump:
            lines.append("")
        return "\n".join(lines) + "\n"

    def line(self, view: PduView) -> str:
        """The line of a PDU: number, time, connection, direction, what it is, and what is wrong with it."""
        row, style = view.row, self._style
        arrow = self._arrows[0] if row.to_target else self._arrows[1]
        name, rest = name_and_rest(view)
        tail = "".join(" " + style(f"[{mark}]", colour) for mark, colour in marks(view))
        place = f"{view.number:>6} {self._clock(row.time_last)} {style(f'{row.connection:>3}', DIM)}"
        return f"{place} {arrow} {style(name, _colour(view))}{rest}{tail}"


def name_and_rest(view: PduView) -> tuple[str, str]:
    """The name of a PDU, and what else its summary says, with a space in front."""
    quick = view.quick_summary
    if quick is not None:
        name = NAMES[view.row.opcode]
        return name, quick[len(name) :]
    name, summary = view.pdu.name, visible(view.pdu.summary())
    return name, summary.removeprefix(name)


def _colour(view: PduView) -> str:
    return BOLD if view.row.opcode in (at.OP_REJECT, at.OP_ASYNC) else CYAN if view.row.to_target else ""


def marks(view: PduView) -> Iterator[tuple[str, str]]:
    """What a reader of the line must not miss: words, and a style of `tables`."""
    if view.quick_summary is not None:
        return
    row = view.row
    if row.flags >> rows.HEADER_DIGEST_SHIFT & DIGEST_MASK == DIGEST_BAD:
        yield "bad header digest", RED
    if row.flags >> rows.DATA_DIGEST_SHIFT & DIGEST_MASK == DIGEST_BAD:
        yield "bad data digest", RED
    if row.flags & rows.FLAG_RESYNC:
        yield "first PDU after bytes that could not be framed", YELLOW
    if row.flags & rows.FLAG_ODD:
        yield "its sender may not send such a header", YELLOW
    if row.flags & rows.FLAG_UNFINISHED:
        yield "not finished", YELLOW
    if row.header_captured < at.BHS_LENGTH:
        yield f"{row.header_captured} of 48 header bytes captured", DIM
    length = row.data_segment_length
    if row.data_captured < length:
        yield f"{number(row.data_captured)} of {number(length)} data bytes captured", DIM
    odd = [problem.name for problem in odd_about(view.pdu)]
    if odd:
        yield ", ".join(dict.fromkeys(odd)), YELLOW


def tree_lines(nodes: list[Node], indent: str, style: Style) -> Iterator[str]:
    """The field tree, a line for each field."""
    for node in nodes:
        text = f"{node.label}: {visible(node.text)}" if node.text else node.label
        problem = " " + style(f"[{visible(node.problem)}]", YELLOW) if node.problem else ""
        yield indent + text + problem
        # A pair's value on its own says nothing new, unless there are words for it.
        below = [child for child in node.children if child.children or child.problem or child.text != node.text]
        yield from tree_lines(below, indent + INDENT, style)


def dump_lines(view: PduView) -> Iterator[str]:
    """The bytes of the PDU, sixteen a line; `--` where the capture lacks them, `**` where they are secret."""
    raw, known = pdu_bytes(view)
    hidden = set() if view.views.secrets else secret_places(view)
    for start in range(0, len(raw), PER_LINE):
        cells, text = [], ""
        for place in range(start, min(start + PER_LINE, len(raw))):
            if place in hidden:
                cells.append("**")
                text += "*"
            elif known[place]:
                cells.append(f"{raw[place]:02x}")
                text += chr(raw[place]) if 32 <= raw[place] < 127 else "."
            else:
                cells.append("--")
                text += " "
        cells += ["  "] * (PER_LINE - len(cells))
        yield f"{start:04x}  {' '.join(cells[:8])}  {' '.join(cells[8:])}  {text}".rstrip()


def pdu_bytes(view: PduView) -> tuple[bytes, bytearray]:
    """The bytes of the PDU, and for each whether it is known."""
    store = view.views.store
    raw = bytearray()
    known = bytearray()
    for position, length in store.spans(view.row):
        part = b"" if position < 0 else store.read_span(position, length)
        raw += part.ljust(length, b"\0")
        known += b"\1" * len(part) + b"\0" * (length - len(part))
    return bytes(raw), known


def secret_places(view: PduView) -> set[int]:
    """Where secret values stand, counted from the first byte of the PDU."""
    pdu = view.pdu
    places: set[int] = set()
    if pdu.type.text:
        for pair in pdu.parsed_text.pairs:
            if secret(pair.key):
                first = max(0, pair.value_offset)
                places.update(range(pdu.data_offset + first, pdu.data_offset + pair.offset + pair.length))
        tail = pdu.parsed_text.tail
        if secret(tail.partition(b"=")[0].decode("utf-8", "replace")):
            places.update(range(pdu.data_offset + max(0, pdu.parsed_text.tail_offset), pdu.data_offset + len(pdu.data)))
    return places
