"""Pages for tests: made of samples and conversations, and read with the HTML parser of the standard library."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser

from iscsi_analyzer.export.formats import Part
from iscsi_analyzer.export.html.markup import Markup
from iscsi_analyzer.export.html.page import pieces
from iscsi_analyzer.export.html.subject import Section, Subject
from iscsi_analyzer.run import Analysis
from tests.support.command import analysed
from tests.support.samples import SAMPLES
from tests.support.talk import Talk

EMPTY = {"meta"}


@dataclass(repr=False)
class Node:
    """An element, with what stands in it."""

    name: str
    attributes: dict[str, str]
    children: list[Node | str] = field(default_factory=list)

    def all(self, *names: str, **attributes: str) -> Iterator[Node]:
        """The elements in it, itself included, with one of these names (or any) and these attributes."""
        wanted = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}
        if (not names or self.name in names) and wanted.items() <= self.attributes.items():
            yield self
        for child in self.children:
            if isinstance(child, Node):
                yield from child.all(*names, **attributes)

    @property
    def text(self) -> str:
        """All text in it."""
        return "".join(child if isinstance(child, str) else child.text for child in self.children)


class _Reader(HTMLParser):
    """Reads strictly: what opens closes, in order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"an attribute of {tag} stands twice"
        node = Node(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(node)
        if tag not in EMPTY:
            self._open.append(node)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().name == tag

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def done(self) -> Node:
        self.close()
        assert len(self._open) == 1, [node.name for node in self._open]
        return self.root


def parsed(text: str) -> Node:
    """The tree of a document or a piece of one. AssertionError if it is not well formed."""
    reader = _Reader()
    reader.feed(text)
    return reader.done()


def written(analysis: Analysis, part: Part | None = None) -> bytes:
    """The page about an analysis."""
    return b"".join(pieces(analysis, Part() if part is None else part))


@cache
def sample(name: str) -> Analysis:
    """The analysis of the sample whose file name begins so."""
    (path,) = [path for path in SAMPLES.iterdir() if path.name.startswith(name + "_")]
    return analysed(path)


@cache
def page(name: str) -> Node:
    """The page about a sample."""
    return parsed(written(sample(name)).decode())


def subject(source: str | Talk, part: Part | None = None) -> Subject:
    """What sections are made of: a sample, or a conversation."""
    analysis = sample(source) if isinstance(source, str) else analysed(source)
    return Subject(analysis, Part() if part is None else part)


def read(piece: Markup | Section | None) -> Node:
    """The tree of a piece, or of the body of a section."""
    assert piece is not None
    return parsed(piece.body.html if isinstance(piece, Section) else piece.html)


def rows(node: Node, caption: str) -> list[list[str]]:
    """The cells of the rows of the table with that caption; AssertionError without it."""
    (table,) = [each for each in node.all("table") if next(each.all("caption")).text == caption]
    (body,) = table.all("tbody")
    return [[cell.text for cell in row.all("td")] for row in body.all("tr")]


def heads(node: Node, caption: str) -> list[str]:
    """The titles of the columns of that table."""
    (table,) = [each for each in node.all("table") if next(each.all("caption")).text == caption]
    return [cell.text for cell in table.all("th")]
