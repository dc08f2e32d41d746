"""Text stays text, wherever it stands, and nothing can be made that runs or loads something."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iscsi_analyzer.export.html.markup import ATTRIBUTES, ELEMENTS, decimals, embedded, joined, tag
from iscsi_analyzer.export.tables import visible
from tests.iscsi_analyzer.export.html.pages import parsed
from tests.meta.tree import ROOT, parse, python_files

HERE = "iscsi_analyzer/export/html"


@given(st.text())
def test_any_text_comes_back_as_text(text: str) -> None:
    """Control characters, also those that turn the direction of writing, as escapes."""
    (node,) = parsed(tag("p", text).html).all("p")
    assert node.children == ([visible(text).replace("\\xa0", "\xa0")] if text else [])


@given(st.text())
def test_any_text_comes_back_as_the_value_of_an_attribute(text: str) -> None:
    (node,) = parsed(tag("p", aria_label=text).html).all("p")
    assert node.attributes == {"aria-label": visible(text)}


def test_children_may_be_nested_missing_and_numbers() -> None:
    assert tag("p", ["a", [tag("b", 1), None]], "<").html == "<p>a<b>1</b>&lt;</p>"
    assert joined("&", tag("meta", charset="utf-8")).html == '&amp;<meta charset="utf-8">'


def test_attributes_are_told_left_out_or_bare() -> None:
    assert tag("td", class_=None, data_value=1.5, open=True, role=False).html == '<td data-value="1.5" open></td>'


@pytest.mark.parametrize(
    "name", ["script", "style", "iframe", "object", "img", "link", "base", "form", "P", "p onclick=x"]
)
def test_elements_that_run_or_load_cannot_be_made(name: str) -> None:
    with pytest.raises(ValueError, match="no element"):
        tag(name)


@pytest.mark.parametrize("name", ["onclick", "style", "src", "srcdoc", "formaction", "xlink:href", "a b"])
def test_attributes_that_run_or_load_cannot_be_made(name: str) -> None:
    with pytest.raises(ValueError, match="no attribute"):
        tag("p", **{name: "x"})


@pytest.mark.parametrize("goal", ["https://example.org", "javascript:alert(1)", "//x", "", " #x"])
def test_links_stay_on_the_page(goal: str) -> None:
    with pytest.raises(ValueError, match="leads out"):
        tag("a", href=goal)


def test_what_is_embedded_cannot_end_early() -> None:
    assert embedded("style", "a > b {}").html == "<style>a > b {}</style>"
    for content in ("</style>", "x<!--"):
        with pytest.raises(ValueError, match="tags"):
            embedded("style", content)


def test_coordinates_are_short() -> None:
    assert [decimals(value) for value in (1.0, 0.5, 1 / 3, 0.0, -0.001)] == ["1", "0.5", "0.33", "0", "0"]


def test_everything_that_can_be_made_is_used() -> None:
    """Elements and attributes that nobody needs are not there."""
    sources = [(ROOT / path).read_text() for path in python_files(HERE) if not path.endswith("/markup.py")]
    text = "\n".join(sources)
    assert {name for name in ELEMENTS if f'"{name}"' not in text} == set()
    assert {name for name in ATTRIBUTES if name.replace("-", "_") not in text} == set()


def test_nobody_else_makes_markup_of_text() -> None:
    makers = {
        path
        for path in python_files(HERE)
        for node in ast.walk(parse(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Markup"
    }
    assert makers == {f"{HERE}/markup.py"}
