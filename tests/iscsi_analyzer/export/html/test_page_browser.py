"""The page in a real browser: it opens from a file without a complaint, its tables can be sorted and filtered, it fits
a phone, it is dark where the reader wants that, and what hostile peers write does nothing.

One browser for all of it, as starting it is what takes time.
"""

from __future__ import annotations

from pathlib import Path

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.iscsi_analyzer.export.html.pages import sample, written
from tests.iscsi_analyzer.export.html.test_page import hostile
from tests.support.browser import Browser, browser
from tests.support.command import analysed

RULES = "Rules that were broken"
_COLUMN = """
const table = [...document.querySelectorAll("table")].find((each) => each.caption.textContent === arguments[0]);
const rows = [...table.tBodies[0].rows].filter((row) => !row.hidden);
return rows.map((row) => row.cells[arguments[1]].textContent);
"""
_WIDTHS = "return [document.documentElement.scrollWidth, window.innerWidth]"
_COLOURS = """
const style = getComputedStyle(document.body);
return [style.backgroundColor, style.color].map((each) => each.match(/\\d+/g).map(Number));
"""
_CONTRASTS = """
const light = (text) => {
  const [r, g, b] = text.match(/[\\d.]+/g).slice(0, 3).map((each) => each / 255)
    .map((each) => each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ground = (node) => {
  for (let each = node; each; each = each.parentElement) {
    const colour = getComputedStyle(each).backgroundColor;
    if (!colour.endsWith(", 0)") && colour !== "transparent") return colour;
  }
};
const found = [];
for (const node of document.querySelectorAll("p, li, td, th, a, h1, h2, h3, small, .sign, .badge, dt, dd")) {
  if (!node.textContent.trim() || !node.checkVisibility()) continue;
  const pair = [light(getComputedStyle(node).color), light(ground(node))].sort();
  const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
  if (ratio < 4.5) found.push(`${node.tagName} ${node.className} ${ratio.toFixed(2)}`);
}
return [...new Set(found)];
"""


def column(page: Browser, caption: str, place: int) -> list[str]:
    """What the rows of a table show in one column, from top to bottom."""
    found = page.js(_COLUMN, caption, place)
    assert isinstance(found, list)
    return found


def sorting(page: Browser) -> None:
    """A click sorts, a second one the other way round; the keyboard does the same; numbers are sorted as numbers."""
    table = page.driver.find_element(By.XPATH, f"//table[caption='{RULES}']")
    heads = table.find_elements(By.CSS_SELECTOR, "th")
    times = [head.text for head in heads].index("times")
    before = column(page, RULES, times)
    heads[times].find_element(By.TAG_NAME, "button").click()
    assert column(page, RULES, times) == sorted(before, key=int)
    assert heads[times].get_attribute("aria-sort") == "ascending"
    heads[times].find_element(By.TAG_NAME, "button").send_keys(Keys.ENTER)
    assert column(page, RULES, times) == sorted(before, key=int, reverse=True)
    heads[1].find_element(By.TAG_NAME, "button").send_keys(Keys.SPACE)
    assert column(page, RULES, 1) == sorted(column(page, RULES, 1))
    assert [head.get_attribute("aria-sort") for head in heads].count("ascending") == 1
    assert heads[times].get_attribute("aria-sort") is None


def filtering(page: Browser) -> None:
    """Rows stay that have all words; how many of how many is told."""
    box = page.driver.find_element(By.CSS_SELECTOR, f"input[aria-label='Filter: {RULES}']")
    everything = column(page, RULES, 1)
    box.send_keys("Target error")
    left = column(page, RULES, 1)
    assert 0 < len(left) < len(everything)
    assert set(column(page, RULES, 2)) == {"target"} and set(column(page, RULES, 0)) == {"error"}
    told = page.driver.find_element(By.XPATH, f"//input[@aria-label='Filter: {RULES}']/following-sibling::output")
    assert told.text == f"{len(left)} of {len(everything)}"
    for _ in "Target error":
        box.send_keys(Keys.BACKSPACE)
    assert column(page, RULES, 1) == everything


def unfolding(page: Browser) -> None:
    """A link into something folded opens it; all is open on paper."""
    rule = "document.getElementById('rule-cmdsn-gap').closest('details').open"
    assert page.js(f"return {rule}") is False
    page.driver.find_element(By.CSS_SELECTOR, "a[href='#rule-cmdsn-gap']").click()
    page.until(f"return {rule}")
    page.js("dispatchEvent(new Event('beforeprint'))")
    assert page.js("return document.querySelectorAll('details:not([open])').length") == 0
    page.js("dispatchEvent(new Event('afterprint'))")


def test_the_page_works_in_a_browser(tmp_path: Path) -> None:
    faults, strange = tmp_path / "faults.html", tmp_path / "strange.html"
    faults.write_bytes(written(sample("b01")))
    strange.write_bytes(written(analysed(hostile())))
    with browser(tmp_path / "profile") as page:
        page.look()
        page.open(faults)
        assert page.complaints() == []
        sorting(page)
        filtering(page)
        unfolding(page)
        assert page.js(_CONTRASTS) == []
        ground, text = page.js(_COLOURS)  # type: ignore[misc]
        assert min(ground) > 200 and max(text) < 80
        page.look(width=390, scheme="dark")
        page.open(faults)
        ground, text = page.js(_COLOURS)  # type: ignore[misc]
        assert max(ground) < 60 and min(text) > 180
        assert page.js(_CONTRASTS) == []
        width, room = page.js(_WIDTHS)  # type: ignore[misc]
        assert width <= room == 390
        page.look(scheme="dark", media="print")
        ground, text = page.js(_COLOURS)  # type: ignore[misc]
        assert min(ground) > 200 and max(text) < 80
        page.look(width=390)
        page.open(strange)
        assert page.complaints() == []
        assert page.js("return document.scripts.length + document.images.length") == 1
        width, room = page.js(_WIDTHS)  # type: ignore[misc]
        assert width <= room
