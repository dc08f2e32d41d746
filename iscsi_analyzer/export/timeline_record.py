"""What is said of a session as a course of events, in JSON.

Declares data only. The text below each field is its description in the JSON Schema.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Kind = Literal[
    "connect",
    "login-step",
    "login",
    "negotiated",
    "phase",
    "failed",
    "unanswered",
    "slow",
    "quiet",
    "management",
    "reject",
    "async",
    "gap",
    "skipped",
    "network",
    "finding",
    "end",
    "return",
]


class TimelineEvent(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Something that happened in a session."""

    time: str
    "When it began: seconds since 1970 UTC with nanoseconds."
    at_ns: int
    "The same in nanoseconds since the session's first event."
    kind: Kind
    "What happened."
    severity: Literal["info", "look", "bad"]
    "How much it matters."
    text: str
    "A line for people."
    duration_ns: int | None = None
    "How long it took."
    connection: int | None = None
    "Number of the connection."
    frame: int | None = None
    "Frame that completed it."
    pdus: list[int] = msgspec.field(default_factory=list)
    "PDUs that show it."
    tasks: list[int] = msgspec.field(default_factory=list)
    "Tasks that it is about."
    finding: int | None = None
    "Number of the finding."


class TimelineRecord(msgspec.Struct, kw_only=True, omit_defaults=True, tag_field="type", tag="timeline"):
    """A session as a course of events."""

    session: int
    "Number of the session."
    initiator_name: str | None = None
    "InitiatorName, if it was seen."
    target_name: str | None = None
    "TargetName, if it was seen."
    session_type: str
    "Normal, Discovery, or unknown."
    follows: int | None = None
    "Number of the session whose place it took."
    followed_by: int | None = None
    "Number of the session that took its place."
    events: list[TimelineEvent]
    "In order of time."
    not_listed: int = 0
    "Events of kinds that came too often, which are left out."
