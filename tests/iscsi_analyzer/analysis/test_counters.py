"""Counters count what went over the wire."""

from __future__ import annotations

from collections import Counter

from iscsi_analyzer.analysis.counters import PDUS
from tests.iscsi_analyzer.analysis.studies import sample, study
from tests.iscsi_analyzer.stores import every_kind
from tests.support.talk import I2T, Talk
from tests.support.talk_load import mixture


def test_pdus_and_octets_are_those_of_the_conversation() -> None:
    talk = mixture(8, pdus=500, data_digest=True, header_digest=True)
    (found,) = study(talk).counters
    truth = Counter(pdu.header[0] & 0x3F for pdu in talk.pdus)
    assert {name: getattr(found, name) for name, _ in PDUS} == {name: truth[opcode] for name, opcode in PDUS}
    assert found.txdata_octets == sum(pdu.size for pdu in talk.pdus if pdu.direction == I2T)
    assert found.rxdata_octets == sum(pdu.size for pdu in talk.pdus if pdu.direction != I2T)
    assert (found.digest_err, found.timeout_err, found.whole) == (0, 0, True)


def test_connections_of_one_session_count_together_and_sessions_apart() -> None:
    found = study(every_kind()).counters
    assert [counter.login_pdus for counter in found] == [4, 2, 1]
    assert [counter.async_pdus for counter in found] == [1, 0, 0]
    assert [counter.rjt_pdus for counter in found] == [1, 0, 0]


def test_wrong_digests_count_for_who_received_them() -> None:
    talk = Talk(data_digest=True).open()
    talk.data_in(talk.command(read=4096), 4096, status=0, data_digest="bad")
    talk.command(write=4096, data=bytes(4096), data_digest="bad")
    (found,) = study(talk).counters
    assert (found.digest_err, found.digest_err_at_target) == (1, 1)


def test_a_ping_without_an_answer_is_a_timeout() -> None:
    assert sample("m45").counters[0].timeout_err == 1
    assert sample("k24").counters[0].timeout_err == 0


def test_a_capture_that_begins_late_says_that_it_is_not_whole() -> None:
    assert not sample("f10").counters[0].whole
    assert sample("f01").counters[0].whole
