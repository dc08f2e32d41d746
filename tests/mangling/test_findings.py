"""Findings under mangling: what loses no byte changes none of them, what loses bytes accuses nobody of anything new."""

from __future__ import annotations

from functools import cache
from random import Random

import pytest

from iscsi_analyzer.rules.catalogue import message, rules, sections
from iscsi_analyzer.rules.desk import INITIATOR, TARGET, Finding
from tests.iscsi_analyzer.rules.judging import example
from tests.mangling.analysed import Analysed, Name
from tests.mangling.talks import NAMES, talk_of
from tests.support.mangle import lossless, lossy, seed_of
from tests.support.mangle_loss import corrupt, late
from tests.support.talk import Talk

SEEDS = range(8)
WITHOUT = ("corrupt", "keep_alive")
"""A byte that is changed together with its checksum reads as if its sender had sent it so. The rubbish byte of a
keep-alive takes the place of a true byte where the capture lacks both the true one and its acknowledgement."""

TIMED = (
    "nopout-ping-unanswered",
    "nopin-ping-unanswered",
    "async-logout-not-honoured",
    "async-negotiation-not-honoured",
    "rsp-missing",
    "unsolicited-missing",
    "cmd-window-closed-long",
    "nopout-reply-to-unsolicited",
    "nopin-reply-to-noreply",
    "tmf-ttt-abandoned",
    "reject-terminates-task",
    "snack-bad-range-not-rejected",
    "async5-not-acked",
    "tmf-response-missing",
)
"Rules that count seconds: data that is moved by seconds, which no network does, changes what they say."
BROKEN = [name for name in rules() if name != "rule-crashed"]
"Rules whose examples are mangled."

Told = tuple[str, str, int, Name, int]
"Of a finding: rule, party, line of the talk, the PDU that shows it, how often."


@cache
def broken_by(rule: str) -> Talk:
    """The conversation that explains a rule."""
    return example(sections(rule)["Example"])


def told(analysed: Analysed, talk: Talk) -> list[Told]:
    """The findings in words that do not depend on frames and their order."""
    names, lines = analysed.names(talk), [-1, *analysed.lines(talk)]
    return sorted(
        (finding.rule, finding.party, lines[finding.connection], names[finding.pdu], int(finding.count))
        for finding in analysed.engine.desk.findings
    )


def accused(analysed: Analysed) -> list[Finding]:
    """The findings against a party."""
    return [finding for finding in analysed.engine.desk.findings if finding.party in (INITIATOR, TARGET)]


def sentences(findings: list[Finding]) -> list[str]:
    return [f"{finding.rule}: {message(rules()[finding.rule], finding.facts)}" for finding in findings]


@cache
def plain(name: str) -> tuple[list[Told], frozenset[str]]:
    """What is found in the explanation of a rule that nobody mangled: all of it, and the parties that are accused."""
    talk = broken_by(name)
    analysed = Analysed(talk.frames)
    return told(analysed, talk), frozenset(finding.party for finding in accused(analysed))


@pytest.mark.parametrize("name", NAMES)
def test_a_healthy_conversation_has_no_finding(name: str) -> None:
    assert sentences(Analysed(talk_of(name).frames).engine.desk.findings) == []


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", NAMES)
def test_what_loses_nothing_makes_no_finding(name: str, seed: int) -> None:
    mangle = lossless(seed_of(name, seed))
    assert sentences(Analysed(mangle(talk_of(name).frames)).engine.desk.findings) == [], mangle


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", NAMES)
def test_what_loses_bytes_of_a_healthy_conversation_accuses_nobody(name: str, seed: int) -> None:
    mangle = lossy(seed_of(name, seed), without=WITHOUT)
    assert sentences(accused(Analysed(mangle(talk_of(name).frames)))) == [], mangle


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("name", NAMES)
def test_what_comes_late_accuses_nobody(name: str, seed: int) -> None:
    """Captures of several interfaces, put together by clocks that differ, show answers before their questions."""
    spoiled = late(talk_of(name).frames, Random(f"{name} {seed}"), count=1 + 2 * seed)
    assert sentences(accused(Analysed(spoiled))) == []


@pytest.mark.parametrize("seed", range(40))
def test_digests_keep_changed_bytes_from_accusing_anybody(seed: int) -> None:
    """A byte was changed in an end's memory or by the capture, its TCP checksum is right: the digests tell, and blame
    nobody."""
    talk = talk_of("both digests")
    after_login = 1 + max(pdu.spans[-1][0] for pdu in talk.pdus if pdu.opcode & 0x1F == 0x03)
    spoiled = corrupt(talk.frames, Random(seed), count=3, skip=after_login)
    analysed = Analysed(spoiled)
    assert sentences(accused(analysed)) == []
    assert {finding.rule for finding in analysed.engine.desk.findings} & {"header-digest-bad", "data-digest-bad"}


@pytest.mark.parametrize("name", BROKEN)
def test_what_loses_nothing_changes_no_finding(name: str) -> None:
    """The same rules, parties, PDUs and counts, whatever became of the frames."""
    talk = broken_by(name)
    for seed in range(4):
        mangle = lossless(seed_of(name, seed), without=("reorder", "merge") if name in TIMED else ())
        assert told(Analysed(mangle(talk.frames)), talk) == plain(name)[0], mangle


@pytest.mark.parametrize("name", BROKEN)
def test_what_loses_bytes_accuses_nobody_new(name: str) -> None:
    """Whoever kept to the rules is not accused. With less to see, the fault of the other may have another name."""
    talk = broken_by(name)
    guilty = plain(name)[1]
    for seed in range(6):
        mangle = lossy(seed_of(name, seed), without=WITHOUT)
        found = accused(Analysed(mangle(talk.frames)))
        assert sentences([finding for finding in found if finding.party not in guilty]) == [], mangle
