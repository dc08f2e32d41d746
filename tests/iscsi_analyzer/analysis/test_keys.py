"""What is in force on each connection, and that the first pass agrees where it knows it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

import iscsi_analyzer
from iscsi_analyzer.analysis.facts import Facts
from iscsi_analyzer.analysis.keys import ConnectionKeys, connection_keys
from iscsi_analyzer.model.limits import UNKNOWN, Limits
from tests.iscsi_analyzer.analysis.studies import sample, study
from tests.support.samples import captures
from tests.support.talk import Talk

SAME = {
    "initiator_max_recv": "initiator_max_recv_data_segment_length",
    "target_max_recv": "target_max_recv_data_segment_length",
    "max_burst": "max_burst_length",
    "first_burst": "first_burst_length",
    "initial_r2t": "initial_r2t",
    "immediate_data": "immediate_data",
    "max_outstanding_r2t": "max_outstanding_r2t",
    "data_pdu_in_order": "data_pdu_in_order",
    "data_sequence_in_order": "data_sequence_in_order",
    "error_recovery_level": "error_recovery_level",
    "max_connections": "max_connections",
    "protocol_level": "protocol_level",
    "time2wait": "default_time2wait",
    "time2retain": "default_time2retain",
}


@cache
def keys(path: Path) -> list[tuple[ConnectionKeys, Limits]]:
    """The negotiations of a capture, beside the limits of the first pass."""
    with iscsi_analyzer.analyse(path) as analysis:
        facts = Facts(analysis.store)
        return [(each, facts.followers[each.connection - 1].limits) for each in connection_keys(facts)]


@pytest.mark.parametrize(
    "path", [path for path in captures() if path.stat().st_size < 60_000], ids=lambda path: path.name
)
def test_the_first_pass_knows_nothing_else(path: Path) -> None:
    for found, limits in keys(path):
        later = {state.key for state in found.states if state.full_feature and state.result is not None}
        for name, mine in SAME.items():
            value = getattr(found.in_force, mine)
            if getattr(limits, name) != UNKNOWN and value is not None and found.negotiation.complete:
                assert getattr(limits, name) == int(value) or "MaxRecvDataSegmentLength" in later, mine


def test_values_are_numbers_and_booleans() -> None:
    talk = Talk(initial_r2t=False, max_burst_length=65536, data_digest=True).open()
    talk.close()
    found = study(talk).keys[0].in_force
    assert (found.initial_r2t, found.immediate_data, found.max_burst_length) == (False, True, 65536)
    assert (found.header_digest, found.data_digest, found.digests_inferred) == ("None", "CRC32C", False)


def test_a_connection_that_joins_inherits_from_the_leading_one() -> None:
    first, second = sample("k20").keys
    assert (first.leading, second.leading) == (0, 1)
    assert second.in_force.max_burst_length == first.in_force.max_burst_length == 262144
    assert second.negotiation.joined and not first.negotiation.joined


def test_without_a_login_only_the_digests_may_be_known() -> None:
    found = sample("f10").keys[0].in_force
    assert found.max_burst_length is None and found.initial_r2t is None
    assert (found.header_digest, found.digests_inferred) == ("None", True)


def test_login_pdus_are_listed_with_their_stages() -> None:
    pdus = sample("u08").keys[0].login_pdus
    assert [(pdu.to_target, pdu.stage, pdu.status) for pdu in pdus] == [
        (True, 0, -1),
        (False, 0, 0),
        (True, 0, -1),
        (False, 0, 0),
        (True, 0, -1),
        (False, 0, 0x0201),
    ]


def test_keys_over_several_pdus_are_one_negotiation() -> None:
    talk = Talk()
    talk.handshake()
    names = {"InitiatorName": "iqn.a", "TargetName": "iqn.b"}
    talk.login_request(b"InitiatorName=iqn.a\0TargetName=iqn.b\0MaxBurst", more=True, transit=False)
    talk.login_response(transit=False)
    talk.login_request(b"Length=65536\0")
    talk.login_response({"MaxBurstLength": "32768"})
    talk.digests = True
    found = study(talk).keys[0]
    state = found.negotiation.state("MaxBurstLength")
    assert state is not None
    assert (state.offered, state.offered_pdu, state.answered_pdu, state.result) == ("65536", 3, 4, "32768")
    assert found.negotiation.result("InitiatorName") == names["InitiatorName"]
