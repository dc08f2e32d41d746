"""Every sample yields exactly what its expectation says, and a clean one nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from iscsi_analyzer.run import Analysis
from iscsi_analyzer.store import rows
from tests.golden.samples import EXACT, INEXACT, SAMPLES, analysed, damaged, expected, paths, said
from tests.mangling.analysed import Told, tasks_of


@pytest.fixture
def analysis(name: str) -> Iterator[Analysis]:
    with analysed(paths(name)) as found:
        yield found


def expectation(name: str, keys: set[str]) -> dict[str, object]:
    return {key: value for key, value in expected()[name].items() if key in keys}


@pytest.mark.parametrize("name", EXACT)
def test_an_exact_sample_yields_what_was_counted(name: str, analysis: Analysis) -> None:
    """PDUs by opcode, statuses, digests, connections, gaps: all as tshark's streams have them, on whatever port."""
    found = said(analysis)
    wanted = expectation(name, set(found))
    assert {key: found[key] for key in wanted} == wanted


@pytest.mark.parametrize("name", [name for name in EXACT if expected()[name].get("gaps") == 0])
def test_a_whole_sample_loses_nothing(name: str, analysis: Analysis) -> None:
    """No gap, nothing skipped, no PDU that is cut or odd, no trouble with the file."""
    store = analysis.store
    assert [(loss.kind, loss.connection, loss.length, loss.frame) for loss in store.losses] == []
    assert damaged(store) == []
    assert analysis.problems == []
    assert sum(connection.held_back == 0 for connection in analysis.engine.others) == len(analysis.engine.others)


@pytest.mark.parametrize("name", INEXACT)
def test_an_inexact_sample_yields_at_least_what_was_counted(name: str, analysis: Analysis) -> None:
    found, entry = said(analysis), expected()[name]
    assert found["frames"] == entry["frames"]
    assert entry["total"] <= found["total"] <= entry.get("at_most", found["total"])
    assert Counter(entry["pdus"]) <= Counter(found["pdus"])
    for name_, status in entry["scsi_status"].items():
        assert Counter(status) <= Counter(found["scsi_status"][name_])
    assert found["data_digest"] == entry["data_digest"]
    assert found["header_digest"] == entry["header_digest"]


@pytest.mark.parametrize("name", EXACT)
def test_every_answered_command_is_paired_with_its_answer(name: str, analysis: Analysis) -> None:
    """Each status of the sample ends one task whose request is the command with that tag."""
    store = analysis.store
    answered = [task for task in tasks_of(analysis.engine) if task.kind == "scsi" and task.outcome == "answered"]
    statuses = Counter(task.status for task in answered if task.response == 0)
    wanted: Counter[int] = Counter()
    for status in expected()[name]["scsi_status"].values():
        wanted.update({int(word, 16): count for word, count in status.items()})
    # A target that sends a status once more (SNACK) ends no second task.
    late = sum(session.late for session in analysis.engine.listener.sessions.sessions)
    assert statuses <= wanted and (wanted - statuses).total() <= late
    assert late == 0 or "snack" in name
    for task in answered:
        request, answer = store.row(task.request), store.row(task.answer)
        assert request.opcode == 0x01 and request.to_target and not answer.to_target
        assert int.from_bytes(request.header[16:20], "big") == task.tag == int.from_bytes(answer.header[16:20], "big")
        assert request.time_first <= answer.time_last
        assert answer.request == task.request


@pytest.mark.parametrize("name", EXACT)
def test_every_pdu_that_answers_knows_what_asked_for_it(name: str, analysis: Analysis) -> None:
    """Data, R2Ts and responses name the PDU that carries the same tag; the capture has it, as these are whole."""
    store = analysis.store
    for number, row in enumerate(store.rows(), 1):
        tag = row.header[16:20]
        if row.opcode in (0x05, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x31) or (
            row.opcode == 0x20 and tag != b"\xff" * 4
        ):
            assert 0 < row.request < number, (number, hex(row.opcode))
            assert store.row(row.request).header[16:20] == tag


@pytest.mark.parametrize("name", EXACT)
def test_a_pdu_ends_no_earlier_than_it_begins(name: str, analysis: Analysis) -> None:
    """Its first and last frame are the frames that hold its bytes, and its times lie within the capture."""
    engine = analysis.engine
    for row in analysis.store.rows():
        frames = analysis.store.frames(row)
        assert row.frame_first in frames and row.frame_last == frames[-1]
        assert engine.first_ts <= row.time_first <= row.time_last <= engine.last_ts


def test_every_sample_is_expected() -> None:
    """A capture without an expectation proves nothing."""
    files = {path.name for path in SAMPLES.iterdir() if ".pcap" in path.name}
    assert files - set(expected()) == set()


@pytest.mark.parametrize("name", ["f02_snaplen96.pcap.zst"])
def test_thirty_bytes_of_a_header_are_a_pdu(name: str, analysis: Analysis) -> None:
    """Cut at 96 bytes a frame, every PDU is there, with what was captured of it and marked as cut."""
    store = analysis.store
    assert len(store) == 66
    for number, row in enumerate(store.rows(), 1):
        raw = store.raw(row)
        assert raw[: row.header_captured] == row.header[: row.header_captured]
        assert row.header_captured in (30, 48)
        assert row.flags & rows.FLAG_CUT and not any(row.header[row.header_captured :])
        assert row.data_captured <= row.data_segment_length
        if not row.data_captured:
            assert store.data(number) == b""
    assert not store.losses, "what the snap length cut is no gap"
    answered = [task for task in tasks_of(analysis.engine) if task.outcome == "answered"]
    assert Counter(task.kind for task in answered) == {"scsi": 15, "login": 1, "logout": 1}


@pytest.mark.parametrize("name", ["f44_one_direction_only.pcap.zst"])
def test_one_direction_is_enough(name: str, analysis: Analysis) -> None:
    """What the target said is there without the questions, and no task pretends to know them."""
    assert {row.to_target for row in analysis.store.rows()} == {False}
    tasks = tasks_of(analysis.engine)
    assert tasks and {task.outcome for task in tasks} == {"answer without request"}
    assert {task.request for task in tasks} == {0}


@pytest.mark.parametrize("name", ["f41_drop_2pct.pcap.zst"])
def test_a_missing_frame_costs_what_it_held(name: str, analysis: Analysis) -> None:
    """One SCSI Command is missing: a gap of 48 bytes, and its answer has no request."""
    store = analysis.store
    assert [(loss.kind, loss.length) for loss in store.losses] == [("gap", 48)]
    without = [task for task in tasks_of(analysis.engine) if task.outcome == "answer without request"]
    assert len(without) == 1 and without[0].kind == "scsi"


@pytest.mark.parametrize("name", ["f43_every_5th_duplicated.pcap.zst", "f13_two_interfaces_dup.pcapng.zst"])
def test_frames_that_were_captured_twice_are_counted_as_such(name: str, analysis: Analysis) -> None:
    """They are no retransmissions: the hosts sent them once."""
    halves = [half for connection in analysis.store.connections for half in (connection.first, connection.second)]
    assert sum(half.duplicates for half in halves) > 10
    assert sum(half.retransmitted + half.out_of_order + half.conflicts for half in halves) == 0


@pytest.mark.parametrize("name", ["k46_netem_loss3.pcap.zst"])
def test_what_tcp_sent_again_is_counted_as_such(name: str, analysis: Analysis) -> None:
    halves = [half for connection in analysis.store.connections for half in (connection.first, connection.second)]
    assert sum(half.retransmitted + half.out_of_order for half in halves) > 20
    assert sum(half.duplicates + half.conflicts for half in halves) == 0


@pytest.mark.parametrize("name", ["b01_badpdu_tgtd.pcap.zst"])
def test_odd_pdus_are_visible(name: str, analysis: Analysis) -> None:
    """A response by the initiator, a reserved opcode, a lying length, noise: each is a row or a counted run; HTTP is
    no iSCSI."""
    store = analysis.store
    assert len(store) == expected()[name]["total"] + 4
    odd = [row for row in store.rows() if row.flags & rows.FLAG_ODD]
    assert (0x21, True) in {(row.opcode, row.to_target) for row in odd}
    assert any(row.opcode == 0x1E for row in store.rows())
    short = [row for row in store.rows() if row.flags & rows.FLAG_UNFINISHED and row.data_segment_length > 1 << 20]
    assert [(row.opcode, row.data_captured) for row in short] == [(0x01, 0)]
    noise = sum(loss.length for loss in store.losses if loss.kind == "skipped") + 48
    assert noise == 1024
    others = analysis.engine.others
    assert len(store.connections) + len([other for other in others if other.held_back]) == 37
    assert [bytes(other.first.sign[:4]) for other in others if other.held_back] == [b"GET "]


@pytest.mark.parametrize(
    "name",
    [
        "k10_data_digest.pcap.zst",
        "k76_data_digest_error_dataout.pcap.zst",
        "k84_erl2_snack_and_digest_recovery.pcap.zst",
        "m23_bad_data_digest.pcap",
        "m24_bad_header_digest.pcap",
    ],
)
def test_digests_are_verified_by_what_the_login_said(name: str, analysis: Analysis) -> None:
    """No digest is inferred where the negotiation was seen, and the bad ones are found, one by one."""
    entry = expected()[name]
    assert not any(row.flags & rows.FLAG_INFERRED for row in analysis.store.rows())
    bad = [row for row in analysis.store.rows() if "bad" in (row.header_digest, row.data_digest)]
    assert len(bad) == entry["header_digest"]["bad"] + entry.get("data_digest", {"bad": 0})["bad"]
    unknown = [row for row in analysis.store.rows() if "unknown" in (row.header_digest, row.data_digest)]
    assert len(unknown) == entry["header_digest"]["bad"], "behind a bad header nothing is verified"


@pytest.mark.parametrize(
    "name",
    ["f20_gzip.pcap.gz", "f40_big_endian.pcap.zst", "f42_swapped_order.pcap.zst", "f43_every_5th_duplicated.pcap.zst"],
)
def test_one_conversation_in_many_formats_is_one_conversation(name: str, analysis: Analysis) -> None:
    """These hold the frames of f01 in other files, in another order, or some of them twice."""
    with analysed([SAMPLES / "f01_plain.pcap.zst"]) as plain:
        first = [(row.to_target, row.header) for row in plain.store.rows()]
        tasks = tasks_of(plain.engine)
    assert sorted((row.to_target, row.header) for row in analysis.store.rows()) == sorted(first)
    assert sorted(map(without_numbers, tasks_of(analysis.engine))) == sorted(map(without_numbers, tasks))


def without_numbers(task: Told) -> tuple[object, ...]:
    """The task without the numbers of PDUs, which depend on the order of frames."""
    return (task.kind, task.outcome, *task[5:20])
