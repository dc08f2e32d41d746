"""One thing in which Wireshark and we differ about a PDU, as the rules for known limits look at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from iscsi_analyzer.crosscheck.connections import Circumstances

OURS: Final = "ours"
"We print a value and Wireshark none."
WIRESHARK: Final = "wireshark"
"Wireshark prints a value and we none."
VALUES: Final = "values"
"Both print values, and they differ."

PDU: Final = "PDU"
"In place of a field: the PDU itself is shown by one side only."
FRAME: Final = "frame.number"
"The field of PDUs that both show, but in different frames."


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs."""

    field: str
    side: str
    kind: str
    "The kind of PDU, in words."
    pdu: int
    "Number of our PDU; 0 if only Wireshark shows it."
    frame: int
    ours: tuple[str, ...]
    wireshark: tuple[str, ...]
    around: Circumstances
    "Where in the capture that is."
