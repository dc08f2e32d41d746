"""The requirements of RFC 7143, MUST by MUST, and the rules that watch them: what `requirements.json` says."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from iscsi_analyzer.rules.left_out import LEFT_OUT

MUST: Final = "MUST"
MUST_NOT: Final = "MUST NOT"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement."""

    name: str
    "Section and place in it: `4.2.2.1/3`, `appendix C/1`."
    section: str
    kind: str
    "MUST or MUST NOT."
    times: int
    "How often the section says so."
    asks: str
    "What is so when it is kept, in a sentence, also where the kind is MUST NOT."
    rules: tuple[str, ...] = ()
    "The rules that watch it, those included that are left out."
    partly: bool = False
    "Only some ways to break it can be seen."
    unseen: str = ""
    "Why nobody who watches can tell whether it is kept; empty where rules watch it."

    def watched_by(self, known: Mapping[str, object]) -> list[str]:
        """Those of its rules that are among the known ones."""
        return [name for name in self.rules if name in known]


@cache
def standard() -> str:
    """The standard that the requirements are those of."""
    return str(_read()["standard"])


@cache
def requirements() -> tuple[Requirement, ...]:
    """All of them, in the order of the standard."""
    reasons = _read()["reasons"]
    places: Counter[str] = Counter()
    found = []
    for row in _read()["requirements"]:
        places[row["section"]] += 1
        found.append(
            Requirement(
                name=f"{row['section']}/{places[row['section']]}",
                section=row["section"],
                kind=row["kind"],
                times=row["times"],
                asks=row["asks"],
                rules=tuple(row.get("rules", ())),
                partly=row.get("partly", False),
                unseen=reasons[row["unseen"]] if "unseen" in row else "",
            )
        )
    return tuple(found)


def why_unwatched(requirement: Requirement) -> str:
    """Why no rule watches it: what the list says, or what is said of the rules that were left out for a reason."""
    if requirement.unseen:
        return requirement.unseen
    said = [LEFT_OUT[name] for name in requirement.rules if name in LEFT_OUT]
    return said[0] if said else "No rule judges it."


@cache
def _read() -> dict[str, Any]:
    text = files(__package__).joinpath("requirements.json").read_text(encoding="utf-8")
    read: dict[str, Any] = json.loads(text)
    return read
