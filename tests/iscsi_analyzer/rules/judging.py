"""A conversation, or frames made of one, before the rules: what they find.

talk = Talk().open()
talk.session.cmd_sn += 1
talk.test_unit_ready()
assert findings_of(talk) == ["cmdsn-gap"]
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from inspect import cleandoc
from types import ModuleType
from typing import Any, TypeVar

from iscsi_analyzer.options import Options
from iscsi_analyzer.plain import new_engine
from iscsi_analyzer.rules.catalogue import rules, sections
from iscsi_analyzer.rules.desk import INITIATOR, TARGET, Desk, Finding
from tests.support import mangle_loss
from tests.support.talk import Talk
from tests.support.talk_capture import Frame
from tests.support.talk_pdu import I2T, T2I, digest
from tests.support.talk_speaker import Speaker

Heard = Speaker | Iterable[Frame]
Test = TypeVar("Test", bound=Callable[..., Any])


def frames_of(heard: Heard) -> list[Frame]:
    """The frames of a conversation so far; frames are what they are."""
    return list(heard.frames) if isinstance(heard, Speaker) else list(heard)


def desk_of(heard: Heard, options: Options | None = None) -> Desk:
    """What the rules handed in, once everything was seen."""
    engine = new_engine(options or Options())
    frames = frames_of(heard)
    buffer = b"".join(frame.data for frame in frames)
    engine.listener.read_span = lambda position, length: buffer[position : position + length]
    at = 0
    for frame in frames:
        engine.frame(buffer, at, len(frame.data), frame.orig_len, frame.ts_ns, frame.linktype, at, 0)
        at += len(frame.data)
    engine.finish()
    return engine.desk


def found(heard: Heard, options: Options | None = None) -> list[Finding]:
    """The findings, in the order in which they were made."""
    return desk_of(heard, options).findings


def findings_of(heard: Heard, options: Options | None = None) -> list[str]:
    """The rules that were broken, in the order in which that was found."""
    return [finding.rule for finding in found(heard, options)]


def finding_of(heard: Heard, rule: str) -> Finding:
    """The only finding, which must be of that rule."""
    findings = found(heard)
    assert [finding.rule for finding in findings] == [rule], [sentence(finding) for finding in findings]
    return findings[0]


def accused(heard: Heard, options: Options | None = None) -> list[str]:
    """The findings against a party, as sentences."""
    return [sentence(finding) for finding in found(heard, options) if finding.party in (INITIATOR, TARGET)]


def sentence(finding: Finding) -> str:
    """A finding as people read it; fails if a fact is missing that the sentence needs."""
    return f"{finding.rule} ({finding.party}): {rules()[finding.rule].message.format(**finding.facts)}"


def example(lines: str) -> Talk:
    """The conversation that the lines of an explanation make."""
    names: dict[str, object] = {"talk": Talk(), "Talk": Talk, "digest": digest}
    exec(lines, names)
    talk = names["talk"]
    assert isinstance(talk, Talk)
    return talk


def without(heard: Heard, *numbers: int) -> list[Frame]:
    """The frames but for those numbered so (from 0; negative numbers count from the end)."""
    frames = frames_of(heard)
    lost = {number % len(frames) for number in numbers}
    return [frame for index, frame in enumerate(frames) if index not in lost]


def each_lost(heard: Heard) -> Sequence[list[Frame]]:
    """The capture without its first frame, without its second, and so on."""
    frames = frames_of(heard)
    return [without(frames, number) for number in range(len(frames))]


def near_miss(*names: str) -> Callable[[Test], Test]:
    """Marks a test as one in which these rules are nearly broken and find nothing: every rule needs one
    (tests/meta/test_rules_catalogue.py)."""
    return lambda test: test


def names(topic: ModuleType) -> list[str]:
    """The rules of a topic."""
    return [rule.name for rule in topic.RULES]


def check_example(name: str, also: Mapping[str, tuple[str, ...]] | None = None) -> None:
    """The example of a rule breaks it, and no other rule but those that cannot be kept then."""
    heard = example(sections(name)["Example"])
    told = [sentence(finding) for finding in found(heard)]
    assert set(findings_of(heard)) == {name, *(also or {}).get(name, ())}, told


def check_near(near: Mapping[str, str], name: str, also: Mapping[str, tuple[str, ...]] | None = None) -> None:
    """What nearly breaks the rule breaks none, but for others that it cannot keep."""
    findings = found(example(cleandoc(near[name])))
    allowed = (also or {}).get(name, ())
    assert [sentence(finding) for finding in findings if finding.rule not in allowed] == []
    assert {finding.rule for finding in findings} == set(allowed)


def check_losses(name: str) -> None:
    """A capture of the example that lacks a frame, its beginning or one direction accuses nobody of anything that the
    whole capture does not show."""
    talk = example(sections(name)["Example"])
    shown = {line.split(":")[0] for line in accused(talk)}
    for capture in lossy_captures(talk):
        assert {line.split(":")[0] for line in accused(capture)} <= shown, accused(capture)


def lossy_captures(heard: Heard) -> list[list[Frame]]:
    """The capture without any one of its frames, begun at any later frame, and with one direction only."""
    frames = frames_of(heard)
    later = [mangle_loss.cut_start(frames, count) for count in range(1, len(frames))]
    halves = [mangle_loss.one_direction(frames, direction) for direction in (I2T, T2I)]
    return [*each_lost(frames), *later, *halves]
