"""Which rules count, and how much: what users choose by name, severity and profile. Plain data.

A selection is a view of what was found. All rules run, so another selection needs no second analysis.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from iscsi_analyzer.rules.rule import GENERATIONS, SEVERITIES, Rule

AUTO = "auto"
PROFILES = (AUTO, "rfc3720", "rfc7143", "rfc7144")
"""What peers are held to: the rules that were made by that RFC or an older one, or (`auto`) by the newest RFC that the
login shows both sides to know."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What a user has chosen. Rules are named in full or by a pattern as in a shell: `tmf-*`."""

    select: tuple[str, ...] = ()
    "Only these rules; empty: all."
    ignore: tuple[str, ...] = ()
    "Not these, whatever else is said of them."
    severity: Mapping[str, str] = field(default_factory=dict)
    "Name or pattern -> another severity. Of several that match, a name in full counts, else the last."
    profile: str = AUTO

    def __post_init__(self) -> None:
        if self.profile not in PROFILES:
            raise ValueError(f"no profile {self.profile!r}; there are {', '.join(PROFILES)}")
        for severity in self.severity.values():
            if severity not in SEVERITIES:
                raise ValueError(f"no severity {severity!r}; there are {', '.join(SEVERITIES)}")

    @property
    def names(self) -> list[str]:
        """Every name and pattern in it."""
        return [*self.select, *self.ignore, *self.severity]

    def chooses(self, name: str) -> bool:
        """Whether the rule is among those that the user wants to see."""
        return (not self.select or matches(name, self.select)) and not matches(name, self.ignore)

    def applies(self, rule: Rule, generation: str) -> bool:
        """Whether peers can be held to the rule. `generation` is the newest RFC that they are known to know."""
        if self.profile != AUTO:
            generation = GENERATIONS[PROFILES.index(self.profile) - 1]
        return GENERATIONS.index(rule.since) <= GENERATIONS.index(generation)

    def severity_of(self, rule: Rule) -> str:
        """The severity of a rule as the user wants it."""
        found = self.severity.get(rule.name)
        if found is None:
            fitting = [severity for name, severity in self.severity.items() if fnmatchcase(rule.name, name)]
            found = fitting[-1] if fitting else rule.severity
        return found


def matches(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether a rule is named by one of the patterns."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)
