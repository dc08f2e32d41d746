"""Third parties add rules, by a file or by an entry point of their package."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from iscsi_analyzer.rules.catalogue import rules
from iscsi_analyzer.rules.plugin import GROUP, PluginError, installed, load, of_module, together
from tests.iscsi_analyzer.rules.plugins import DIVIDES, LARGE_READS, plugin


def test_a_file_is_a_plug_in(tmp_path: Path) -> None:
    found = plugin(tmp_path, LARGE_READS)
    assert (found.name, [rule.name for rule in found.rules]) == ("example", ["example-large-read"])
    assert found.see is not None and found.over is None and not found.problem
    assert found.source == tmp_path / "example.py"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("", "no RULES"),
        ("RULES = 3", "no RULES"),
        ("RULES = ['a']", "no RULES"),
        ("RULES = ()", "none of the functions"),
        ("1 / 0", "ZeroDivisionError"),
        ("def", "SyntaxError"),
        ("import no_such_module_at_all", "no_such_module_at_all"),
        (LARGE_READS.replace('ead", NOTE', 'ead", "fatal"'), "fatal"),
    ],
)
def test_a_file_that_is_none_says_why(tmp_path: Path, source: str, said: str) -> None:
    with pytest.raises(PluginError, match=said):
        plugin(tmp_path, source)


def test_a_file_has_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(PluginError, match="no file"):
        load(tmp_path / "missing.py")
    other = tmp_path / "rules.txt"
    other.write_text(LARGE_READS)
    with pytest.raises(PluginError, match="no Python file"):
        load(other)


def test_a_name_means_one_rule(tmp_path: Path) -> None:
    first = plugin(tmp_path, LARGE_READS, "first")
    second = plugin(tmp_path, LARGE_READS, "second")
    divides = plugin(tmp_path, DIVIDES, "third")
    assert together([first, divides], rules()) == (first, divides)
    with pytest.raises(PluginError, match=r"second.*example-large-read.*first"):
        together([first, second], rules())
    with pytest.raises(PluginError, match="itself"):
        together([plugin(tmp_path, LARGE_READS.replace("example-large-read", "cmdsn-gap"), "fourth")], rules())


@pytest.fixture
def _no_memory() -> Iterator[None]:
    installed.cache_clear()
    yield
    installed.cache_clear()


@pytest.mark.usefixtures("_no_memory")
def test_installed_packages_bring_their_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is broken is there with the reason, and does not take the others with it."""
    (tmp_path / "good_rules_of_a_test.py").write_text(LARGE_READS)
    (tmp_path / "bad_rules_of_a_test.py").write_text("1 / 0")
    about = tmp_path / "rules_of_a_test-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: rules-of-a-test\nVersion: 1.0\n")
    lines = [
        f"[{GROUP}]",
        "good = good_rules_of_a_test",
        "bad = bad_rules_of_a_test",
        "ugly = good_rules_of_a_test:RULES",
    ]
    (about / "entry_points.txt").write_text("\n".join(lines))
    monkeypatch.syspath_prepend(tmp_path)
    bad, good, ugly = installed()
    assert (good.name, good.problem, len(good.rules)) == ("good", "", 1)
    assert "ZeroDivisionError" in bad.problem and bad.rules == ()
    assert "no module" in ugly.problem


@pytest.mark.usefixtures("_no_memory")
def test_other_packages_are_no_plug_ins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor are places on the import path that do not exist, or are files."""
    about = tmp_path / "other-1.0.dist-info"
    about.mkdir()
    (about / "entry_points.txt").write_text("[console_scripts]\nother = other:main\n")
    (tmp_path / "empty-1.0.dist-info").mkdir()
    (tmp_path / "file.egg-info").write_text("")
    monkeypatch.setattr("sys.path", [str(tmp_path), str(tmp_path / "missing"), str(about / "entry_points.txt")])
    assert installed() == ()


def test_rules_may_come_as_a_list() -> None:
    module = ModuleType("listed")
    module.RULES = [rules()["cmdsn-gap"]]  # type: ignore[attr-defined]
    module.closed = print  # type: ignore[attr-defined]
    assert of_module("listed", module).rules == (rules()["cmdsn-gap"],)
