"""What other analyzers lose or pass over in silence (`support.talk_cases`), and what we deliver instead."""

from __future__ import annotations

from collections import Counter

import pytest

from iscsi_analyzer.store import rows
from tests.mangling.analysed import Analysed, Seen
from tests.support.talk_cases import CASES, Case
from tests.support.talk_pdu import COMMAND, I2T, T2I, Pdu

LOST = {"first_segments_only", "thirty_bytes_of_each_header"}


def said(case: Case) -> Counter[tuple[str, bytes]]:
    return Counter((pdu.direction, pdu.wire) for pdu in case.pdus)


def shown(seen: list[Seen]) -> Counter[tuple[str, bytes]]:
    return Counter((one.direction, one.raw) for one in seen)


@pytest.mark.parametrize("name", sorted(set(CASES) - LOST))
def test_every_pdu_is_shown_as_it_was_sent(name: str) -> None:
    case = CASES[name]()
    analysed = Analysed(case.frames)
    assert shown(analysed.seen) == said(case)
    assert analysed.store.losses == []


def one(name: str) -> tuple[Case, Analysed]:
    case = CASES[name]()
    return case, Analysed(case.frames)


def outcomes(analysed: Analysed, kind: str = "scsi") -> list[str]:
    return sorted(task.outcome for task in analysed.tasks if task.kind == kind)


def test_digests_are_right_when_the_first_segment_carries_two_commands() -> None:
    _, analysed = one("two_commands_in_the_first_segment")
    late = [each for each in analysed.seen if each.row.opcode not in (0x03, 0x23)]
    assert {each.row.header_digest for each in late} == {"ok"}
    assert {each.row.data_digest for each in late if each.row.data_segment_length} == {"ok"}
    assert outcomes(analysed) == ["answered"] * 6


def test_a_corrupt_first_header_digest_is_one_bad_digest() -> None:
    """And the digests stay on."""
    case, analysed = one("first_header_digest_is_corrupt")
    digests = [each.row.header_digest for each in analysed.seen if each.row.opcode not in (0x03, 0x23)]
    assert Counter(digests) == {"bad": 1, "ok": len(case.pdus) - 5}
    assert digests[0] == "bad"


def test_one_bad_data_digest_is_one_row() -> None:
    _, analysed = one("one_bad_data_digest")
    bad = [each for each in analysed.seen if each.row.data_digest == "bad"]
    assert len(bad) == 1 and bad[0].row.opcode == 0x25
    assert outcomes(analysed) == ["answered"] * 3


def test_half_a_megabyte_in_one_pdu_is_one_pdu() -> None:
    _, analysed = one("large_data_in")
    large = [each for each in analysed.seen if each.row.data_segment_length == 524288]
    assert len(large) == 1 and large[0].row.data_captured == 524288
    assert outcomes(analysed) == ["answered"]


def test_wrong_numbers_hide_no_task() -> None:
    """A tag used twice ends the first task as such; a response to nobody has no request."""
    _, analysed = one("numbers_out_of_order")
    assert Counter(outcomes(analysed)) == {
        "tag used again": 1,
        "answered": 1,
        "answer without request": 1,
        "unanswered at end of capture": 2,
    }
    again = next(task for task in analysed.tasks if task.outcome == "tag used again")
    assert again.tag == 7 and again.by > again.request and analysed.store.row(again.by).opcode == COMMAND
    assert analysed.engine.listener.sessions.sessions[0].late == 1


def test_odd_headers_are_pdus_and_marked_where_nobody_may_send_them() -> None:
    _, analysed = one("odd_headers")
    odd = [each for each in analysed.seen if each.odd]
    assert [(each.row.opcode, each.direction) for each in odd] == [(0x0C, I2T)]
    pings = [each for each in analysed.seen if each.row.opcode == 0x00]
    assert [each.row.header[16:20] for each in pings] == [bytes(4)]
    assert outcomes(analysed, "nop") == ["answered"]
    tmf = next(task for task in analysed.tasks if task.kind == "task-management")
    assert tmf.status == 7 and tmf.outcome == "answered"
    assert len(analysed.store.connections) == 2


def test_packets_that_changed_places_cost_nothing() -> None:
    _, analysed = one("neighbours_swapped")
    assert set(outcomes(analysed)) == {"answered"}
    connection = analysed.store.connections[0]
    assert connection.first.out_of_order + connection.second.out_of_order > 3


def test_the_first_segment_of_each_pdu_is_enough() -> None:
    """All PDUs and all tasks; the rest of the data is a gap."""
    case, analysed = one("first_segments_only")
    assert Counter((each.direction, each.row.header) for each in analysed.seen) == Counter(
        (pdu.direction, pdu.header) for pdu in case.pdus
    )
    assert set(outcomes(analysed)) == {"answered"}
    missing = sum(loss.length for loss in analysed.store.losses if loss.kind == "gap")
    assert missing == sum(len(pdu.data) for pdu in case.pdus) - sum(each.row.data_captured for each in analysed.seen)
    assert {each.damaged for each in analysed.seen if each.row.data_segment_length > 1448} == {True}


def test_a_reused_port_pair_starts_anew() -> None:
    """The digests of the normal session are not those of the discovery before it."""
    _, analysed = one("discovery_and_normal_over_one_pair")
    assert [login.discovery for login in analysed.store.logins] == [True, False]
    first, second = ([each for each in analysed.seen if each.row.connection == number] for number in (1, 2))
    assert {each.row.header_digest for each in first} == {"absent"}
    assert {each.row.header_digest for each in second if each.row.opcode not in (0x03, 0x23)} == {"ok"}


def test_a_digest_in_a_segment_of_its_own_is_a_digest() -> None:
    _, analysed = one("data_digest_in_its_own_segment")
    with_data = [each for each in analysed.seen if each.row.data_segment_length and each.row.opcode not in (3, 0x23)]
    assert with_data and {each.row.data_digest for each in with_data} == {"ok"}
    assert set(outcomes(analysed)) == {"answered"}


def test_inquiry_data_is_kept_as_far_as_it_goes() -> None:
    _, analysed = one("inquiry_cut_by_its_allocation_length")
    kept = [len(analysed.store.kept_data(each.number) or b"") for each in analysed.seen if each.row.opcode == 0x25]
    assert kept == [5, 17, 36]


def test_thirty_bytes_of_a_header_are_a_pdu_and_a_task() -> None:
    """Every PDU by its opcode, lengths, tags and CmdSN; every task paired."""
    case, analysed = one("thirty_bytes_of_each_header")
    assert Counter((each.direction, each.row.header[:30]) for each in analysed.seen) == Counter(
        (pdu.direction, pdu.header[:30]) for pdu in case.pdus
    )
    assert {each.row.header_captured for each in analysed.seen} == {30}
    assert set(outcomes(analysed)) == {"answered"}
    assert analysed.store.losses == []


def test_the_target_alone_is_understood() -> None:
    _, analysed = one("only_what_the_target_says")
    assert {each.direction for each in analysed.seen} == {T2I}
    assert set(outcomes(analysed)) == {"answer without request"}


def test_a_stalled_command_leaves_a_trace() -> None:
    """The command and the ABORT TASK have no answer until the connection is closed, and the times say how long that
    was."""
    _, analysed = one("stalled_and_aborted")
    assert outcomes(analysed) == ["answered", "answered", "unanswered at close"]
    assert outcomes(analysed, "task-management") == ["unanswered at close"]
    stalled = next(task for task in analysed.tasks if task.outcome != "answered" and task.kind == "scsi")
    connection = analysed.store.connections[stalled.connection - 1]
    assert connection.closed_with == "RST"
    assert connection.closed_ts - analysed.store.row(stalled.request).time_last > 29_000_000_000


def test_a_reject_is_one_pdu_and_ends_the_task_that_it_names() -> None:
    _, analysed = one("rejected")
    rejects = [each for each in analysed.seen if each.row.opcode == 0x3F]
    assert len(rejects) == 1
    kept = analysed.store.kept_data(rejects[0].number)
    assert kept is not None and kept[0] & 0x3F == 0x00 and len(kept) == 48
    assert outcomes(analysed, "nop") == ["rejected"]
    assert next(task for task in analysed.tasks if task.kind == "nop").answer == rejects[0].number


def test_keys_keep_their_commas() -> None:
    _, analysed = one("keys_with_commas")
    keys = {(pair.key, pair.value) for pair in analysed.store.logins[0].said if pair.to_target}
    assert {("HeaderDigest", "CRC32C,None"), ("X-com.example.list", "a,b,c")} <= keys


def test_the_rest_of_a_long_cdb_is_kept_beside_its_command() -> None:
    case, analysed = one("write_same_32")
    command = next(each for each in analysed.seen if each.row.opcode == COMMAND)
    truth: Pdu = next(pdu for pdu in case.pdus if pdu.opcode == COMMAND)
    assert analysed.store.ahs(command.number) == truth.ahs and len(truth.ahs) == 20
    assert analysed.store.data(command.number) == truth.data
    assert outcomes(analysed) == ["answered", "answered"]


def test_packets_that_were_captured_twice_are_duplicates() -> None:
    """Neither retransmissions nor PDUs of their own."""
    case, analysed = one("every_packet_twice")
    connection = analysed.store.connections[0]
    halves = (connection.first, connection.second)
    assert sum(half.duplicates for half in halves) == sum(half.segments for half in halves) > 60
    assert sum(half.retransmitted + half.out_of_order + half.conflicts for half in halves) == 0
    assert not any(each.row.flags & rows.FLAG_CUT for each in analysed.seen) and len(analysed.seen) == len(case.pdus)
