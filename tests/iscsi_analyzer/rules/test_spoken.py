"""Logins and texts as real implementations speak them are right, and what the capture lacks is nobody's fault."""

from __future__ import annotations

from random import Random

import pytest

from tests.iscsi_analyzer.rules.judging import accused, each_lost, example, findings_of
from tests.iscsi_analyzer.rules.said import CHALLENGED, KEYS, MORE, MUTUAL, NAMES, RESPONSE
from tests.support.mangle import lossless
from tests.support.mangle_loss import cut_end, cut_middle, cut_start, drop, one_direction, snap
from tests.support.talk import Talk
from tests.support.talk_pdu import I2T, T2I

RIGHT = {
    "a target that negotiates in two steps": f"""
{KEYS}
talk.login_request({{**keys, "HeaderDigest": "None", "InitialR2T": "Yes", "MaxConnections": "1"}})
its = {{"HeaderDigest": "None", "MaxConnections": "1", "TargetAlias": "LIO Target", "TargetPortalGroupTag": "1"}}
talk.login_response({{**its, "MaxBurstLength": "262144", "DataPDUInOrder": "Yes"}}, transit=False)
talk.login_request({{"MaxBurstLength": "262144", "DataPDUInOrder": "Yes"}})
talk.login_response()
talk.test_unit_ready()
""",
    "CHAP in one direction": f"""
{CHALLENGED}
talk.login_request({RESPONSE}, csg=0, nsg=1)
talk.login_response()
talk.login_request({{"HeaderDigest": "None"}})
talk.login_response({{"HeaderDigest": "None"}})
""",
    "CHAP in both directions": f"""
{CHALLENGED}
talk.login_request({MUTUAL}, csg=0, nsg=1)
talk.login_response({{"CHAP_N": "target", "CHAP_R": "0x" + "12" * 16}})
""",
    "a wrong password": f"""
{CHALLENGED}
talk.login_request({RESPONSE}, csg=0, nsg=1)
talk.login_response(status=0x0201, isid=bytes(6), stat_sn=0, exp_cmd_sn=0, max_cmd_sn=0, csg=0)
talk.fin()
""",
    "a refusal that keeps the stage bits of the request": f"""
{KEYS}
talk.login_request(keys, csg=0, nsg=1)
talk.login_response(status=0x0201, transit=True)
talk.fin()
""",
    "a redirection that is followed": f"""
{KEYS}
talk.login_request(keys)
talk.login_response({{"TargetAddress": "192.0.2.9:3260"}}, status=0x0101, isid=bytes(6))
talk.fin()
talk.beside(target="192.0.2.9").open()
""",
    "a byte-swapped TSIH": "talk.session.tsih = 0x2900\ntalk.open()\ntalk.close()",
    "a second connection that is told nothing new": """
talk.terms.max_connections = 2
talk.open()
other = talk.join().open()
other.test_unit_ready()
""",
    "leading keys that are not understood on a second connection": """
talk.terms.max_connections = 2
talk.open()
other = talk.join()
other.handshake()
other.login_request({"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "SessionType": "Normal"})
other.login_response({"TargetPortalGroupTag": "1", "SessionType": "NotUnderstood"})
""",
    "discovery in several pieces": f"""
{MORE}
talk.text_request(tag=request.word(16), target_transfer_tag=more.word(20))
talk.text_response({{"TargetAddress": "192.0.2.2:3260,1"}}, tag=request.word(16))
talk.logout()
""",
    "discovery with pings of the target": """
talk.open(discovery=True)
talk.discover()
talk.target_ping()
talk.logout()
""",
    "irrelevant keys in discovery": """
talk.open(discovery=True, offer={"InitialR2T": "No"}, answer={"InitialR2T": "Irrelevant"})
talk.discover()
""",
    "a segment length that changes in the full feature phase": """
talk.open()
talk.text({"MaxRecvDataSegmentLength": "8192"}, {"MaxRecvDataSegmentLength": "8192"})
talk.text({"MaxRecvDataSegmentLength": "4096"}, {"MaxRecvDataSegmentLength": "8192"})
""",
    "a login whose text comes in three pieces": f"""
{KEYS}
talk.login_request({{**keys, "InitiatorAlias": "a"}}, transit=False, more=True)
talk.login_response()
talk.login_request({{"MaxConnections": "1"}}, transit=False, more=True)
talk.login_response()
talk.login_request({{"HeaderDigest": "None"}})
talk.login_response({{"TargetPortalGroupTag": "1", "MaxConnections": "1", "HeaderDigest": "None"}})
""",
}
"Conversations as real implementations have them, by what is special about them."


def mine(findings: list[str]) -> list[str]:
    """Sentences of the topics that are tested here."""
    return [sentence for sentence in findings if sentence.partition(" ")[0] in NAMES]


@pytest.mark.parametrize("name", RIGHT)
class TestRight:
    def test_is_right(self, name: str) -> None:
        """Nobody is accused of what the standard allows."""
        assert mine(accused(example(RIGHT[name]))) == []

    def test_stays_right_however_it_is_cut_up(self, name: str) -> None:
        """Segments that are split, merged, repeated or come out of order change no finding."""
        frames = example(RIGHT[name]).frames
        for seed in range(20):
            assert mine(accused(lossless(seed)(frames))) == []

    def test_stays_right_when_the_capture_lacks_something(self, name: str) -> None:
        """Each frame, each beginning, each end and each direction is left out once."""
        talk = example(RIGHT[name])
        frames = talk.frames
        captures = [*each_lost(talk), one_direction(frames, I2T), one_direction(frames, T2I)]
        captures += [cut_start(frames, count) for count in range(len(frames))]
        captures += [cut_end(frames, count) for count in range(len(frames))]
        captures += [drop(frames, Random(seed), share=0.2) for seed in range(20)]
        captures += [cut_middle(frames, Random(seed), count=4) for seed in range(10)]
        captures += [snap(frames, length) for length in range(60, 200, 10)]
        for capture in captures:
            assert mine(accused(capture)) == []


def test_after_a_loss_an_exchange_is_judged_again_from_its_next_request_on() -> None:
    """A text exchange that begins after the hole is whole."""
    talk = Talk().open(discovery=True)
    before = len(talk.frames)
    talk.discover()
    talk.text({"SendTargets": "nobody"}, {})
    frames = talk.frames
    assert findings_of([*frames[:before], *frames[before + 1 :]]) == ["sendtargets-value-invalid"]


def test_bulk_traffic_is_not_watched_once_the_first_command_was_seen() -> None:
    """A second login on the connection is noticed all the same."""
    talk = Talk().open()
    for _ in range(5):
        talk.read()
    talk.login_request({"InitiatorName": talk.initiator_name, "TargetName": talk.target_name})
    assert findings_of(talk) == ["login-after-ffp"]


def test_rubbish_in_a_login_ends_its_judgement() -> None:
    """A header that nobody may send means that the stream is not understood."""
    talk = example(KEYS + "talk.login_request(keys, transit=False)")
    talk.raw(T2I, Random(1).randbytes(48))
    talk.login_request()
    talk.login_response()
    assert mine(accused(talk)) == []
