"""HTML and SVG out of elements. Whatever is no element is text, and text is escaped: nothing else can be made.

Knows nothing of captures. Elements and attributes that could run or load something cannot be made either.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Final, Literal, final

from iscsi_analyzer.export.tables import visible

_TEXT: Final = "a b caption code dd details div dl dt figcaption figure footer h1 h2 h3 h4 head header li meta nav ol p"
_MORE: Final = "section small span strong summary table tbody td th thead title tr ul"
_SVG: Final = "line path rect svg text"
ELEMENTS: Final = frozenset(" ".join((_TEXT, _MORE, _SVG)).split())
_OF_HTML: Final = (
    "charset class content data-filter data-sort data-value href http-equiv id name open role scope tabindex"
)
_OF_SVG: Final = "d height text-anchor width x x1 x2 y y1 y2 aria-hidden aria-label aria-labelledby"
ATTRIBUTES: Final = frozenset(" ".join((_OF_HTML, _OF_SVG)).split())
EMPTY: Final = frozenset(("meta",))
_SPACE: Final = "\N{NO-BREAK SPACE}"
Value = str | int | float | bool | None


@final
class Markup:
    """A piece of HTML. Only this module makes any."""

    __slots__ = ("html",)

    def __init__(self, html: str) -> None:
        self.html = html


Child = Markup | str | int | None | Iterable["Child"]


def tag(name: str, /, *children: Child, **attributes: Value) -> Markup:
    """An element. A child that is text is escaped; None is nothing.

    Attributes are named as Python can: `class_`, `aria_label`; True stands for one without a value, None and False for
    none. ValueError for elements and attributes that are not ELEMENTS and ATTRIBUTES, and for links that lead out of
    the page.
    """
    if name not in ELEMENTS:
        raise ValueError(f"no element {name}")
    words = "".join([_attribute(key, value) for key, value in attributes.items()])
    if name in EMPTY:
        return Markup(f"<{name}{words}>")
    return Markup(f"<{name}{words}>{_inside(children)}</{name}>")


def joined(*children: Child) -> Markup:
    """Several pieces behind each other."""
    return Markup(_inside(children))


def embedded(name: Literal["style", "script"], content: str) -> Markup:
    """A style sheet or a script of this package, as it is. ValueError if it could end before its end."""
    if "</" in content or "<!--" in content:
        raise ValueError(f"a {name} must not hold tags")
    return Markup(f"<{name}>{content}</{name}>")


def _inside(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, Markup):
        return child.html
    if isinstance(child, str):
        return escape(_SPACE.join([visible(part) for part in child.split(_SPACE)]))
    if isinstance(child, int):
        return str(child)
    return "".join([_inside(each) for each in child])


def _attribute(key: str, value: Value) -> str:
    name = key.rstrip("_").replace("_", "-")
    if name not in ATTRIBUTES:
        raise ValueError(f"no attribute {name}")
    if value is None or value is False:
        return ""
    if value is True:
        return f" {name}"
    text = decimals(value) if isinstance(value, float) else str(value)
    if name == "href" and not text.startswith("#"):
        raise ValueError(f"a link that leads out of the page: {text}")
    return f' {name}="{escape(visible(text))}"'


def decimals(value: float) -> str:
    """A coordinate, with two decimals where it needs them."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text
