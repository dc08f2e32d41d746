"""A missing tool is a skip for a developer and a failure where everything has to run."""

from __future__ import annotations

import pytest

from tests.support import tools

NOWHERE = "no-such-program-anywhere"


@pytest.fixture(autouse=True)
def _at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CI", "ISCSI_ANALYZER_REQUIRE_TOOLS"):
        monkeypatch.delenv(name, raising=False)


def test_a_test_is_skipped_without_its_tool() -> None:
    with pytest.raises(pytest.skip.Exception, match=NOWHERE):
        tools.need(NOWHERE)


@pytest.mark.parametrize("name", ["CI", "ISCSI_ANALYZER_REQUIRE_TOOLS"])
def test_where_tools_are_required_it_fails(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "true")
    with pytest.raises(pytest.fail.Exception, match=NOWHERE):
        tools.need(NOWHERE)


def test_a_tool_that_is_here_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    tools.need("sh")


@pytest.mark.parametrize("word", ["", "0", "false"])
def test_an_empty_or_negative_variable_requires_nothing(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    monkeypatch.setenv("CI", word)
    assert not tools.required()


def test_what_is_missing_names_the_package_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "_SEARCH", "/nowhere")
    tools._present.cache_clear()
    try:
        assert tools.missing("tgtd") == ["tgtd (apt-get install tgt)"]
        assert "qemu-block-extra" in tools.missing(tools.QEMU_ISCSI)[0]
        assert "root" in tools.missing(tools.CAPTURING)[0]
    finally:
        tools._present.cache_clear()
