"""Verdicts are the findings as a user wants them: with severities, without what was ignored or cannot be held against
anybody."""

from __future__ import annotations

from pathlib import Path

import pytest

from iscsi_analyzer.engine import Engine
from iscsi_analyzer.options import Options
from iscsi_analyzer.rules.rule import ERROR, NOTE, WARNING, Rule
from iscsi_analyzer.rules.selection import Selection
from iscsi_analyzer.rules.verdicts import Verdicts, at_least
from tests.iscsi_analyzer.rules.judging import Heard, frames_of
from tests.iscsi_analyzer.rules.plugins import LARGE_READS, plugin
from tests.support.talk import Talk


def verdicts(heard: Heard, selection: Selection | None = None, options: Options | None = None) -> Verdicts:
    options = options or Options(plugins=())
    engine = Engine(options)
    for frame in frames_of(heard):
        engine.frame(frame.data, 0, len(frame.data), frame.orig_len, frame.ts_ns, frame.linktype, 0, 0)
    engine.finish()
    followers = engine.listener.sessions.followers
    return Verdicts(engine.desk, followers, selection or Selection(), options.plugins or ())


def faulty(**login: dict[str, str]) -> Talk:
    """Two errors and a note, on one connection."""
    talk = Talk().open(**login)
    talk.tmf(6, lun=1)
    talk.tmf(0x20, response=5)
    talk.tmf(1, referenced_task_tag=0xFFFFFFFF, response=1)
    return talk


def names(found: Verdicts) -> list[str]:
    return [verdict.rule.name for verdict in found]


ALL = ["tmf-lun-reserved", "tmf-function-unassigned", "tmf-rtt-missing"]


def test_every_finding_has_its_rule_and_its_sentence() -> None:
    found = list(verdicts(faulty()))
    assert [verdict.rule.name for verdict in found] == ALL
    assert [verdict.severity for verdict in found] == [NOTE, ERROR, ERROR]
    assert found[1].message == "Task management function 32 is not assigned"


def test_what_is_ignored_is_not_there_in_the_list_and_at_its_pdu() -> None:
    found = verdicts(faulty(), Selection(ignore=("tmf-rtt-*",)))
    assert names(found) == ALL[:2]
    shown = [number for number in range(1, 20) if found.names(number)]
    assert [found.names(number) for number in shown] == [ALL[:1], ALL[1:2]]


def test_severities_are_the_users() -> None:
    found = verdicts(faulty(), Selection(select=("tmf-rtt-missing",), severity={"tmf-*": WARNING}))
    assert [(verdict.rule.name, verdict.severity) for verdict in found] == [("tmf-rtt-missing", WARNING)]


LEVEL = {"iSCSIProtocolLevel": "1"}
LEVEL_2 = {"iSCSIProtocolLevel": "2"}


@pytest.mark.parametrize(
    ("login", "generation"),
    [
        ({}, "RFC 3720"),
        ({"offer": LEVEL}, "RFC 3720"),
        ({"offer": LEVEL, "answer": LEVEL}, "RFC 7143"),
        ({"offer": LEVEL_2, "answer": LEVEL}, "RFC 7143"),
        ({"offer": LEVEL_2, "answer": LEVEL_2}, "RFC 7144"),
    ],
)
def test_the_login_shows_what_both_sides_know(login: dict[str, dict[str, str]], generation: str) -> None:
    assert verdicts(Talk().open(**login)).generation(1) == generation


def test_a_login_that_was_not_seen_shows_nothing() -> None:
    talk = Talk().open(offer=LEVEL_2, answer=LEVEL_2)
    login = len(talk.frames)
    talk.ping()
    talk.read()
    assert verdicts(talk.frames[login:]).generation(1) == "RFC 3720"


def test_rules_that_a_peer_cannot_know_do_not_count(tmp_path: Path) -> None:
    """Unless the user says that it knows them."""
    source = LARGE_READS.replace('1 MiB")', '1 MiB", since="RFC 7144")')
    options = Options(plugins=(plugin(tmp_path, source),))
    talk = Talk().open()
    talk.command(read=2 << 20)
    assert names(verdicts(talk, options=options)) == []
    assert names(verdicts(talk, Selection(profile="rfc7144"), options)) == ["example-large-read"]
    newer = Talk().open(offer=LEVEL_2, answer=LEVEL_2)
    newer.command(read=2 << 20)
    assert names(verdicts(newer, options=options)) == ["example-large-read"]
    assert names(verdicts(newer, Selection(profile="rfc7143"), options)) == []


def test_what_rfc_3720_allowed_is_held_against_newer_peers_only() -> None:
    """A Reject for a negotiation reset was in order before RFC 7143."""
    for level, found in (({}, []), ({"offer": LEVEL, "answer": LEVEL}, ["reject-reason-0b"])):
        talk = Talk().open(**level)
        talk.reject(talk.text_request({"X-com.example.a": "1"}), reason=0x0B)
        assert names(verdicts(talk)) == found
        assert names(verdicts(talk, Selection(profile="rfc7143"))) == ["reject-reason-0b"]


def test_what_a_plug_in_did_not_declare_is_told_all_the_same(tmp_path: Path) -> None:
    """Names without a declaration, facts that do not fit the sentence, parties that nobody knows: nothing is lost."""
    source = LARGE_READS.replace('desk.report("example-large-read"', 'desk.report("example-other"')
    talk = Talk().open()
    talk.command(read=2 << 20)
    (found,) = verdicts(talk, options=Options(plugins=(plugin(tmp_path, source),)))
    assert (found.rule.name, found.severity) == ("example-other", WARNING)
    source = LARGE_READS.replace('{"length": look.second}', '{"size": look.second}')
    (found,) = verdicts(talk, options=Options(plugins=(plugin(tmp_path, source, "other"),)))
    assert "size: 2097152" in found.message


def test_levels_are_in_order() -> None:
    assert at_least(ERROR, NOTE) and at_least(ERROR, ERROR) and at_least(WARNING, NOTE)
    assert not at_least(NOTE, WARNING) and not at_least(WARNING, ERROR)


def test_a_rule_needs_no_facts() -> None:
    assert Rule("a-b", NOTE, "target", "", "Said").message == "Said"
