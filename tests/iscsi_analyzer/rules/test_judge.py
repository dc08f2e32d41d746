"""Every PDU and every event reaches the rules; one that raises costs that PDU's judgement and nothing else."""

from __future__ import annotations

import pytest

from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.options import Options
from iscsi_analyzer.rules.desk import CAPTURE, INITIATOR, TARGET
from iscsi_analyzer.rules.plugin import Plugin
from tests.iscsi_analyzer.rules.judging import accused, desk_of, each_lost, findings_of
from tests.iscsi_analyzer.stores import store_of
from tests.mangling.talks import NAMES, talk_of
from tests.support import mangle_loss
from tests.support.talk import I2T, T2I, Talk
from tests.support.talk_pdu import NOP_OUT


@pytest.mark.parametrize("name", NAMES)
def test_healthy_conversations_break_no_rule(name: str) -> None:
    assert findings_of(talk_of(name)) == []


@pytest.mark.parametrize("kept", range(20, 49, 4))
def test_cut_headers_accuse_nobody(kept: int) -> None:
    """Zeros that stand for bytes which were not captured are nobody's words."""
    assert accused(mangle_loss.snap(talk_of("plain").frames, 14 + 20 + 32 + kept)) == []


def test_one_missing_frame_accuses_nobody() -> None:
    talk = Talk(initial_r2t=False).open()
    talk.write(8192)
    talk.read(8192, phase=False)
    talk.ping(b"x")
    talk.target_ping()
    talk.tmf(1, talk.command(read=512))
    talk.close()
    assert findings_of(talk) == []
    for frames in each_lost(talk):
        assert accused(frames) == []


def test_headers_that_their_digest_disproves_are_not_judged() -> None:
    """Whatever they say, they may have been something else."""
    talk = Talk(header_digest=True).open()
    talk.test_unit_ready()
    talk.command(cmd_sn=0x40000000, tag=1, header_digest="bad")
    talk.test_unit_ready()
    desk = desk_of(talk)
    assert [finding.rule for finding in desk.findings if finding.party in (INITIATOR, TARGET)] == []
    assert [finding.rule for finding in desk.findings] == ["header-digest-bad"]


def test_a_header_that_its_sender_may_not_send_is_judged_as_such_only() -> None:
    talk = Talk().open()
    talk.send(I2T, 0x0C, 0x80)
    talk.test_unit_ready()
    assert findings_of(talk) == ["opcode-unassigned"]


class Raising:
    """A plug-in whose functions raise, each time."""

    def __init__(self) -> None:
        self.asked = 0

    def raising(self, *arguments: object) -> None:
        self.asked += 1
        raise RuntimeError("as tests want it")

    def plugin(self) -> Plugin:
        handlers = dict.fromkeys(("see", "lost", "full_feature", "over", "closed"), self.raising)
        return Plugin("raising", **handlers)  # type: ignore[arg-type]


def test_what_raises_is_told_and_the_rules_go_on() -> None:
    talk = Talk().open()
    talk.read(512)
    talk.session.cmd_sn += 1
    talk.command()
    talk.fin()
    raising = Raising()
    desk = desk_of(talk, Options(plugins=(raising.plugin(),)))
    silent = desk_of(talk)
    crashes = [finding for finding in desk.findings if finding.rule == "rule-crashed"]
    assert [(finding.party, finding.count) for finding in crashes] == [(CAPTURE, raising.asked)]
    assert [each.rule for each in desk.findings if each not in crashes] == [each.rule for each in silent.findings] != []
    assert raising.asked > len(talk.pdus), "PDUs, tasks, the login and the end of the connection"


def test_offences_of_several_topics_are_all_found() -> None:
    """In one conversation, in the order in which they happen; what follows an odd header is judged with care."""
    talk = Talk().open()
    talk.test_unit_ready()
    talk.data_in(talk.command(read=512), 512, status=0, data_sn=3)
    talk.response(talk.command(read=512), initiator_task_tag=0xDEAD)
    talk.command(cmd_sn=talk.session.cmd_sn + 5)
    talk.send(T2I, NOP_OUT)
    wanted = ["datain-datasn-gap", "itt-unknown-in-response", "cmdsn-gap", "opcode-wrong-direction"]
    assert [rule for rule in findings_of(talk) if rule in wanted] == wanted


def test_the_look_is_one_object_and_filled_anew() -> None:
    looks: list[Look] = []
    numbers: list[int] = []

    def see(follower: object, look: Look, desk: object) -> None:
        looks.append(look)
        numbers.append(look.number)

    talk = Talk().open()
    talk.read(512)
    desk_of(talk, Options(plugins=(Plugin("see", see=see),)))
    assert len({id(look) for look in looks}) == 1 and numbers == list(range(1, len(talk.pdus) + 1))


def test_a_pause_of_the_capture_accuses_nobody_and_is_told() -> None:
    """Both sides go on far away, with other numbers: hundreds of megabytes were not captured."""
    talk = Talk().open()
    talk.read(512)
    for side, peer in ((talk.initiator, talk.target), (talk.target, talk.initiator)):
        side.seq = peer.received = (side.seq + 200_000_000) & 0xFFFFFFFF
    talk.session.cmd_sn = talk.session.exp_cmd_sn = 5000
    talk.stat_sn = talk.exp_stat_sn = 7000
    for number in range(10):
        talk.read(512, lba=number)
    assert accused(talk) == []
    assert sorted(loss.kind for loss in store_of(talk.frames).losses) == ["gap", "gap"]
