"""A negotiated value is remarked upon where tasks show that it hurts, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest

from iscsi_analyzer.analysis.remarks import Remark
from tests.iscsi_analyzer.analysis.studies import sample, study
from tests.support.talk import Talk
from tests.support.talk_load import mixture


def writes(number: int, length: int = 8192, wait: float = 0.002, **terms: Any) -> list[Remark]:
    """Remarks on so many writes whose R2Ts keep them waiting."""
    talk = Talk(**terms).open()
    for lba in range(number):
        task = talk.start_write(length, lba=lba)
        while task.written < length:
            talk.wait(wait)
            talk.solicit(task)
        talk.response(task)
    talk.close()
    return study(talk).remarks


def test_small_writes_that_may_not_send_unasked_and_wait_for_it() -> None:
    (remark,) = writes(12, immediate_data=False)
    assert (remark.key, remark.value, remark.count) == ("ImmediateData", "No", 12)
    assert "12 writes of up to 64 KiB waited for an R2T, 2" in remark.words
    assert "no data may come unasked (InitialR2T=Yes, ImmediateData=No)" in remark.words


def test_immediate_data_that_is_too_small_is_told_by_its_limit() -> None:
    (remark,) = writes(12, target_max_recv_data_segment_length=4096)
    assert (remark.key, remark.by) == ("InitialR2T", "initiator")
    assert "only 4,096 bytes may come with the command" in remark.words


def test_writes_that_do_not_wait_long_are_not_remarked_upon() -> None:
    assert writes(12, immediate_data=False, wait=0) == []


def test_few_writes_are_not_remarked_upon() -> None:
    assert writes(5, immediate_data=False) == []


def test_immediate_data_that_is_not_made_use_of_is_told() -> None:
    (remark,) = sample("k20").remarks
    assert remark.key == "ImmediateData"
    assert "immediate data of up to 262,144 bytes was allowed, the initiator sent none" in remark.words


def test_many_bursts_for_one_write() -> None:
    found = writes(12, 65536, max_burst_length=8192, first_burst_length=8192, wait=0.001)
    remark = next(each for each in found if each.key == "MaxBurstLength")
    assert "12 writes needed 7 R2Ts each (MaxBurstLength=8192, MaxOutstandingR2T=1)" in remark.words


def test_large_transfers_in_small_segments() -> None:
    talk = Talk(initiator_max_recv_data_segment_length=512).open()
    for lba in range(10):
        talk.read(16384, lba=lba)
    talk.close()
    (remark,) = study(talk).remarks
    assert (remark.key, remark.value, remark.by) == ("MaxRecvDataSegmentLength", "512", "initiator")
    assert "10 reads of 16 KiB and more took 33 PDUs each" in remark.words


def test_a_window_that_is_often_used_up() -> None:
    talk = Talk()
    talk.session.queue_depth = 2
    talk.open()
    talk.ping(b"")
    for _ in range(5):
        with talk.deaf("I2T"):
            tasks = [talk.command(), talk.command()]
        talk.wait(0.01)
        for task in tasks:
            talk.response(task)
    talk.close()
    (remark,) = study(talk).remarks
    assert (remark.key, remark.by, remark.count) == ("MaxCmdSN", "target", 5)
    assert "used up 5 times" in remark.words and "window of 2" in remark.words


def test_a_digest_in_a_discovery_session() -> None:
    talk = Talk(header_digest=True)
    talk.handshake()
    talk.login(discovery=True)
    talk.discover(("iqn.a", "192.0.2.7:3260,1"))
    talk.close()
    assert [remark.words for remark in study(talk).remarks] == ["HeaderDigest is on in a discovery session"]


def test_keys_that_are_against_the_table_are_told_together() -> None:
    remarks = sample("v05").remarks
    assert len(remarks) == 2
    assert remarks[0].words.endswith("MaxRecvDataSegmentLength=262144: declared more than once")
    assert remarks[1].words.endswith("DataSequenceInOrder=Yes: offered again after it was settled")


@pytest.mark.parametrize("seed", range(3))
def test_a_healthy_conversation_has_no_remarks(seed: int) -> None:
    assert study(mixture(seed, pdus=400)).remarks == []
