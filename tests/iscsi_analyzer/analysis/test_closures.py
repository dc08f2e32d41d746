"""The times of a closed command window are those that the session counted while it was read."""

from __future__ import annotations

import numpy as np
import pytest

from iscsi_analyzer.analysis.closures import closures
from tests.iscsi_analyzer.analysis.studies import opened, study
from tests.support.samples import SAMPLES
from tests.support.talk import Talk
from tests.support.talk_session import Session

NAMES = [
    "b01_badpdu_tgtd.pcap.zst",
    "f41_drop_2pct.pcap.zst",
    "k20_mcs_two_connections.pcap.zst",
    "k24_kernel_abort_lunreset_recovery.pcap.zst",
    "k46_netem_loss3.pcap.zst",
    "m36_queue_depth_16.pcap.zst",
    "t01_tgt_iSCSIcmdsn_iSCSICmdSnTooHigh.pcap.zst",
]


@pytest.mark.parametrize("name", NAMES)
def test_they_are_as_many_and_as_long_as_the_session_counted(name: str) -> None:
    found = opened(SAMPLES / name)
    for load in found.load.sessions:
        begins, ends = closures(found.facts, load.session)
        spans = ends - begins
        assert (len(spans), int(spans.sum())) == (load.closures, load.closed_ns)
        assert int(spans.max(initial=0)) == load.longest_closure_ns
        assert (np.diff(begins) > 0).all()


def test_a_window_that_wraps_around_zero_is_not_used_up() -> None:
    talk = Talk(session=Session(cmd_sn=0xFFFFFFFE)).open()
    for _ in range(5):
        talk.response(talk.command())
    talk.close()
    found = study(talk)
    (load,) = found.load.sessions
    assert load.closures == len(closures(found.facts, load.session)[0]) == 0


def test_a_session_without_commands_has_none() -> None:
    talk = Talk()
    talk.handshake()
    talk.login_request({})
    found = study(talk)
    assert found.load.sessions
    assert all(len(closures(found.facts, each.session)[0]) == 0 for each in found.load.sessions)
