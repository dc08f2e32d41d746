"""Tallies of made-up conversations, for the tests of what is made of them."""

from __future__ import annotations

from functools import cache

from iscsi_analyzer.conformance.build import conformance
from iscsi_analyzer.conformance.record import ConformanceRecord, RuleStanding
from iscsi_analyzer.conformance.tally import Tally
from tests.iscsi_analyzer.export.faulty import conversation
from tests.iscsi_analyzer.rules.judging import Heard, frames_of
from tests.iscsi_analyzer.stores import store_of


def tallied(*heard: Heard) -> Tally:
    """Each conversation is a capture of its own: capture-1, capture-2 ..."""
    tally = Tally()
    for number, each in enumerate(heard, 1):
        tally.add(store_of(frames_of(each)), [f"capture-{number}"])
    return tally


def recorded(*heard: Heard) -> ConformanceRecord:
    """The record of the conversations."""
    return conformance(tallied(*heard))


@cache
def faulty_record() -> ConformanceRecord:
    """That of a conversation with three errors and two notes."""
    return recorded(conversation())


def standing(record: ConformanceRecord, rule: str) -> RuleStanding:
    """How a rule fared."""
    return next(each for each in record.rules if each.rule == rule)
