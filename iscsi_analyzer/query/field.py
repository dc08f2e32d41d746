"""What the filter language knows of one field: its name, kind and level, and how its values are read. Data only;
`fields` has the list of all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from iscsi_analyzer.query.names import Names
from iscsi_analyzer.query.scope import Level, Mask, Scope
from iscsi_analyzer.query.values import Values

NUMBER: Final = "number"
BOOLEAN: Final = "boolean"
TEXT: Final = "text"
BYTES: Final = "bytes"
ADDRESS: Final = "address"
TIME: Final = "time"
"A point in time, in nanoseconds since 1970."
DURATION: Final = "duration"
"Nanoseconds."
PROTOCOL: Final = "protocol"
"Only there or not there."

NUMERIC: Final = frozenset((NUMBER, BOOLEAN, TIME, DURATION))

LARGEST: Final = (1 << 64) - 1

Reader = Callable[[Scope], Values]
There = Callable[[Scope], Mask]


@dataclass(slots=True, frozen=True)
class QueryField:
    """One field of the filter language."""

    name: str
    kind: str
    level: Level
    about: str
    "What it is, in a phrase."
    read: Reader
    "Its values for the items of a scope of its level."
    names: Names | None = None
    "Names of its values."
    largest: int = LARGEST
    "The largest value that a number can have."
    least: int = 0
    "The smallest."
    version: int = 0
    "4 or 6 for addresses."
    several: bool = False
    "An item may have more than one value."
    dear: bool = False
    "Values cost a look at single items, so other tests go first."
    flag: bool = False
    "Alone it means that it is set, not only that it is there."
    own: bool = False
    "Wireshark has no field of this name."
    looks_ahead: bool = False
    "What it says of a PDU may change when later PDUs come."
    there: There | None = None
    "Tells more cheaply than `read` which items have a value."
    chunk: int = 0
    "Items that are read at a time at most; 0: any number."
