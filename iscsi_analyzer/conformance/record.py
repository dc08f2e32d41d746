"""What is said of a set of captures in JSON, and to Python programs: the conformance record. Declares data only.

The text below each field is its description in the JSON Schema.
"""

from __future__ import annotations

from typing import Literal

import msgspec

VERSION = 1
"Version of the record. A field keeps its meaning; new ones may come."

State = Literal["broken", "held", "undecidable", "not-exercised"]
BROKEN: State = "broken"
HELD: State = "held"
UNDECIDABLE: State = "undecidable"
NOT_EXERCISED: State = "not-exercised"
STATES: tuple[State, ...] = (BROKEN, HELD, UNDECIDABLE, NOT_EXERCISED)
Change = Literal["newly-broken", "mended", "still-broken", "no-longer-exercised", "newly-exercised"]
CHANGES: tuple[Change, ...] = ("newly-broken", "mended", "still-broken", "no-longer-exercised", "newly-exercised")


class PartyName(msgspec.Struct, kw_only=True, frozen=True):
    """One side of conversations."""

    role: Literal["initiator", "target", "nobody"]
    "What it was; nobody: the network between the two, or the capture."
    name: str
    "InitiatorName or TargetName, where a login told it, else an address; a target's address has its port."


class Counts(msgspec.Struct, kw_only=True):
    """How a requirement fared."""

    state: State
    """broken: a breach was seen; held: there were occasions and no breach was seen; undecidable: what the captures lack
    kept all occasions from being judged; not-exercised: there was none."""
    held: int = 0
    "Occasions in which no breach was seen."
    broken: int = 0
    "Times that it was broken."
    undecidable: int = 0
    "Occasions that could not be judged."


class Place(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Where a rule was broken: the first time on one connection."""

    files: list[str]
    "The files of the capture."
    connection: int
    "Number of the connection in that capture."
    message: str
    "What was found, in a sentence."
    times: int
    "How often on that connection."
    pdu: int | None = None
    "Number of the PDU that shows it; absent where something that did not come shows it."
    frame: int | None = None
    "Frame that completed that PDU."


class RuleOfParty(Counts, kw_only=True):
    """How one party kept one rule."""

    party: PartyName
    "Who could break it."
    reasons: dict[str, int] = msgspec.field(default_factory=dict)
    "Why occasions could not be judged, and how many: gap, cut, no-login, no-start, one-way, more-connections."
    places: list[Place] = msgspec.field(default_factory=list)
    "Where it was broken, at most ten places."


class RuleStanding(Counts, kw_only=True, tag_field="type", tag="conformance-rule"):
    """How one rule was kept in all captures."""

    rule: str
    "Its name."
    severity: str
    "How bad it is to break it, as the user has it: error, warning, note."
    reference: str
    "RFC and section."
    summary: str
    "What it is in a line."
    occasion: str
    "Display filter of the PDUs that gave an occasion to break it."
    parties: list[RuleOfParty]
    "Who had occasions, and how each of them kept it."


class RequirementStanding(Counts, kw_only=True, omit_defaults=True, tag_field="type", tag="conformance-requirement"):
    """How one requirement of the standard was kept: what the rules that watch it say of it together."""

    requirement: str
    "Section, and place in it: 4.2.2.1/3."
    standard: str
    "The standard."
    section: str
    "The section."
    kind: Literal["MUST", "MUST NOT"]
    "The word of the standard."
    times: int
    "How often the section says so."
    asks: str
    "What is so when it is kept, in a sentence, also where the word is MUST NOT."
    rules: list[str]
    "The rules that watch it; none if nobody who watches can tell."
    partly: bool = False
    "Only some ways to break it can be seen."
    why: str = ""
    "Why no rule watches it."


class SectionStanding(msgspec.Struct, kw_only=True, tag_field="type", tag="conformance-section"):
    """How the rules of one chapter of a standard were kept. A rule counts in every chapter that it refers to."""

    standard: str
    "The standard."
    section: str
    "The chapter; empty for the standard as a whole."
    about: str
    "What it is about."
    rules: int
    "Rules that refer to it."
    held: int
    "Rules with occasions and without a breach."
    broken: int
    "Rules that were broken."
    undecidable: int
    "Rules whose occasions could all not be judged."
    not_exercised: int
    "Rules without occasions."
    occasions: int
    "Occasions in which no breach was seen."
    breaches: int
    "Breaches."


class PartyStanding(msgspec.Struct, kw_only=True, tag_field="type", tag="conformance-party"):
    """One side of conversations, and how it kept the rules."""

    party: PartyName
    "Who."
    addresses: list[str]
    "Where it was seen, at most sixteen addresses."
    connections: int
    "Its TCP connections."
    pdus: int
    "PDUs that it sent."
    held: int
    "Rules that it had occasions to break, and was not seen to."
    broken: int
    "Rules that it broke."
    undecidable: int
    "Rules whose occasions could all not be judged."


class CaptureOfSet(msgspec.Struct, kw_only=True, tag_field="type", tag="conformance-capture"):
    """One capture of the set."""

    files: list[str]
    "Its files; several if they are a ring, or were to be read together."
    connections: int
    "TCP connections with iSCSI."
    sessions: int
    "Sessions."
    pdus: int
    "PDUs."
    problems: list[str]
    "What was wrong with the input."


class RuleChange(msgspec.Struct, kw_only=True, tag_field="type", tag="conformance-change"):
    """A rule that fared otherwise in the run before, or that is still broken."""

    change: Change
    """newly-broken, mended (broken then, and now there were occasions and no breach), still-broken, no-longer-exercised
    (of what was broken then, too: whether it was mended is not known), newly-exercised."""
    rule: str
    "Name of the rule."
    severity: str
    "How bad it is to break it."
    before: Counts
    "How it fared in the run before."
    now: Counts
    "How it fares now."


class ConformanceRecord(msgspec.Struct, kw_only=True, omit_defaults=True, tag_field="type", tag="conformance"):
    """What a set of captures proved: what was seen, never more. What was not exercised is not known to be kept."""

    version: int
    "Version of this record."
    analyzer: str
    "Version of iscsi-analyzer."
    captures: list[CaptureOfSet]
    "What was read."
    party: str | None = None
    "The party to which the rest was limited, if it was."
    parties: list[PartyStanding]
    "Everybody who took part, or those parties of that name."
    rules: list[RuleStanding]
    "Every rule that counts, in the order of the catalogue; of a party those that it could break."
    requirements: list[RequirementStanding]
    "Every requirement of RFC 7143, in its order; of a party without those that are about the other side only."
    sections: list[SectionStanding]
    "Every chapter that rules refer to."
    changes: list[RuleChange] | None = None
    "Against the run before, if one was given."
