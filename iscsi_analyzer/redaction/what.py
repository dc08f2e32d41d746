"""What is taken out of a capture. Data only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class What:
    """User data and the secrets of logins always go; the rest is the user's choice."""

    names: bool = False
    "Names of initiators, targets and users, aliases, host names, and what unknown keys say."
    addresses: bool = False
    "IP and MAC addresses."
    serials: bool = False
    "Serial numbers and other identifications of logical units."
    cut: bool = False
    "User data at the end of a frame is cut off instead of being zeroed."
    keep_undecoded: bool = False
    "Frames without iSCSI stay, as they are."
