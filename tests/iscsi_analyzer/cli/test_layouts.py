"""-e and -E are understood as tshark understands them."""

from __future__ import annotations

import pytest

from iscsi_analyzer.cli.exits import Stop
from iscsi_analyzer.cli.layouts import columns_of, layout_of
from iscsi_analyzer.export.tabular import Layout


def test_without_options_it_is_tsharks_default() -> None:
    assert layout_of([]) == Layout(False, "\t", "a", ",", "", False)


def test_every_option() -> None:
    words = ["header=y", "separator=/s", "occurrence=l", "aggregator=;", "quote=s", "bom=y", "escape=y"]
    assert layout_of(words) == Layout(True, " ", "l", ";", "'", True)
    assert layout_of(["separator=/t", "aggregator=/s", "quote=n"]) == Layout(aggregator=" ")


@pytest.mark.parametrize("option", ["header", "header=1", "separator=", "separator=ab", "colour=y", "quote=x"])
def test_what_is_not_understood_is_said(option: str) -> None:
    with pytest.raises(Stop, match="-E "):
        layout_of([option])


def test_fields_may_be_given_one_by_one_or_together() -> None:
    assert [each.name for each in columns_of(["number,frame", "iscsi.opcode"])] == ["number", "frame", "iscsi.opcode"]


def test_an_unknown_field_brings_names_like_it() -> None:
    with pytest.raises(Stop, match=r"is iscsi\.opcode") as stop:
        columns_of(["iscsi.opcod"])
    assert "iscsi-analyzer fields" in stop.value.message
