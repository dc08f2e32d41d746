"""Writes `fields.md`: every field of the filter language. `python -m iscsi_analyzer.query.generate_docs` brings the
page up to date.

`render` is pure; a test compares its result with the page.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from dissectors.iscsi.keytable import KEYS
from iscsi_analyzer.query.field import QueryField
from iscsi_analyzer.query.fields import APPLIES_TO, fields

PAGE: Final = Path(__file__).with_name("fields.md")
MOST_NAMES: Final = 8
"Names of values that are shown for one field."

_HEAD: Final = """\
# Fields of the filter language

Generated from the declarations by `python -m iscsi_analyzer.query.generate_docs`; do not edit.

*Of* says what a field belongs to; every field can be used in filters of PDUs, tasks, connections and sessions
(README.md says how). Names of values are written in quotes unless they are one word; case and punctuation do not
matter. Fields with `+` can have several values in one item. Fields with `*` are read PDU by PDU, after all other
tests.
"""
_TABLE_HEAD: Final = "| field | type | of | what | names of values |\n|---|---|---|---|---|"

_KEYS: Final = "Keys of login and text PDUs"
_HEADERS: Final = "Headers of PDUs"
_BEFORE: Final = (
    ("Frames, addresses, ports", ("frame", "ip", "ipv6", "tcp")),
    ("PDUs: what Wireshark has no field for", ("iscsi.pdu",)),
    ("Tasks", ("iscsi.task",)),
    ("Connections", ("iscsi.connection",)),
    ("Sessions", ("iscsi.session",)),
    ("Findings", ("iscsi.finding",)),
)
_BEHIND: Final = (
    ("SCSI: all devices", ("scsi",)),
    ("SCSI: block devices", ("scsi_sbc",)),
    ("SCSI: tapes", ("scsi_ssc",)),
    ("SCSI: changers", ("scsi_smc",)),
    ("SCSI: optical drives", ("scsi_mmc",)),
)
"Titles, and the prefixes of the fields that stand under them."


def render() -> str:
    """The whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield _HEAD
    titles = [*(title for title, _ in _BEFORE), _KEYS, _HEADERS, *(title for title, _ in _BEHIND)]
    sections: dict[str, list[QueryField]] = {title: [] for title in titles}
    for field in fields().values():
        sections[section(field)].append(field)
    for title, rows in sections.items():
        if rows:
            yield f"## {title}\n"
            yield _TABLE_HEAD
            yield from map(_row, rows)
            yield ""


def section(field: QueryField) -> str:
    """The title of the section that a field stands in."""
    for title, prefixes in (*_BEFORE, *_BEHIND):
        if any(field.name == prefix or field.name.startswith(f"{prefix}.") for prefix in prefixes):
            return title
    of_text = field.name == "iscsi.keyvalue" or field.name in {key.filter for key in KEYS.values()}
    return _KEYS if of_text else _HEADERS


def _row(field: QueryField) -> str:
    marks = (" +" if field.several else "") + (" *" if field.dear else "")
    return (
        f"| `{field.name}`{marks} | {field.kind} | {APPLIES_TO[field.level]} | {_cell(field.about)} | {_names(field)} |"
    )


def _names(field: QueryField) -> str:
    if field.names is None:
        return ""
    spoken = [name for name in field.names.spoken if name]
    more = f" and {len(spoken) - MOST_NAMES} more" if len(spoken) > MOST_NAMES else ""
    short = f"; short: {', '.join(field.names.aliases)}" if field.names.aliases else ""
    return _cell(", ".join(spoken[:MOST_NAMES]) + more + short)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> None:
    """Write the page."""
    PAGE.write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main()
