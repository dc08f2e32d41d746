"""The options of -T fields as in tshark: -e FIELD and -E option=value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from iscsi_analyzer.cli.exits import Stop

if TYPE_CHECKING:
    from iscsi_analyzer.export.columns import Column
    from iscsi_analyzer.export.tabular import Layout

_CHOICES = {"header": "yn", "bom": "yn", "occurrence": "fla", "quote": "dsn", "escape": "yn"}
_QUOTES = {"d": '"', "s": "'", "n": ""}
_SLASHED = {"/t": "\t", "/s": " "}


def layout_of(options: Sequence[str]) -> Layout:
    """What the -E options say."""
    from iscsi_analyzer.export.tabular import Layout

    found: dict[str, Any] = {}
    for option in options:
        name, equals, value = option.partition("=")
        if name in ("separator", "aggregator") and equals:
            value = _SLASHED.get(value, value)
            if len(value) != 1:
                raise Stop(f"-E {option}: one character, /t (tab) or /s (space) is needed")
            found[name] = value
        elif name in _CHOICES and value in tuple(_CHOICES[name]):
            if name == "quote":
                found[name] = _QUOTES[value]
            elif name == "occurrence":
                found[name] = value
            elif name != "escape":
                found[name] = value == "y"
        else:
            known = "header=y|n separator=/t|/s|CHAR occurrence=f|l|a aggregator=,|/s|CHAR quote=d|s|n bom=y|n"
            raise Stop(f"-E {option}: not understood; there are {known}")
    return Layout(**found)


def columns_of(names: Sequence[str]) -> list[Column]:
    """The columns of the -e options; a comma separates several names in one."""
    from iscsi_analyzer.export.columns import UnknownField, column

    found = []
    for name in (part for text in names for part in text.split(",")):
        try:
            found.append(column(name))
        except UnknownField as unknown:
            near = f"; is {' or '.join(unknown.near)} meant?" if unknown.near else ""
            raise Stop(f"-e {name}: {unknown}{near}\n(iscsi-analyzer fields lists them all)") from None
    return found
