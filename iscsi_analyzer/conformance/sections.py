"""The sections of the standards that rules refer to, and the larger ones that people look for."""

from __future__ import annotations

import re
from functools import cache
from typing import Final, NamedTuple

RFC_7143: Final = "RFC 7143"


class Section(NamedTuple):
    """A section of a standard; without a number the standard as a whole."""

    standard: str
    number: str


CHAPTERS: Final[dict[Section, str]] = {
    Section(standard, number): about
    for standard, chapters in {
        RFC_7143: {
            "4.2.1": "connections of a session",
            "4.2.2": "numbering",
            "4.2.3": "task management and fences",
            "4.2.4": "login and full feature phase",
            "4.2.5": "tasks and their data",
            "4.2.6": "end of a connection",
            "4.2.7": "iSCSI names",
            "4.2": "concepts",
            "4.3": "discovery sessions",
            "4.4": "sessions, ports and nexuses",
            "4.6": "message exchanges",
            "4": "overview",
            "6.1": "format of text",
            "6.2": "negotiation of keys",
            "6.3": "login",
            "6.4": "negotiation after the login",
            "6": "login and negotiation",
            "7.1": "levels of recovery",
            "7.2": "retry and reassignment",
            "7.3": "Reject",
            "7.4": "recovery and discovery",
            "7.5": "times for recovery",
            "7.6": "recovery at times of loss",
            "7.7": "format errors",
            "7.8": "digest errors",
            "7.9": "sequence errors",
            "7.11": "timeouts of the SCSI layer",
            "7.12": "failed negotiations",
            "7.13": "protocol errors",
            "7.14": "failed connections",
            "7.15": "failed sessions",
            "7": "error handling",
            "8": "states",
            "9": "security",
            "10": "notes for implementers",
            "11.1": "lengths and padding",
            "11.2": "headers",
            "11.3": "SCSI Command",
            "11.4": "SCSI Response",
            "11.5": "task management requests",
            "11.6": "task management responses",
            "11.7": "SCSI Data-Out and Data-In",
            "11.8": "R2T",
            "11.9": "Asynchronous Message",
            "11.10": "Text Request",
            "11.11": "Text Response",
            "11.12": "Login Request",
            "11.13": "Login Response",
            "11.14": "Logout Request",
            "11.15": "Logout Response",
            "11.16": "SNACK Request",
            "11.17": "Reject",
            "11.18": "NOP-Out",
            "11.19": "NOP-In",
            "11": "PDUs in general",
            "12": "authentication",
            "13": "operational keys",
            "14": "prefixes of new keys",
            "15": "registered numbers",
            "appendix C": "SendTargets",
            "appendix": "appendices",
        },
        "RFC 7144": {"4": "protocol level", "5": "commands and responses", "6": "task management", "": "other"},
        "RFC 7145": {"6": "keys of iSER", "": "other"},
        "RFC 3720": {"": "taken back since"},
        "RFC 3722": {"": "preparation of names"},
        "RFC 1994": {"": "CHAP"},
        "SCSI": {"": "commands and statuses"},
    }.items()
    for number, about in chapters.items()
}
"What each chapter is about, in the order in which they are told. A section belongs to the longest that it begins with."

_STANDARD: Final = re.compile(r"RFC \d+|S[AP][MC]|SBC")
_NUMBER: Final = re.compile(r"appendix [A-Z]|(?<![\w.])\d+(?:\.\d+)*(?![\w.]*\w)")


@cache
def sections_of(reference: str) -> tuple[Section, ...]:
    """The sections that a reference names: `RFC 7143 sections 4.2.4 and 6.3, RFC 7144 section 4.1`."""
    found: list[Section] = []
    marks = [*_STANDARD.finditer(reference)]
    for place, mark in enumerate(marks):
        end = marks[place + 1].start() if place + 1 < len(marks) else len(reference)
        name = mark[0] if mark[0].startswith("RFC") else "SCSI"
        numbers = _NUMBER.findall(reference[mark.end() : end]) if name != "SCSI" else []
        found += [Section(name, number) for number in numbers] or [Section(name, "")]
    return tuple(dict.fromkeys(found))


@cache
def chapter_of(section: Section) -> Section:
    """The chapter that a section belongs to; the section itself where none does."""
    number = section.number
    while number:
        if Section(section.standard, number) in CHAPTERS:
            return Section(section.standard, number)
        number = number.rpartition("." if "." in number else " ")[0]
    whole = Section(section.standard, "")
    return whole if whole in CHAPTERS else section


def order_of(chapter: Section) -> tuple[int, str, str]:
    """What chapters are sorted by."""
    places = {known: place for place, known in enumerate(CHAPTERS)}
    return places.get(chapter, len(places)), chapter.standard, chapter.number
