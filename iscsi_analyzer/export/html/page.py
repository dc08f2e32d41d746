"""`export --format html`: the report as one page that needs nothing but a browser, for a ticket or a mail.

$ iscsi-analyzer export samples/k24_kernel_abort_lunreset_recovery.pcap.zst --format html -o k24.html
$ xdg-open k24.html

On the page: what to know first, the answers to the questions that captures are opened for, sessions with their course
over time, what was negotiated, findings with what they mean and the PDUs that prove them, latency, load, TCP, and
ladders of failed logins and of the worst tasks (`--task N` and `--finding N` draw those instead). Tables can be sorted
and filtered. The page is light or dark as the browser is, fits a phone, and can be printed.

It loads nothing: style and script stand in it, and its Content-Security-Policy allows those two, by their hashes, and
nothing else. Whatever the capture says is escaped where elements are made (`markup`). The same capture gives the same
page; long lists are cut, with the command that shows the rest, so that the page stays small whatever the capture.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

from iscsi_analyzer import build_info
from iscsi_analyzer.export.formats import Part
from iscsi_analyzer.export.html.findings import findings
from iscsi_analyzer.export.html.ladders import chosen, ladders
from iscsi_analyzer.export.html.latency import latency
from iscsi_analyzer.export.html.load import load
from iscsi_analyzer.export.html.markup import Markup, embedded, joined, tag
from iscsi_analyzer.export.html.negotiation import negotiation
from iscsi_analyzer.export.html.network import network
from iscsi_analyzer.export.html.overview import overview, title
from iscsi_analyzer.export.html.questions import questions
from iscsi_analyzer.export.html.sessions import sessions
from iscsi_analyzer.export.html.subject import Section, Subject
from iscsi_analyzer.export.html.traffic import traffic
from iscsi_analyzer.run import Analysis

_HERE: Final = Path(__file__).parent
_SECTIONS: Final[tuple[Callable[[Subject], Section | None], ...]] = (
    overview, questions, findings, sessions, negotiation, latency, load, network, traffic,
)  # fmt: skip


def pieces(analysis: Analysis, part: Part) -> Iterator[bytes]:
    """The page, section by section. See `formats.Maker`."""
    subject = Subject(analysis, part)
    drawn = chosen(subject)
    found = [section for make in _SECTIONS if (section := make(subject)) is not None]
    found += [section for section in (ladders(drawn),) if section is not None]
    units = "Times are seconds since the first frame; PDUs, frames and tasks count from 1."
    yield from document("report", title(subject), found, units)


def document(kind: str, name: str, sections: Sequence[Section], remark: str) -> Iterator[bytes]:
    """A page of that kind (`report`) on something with a name: these sections, and a remark at the end."""
    style, script = own("style.css"), own("script.js")
    yield b'<!DOCTYPE html>\n<html lang="en">\n'
    yield _bytes(tag("head", _head(kind, name, style, script), embedded("style", style)))
    yield b'\n<body>\n<div class="page">\n'
    yield _bytes(joined(_header(kind, name), _contents(sections)))
    yield b"\n<main>\n"
    for section in sections:
        heading = tag("h2", section.title, id=f"{section.anchor}-title")
        yield _bytes(
            tag("section", heading, section.body, id=section.anchor, aria_labelledby=f"{section.anchor}-title")
        )
        yield b"\n"
    yield b"</main>\n"
    yield _bytes(tag("footer", tag("p", f"iscsi-analyzer {build_info.__version__}. {remark}")))
    yield b"\n</div>\n"
    yield _bytes(embedded("script", script))
    yield b"\n</body>\n</html>\n"


def own(name: str) -> str:
    """A file that belongs to the page, without the spaces at its edges, which the hash would count."""
    return (_HERE / name).read_text(encoding="utf-8").strip()


def policy(style: str, script: str) -> str:
    """The Content-Security-Policy: nothing may be loaded, and only this style and this script count."""
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
    )


def _hash(content: str) -> str:
    return f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"


def _head(kind: str, name: str, style: str, script: str) -> Markup:
    return joined(
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy(style, script)),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", f"{name}: iSCSI {kind}"),
    )


def _header(kind: str, name: str) -> Markup:
    return tag("header", tag("p", f"iSCSI {kind}", class_="kind"), tag("h1", name))


def _contents(found: Sequence[Section]) -> Markup:
    links = [tag("li", tag("a", each.title, href=f"#{each.anchor}")) for each in found]
    return tag("nav", tag("ol", links), aria_label="Contents")


def _bytes(piece: Markup) -> bytes:
    return piece.html.encode("utf-8")
