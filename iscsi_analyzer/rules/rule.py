"""What a rule declares of itself. Plain data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

ERROR = "error"
WARNING = "warning"
NOTE = "note"
SEVERITIES = (NOTE, WARNING, ERROR)

RFC_3720 = "RFC 3720"
RFC_7143 = "RFC 7143"
RFC_7144 = "RFC 7144"
GENERATIONS = (RFC_3720, RFC_7143, RFC_7144)
"The standards that peers may know, the oldest first. Each contains those before it."


@dataclass(frozen=True, slots=True)
class Rule:
    """The declaration of one rule. Its explanation is the docstring of the function of the same name (with
    underscores)."""

    name: str
    "The only identity of a rule: it names the fault and stays for ever."
    severity: str
    party: str
    "Who can break it: initiator, target, or either."
    reference: str
    "RFC and section."
    message: str
    "The finding in one sentence; names in braces are facts that the rule reports."
    needs: str = ""
    "What must be known for the rule to speak; empty if the PDU alone is enough."
    since: str = RFC_3720
    "The RFC that made it a fault; whoever knows only older ones cannot be held to it."
    occasion: str = ""
    """The PDUs that give somebody an occasion to break it, as a display filter: sent by whoever can break it or, where
    the fault is that nothing comes, by the other side. Empty: not told."""


def broken_by(opcode: int, rules: Iterable[str]) -> str:
    """The occasion of a rule on what follows a fault: the PDUs of this opcode that break one of the rules."""
    names = ", ".join(f'"{name}"' for name in sorted(rules))
    return f"iscsi.opcode == 0x{opcode:02x} && iscsi.finding.rule in {{{names}}}"
