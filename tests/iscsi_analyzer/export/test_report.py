"""The report counts everything once and says what is missing."""

from __future__ import annotations

import pytest

from iscsi_analyzer.export.report import not_decoded, report
from iscsi_analyzer.export.report_record import ReportRecord
from tests.support.command import analysed
from tests.support.samples import SAMPLES, captures, expected
from tests.support.talk import I2T, Talk


def of(source: Talk | str) -> ReportRecord:
    analysis = analysed(source if isinstance(source, Talk) else SAMPLES / source)
    return report(analysis)


@pytest.mark.parametrize("capture", captures(), ids=lambda path: path.name.partition(".")[0])
def test_counts_of_a_sample_add_up(capture: object) -> None:
    found = report(analysed(capture))  # type: ignore[arg-type]
    assert sum(each.count for each in found.pdu_counts) == found.pdus
    sides = [side for each in found.connections for side in (each.initiator_to_target, each.target_to_initiator)]
    assert sum(side.pdus for side in sides) == found.pdus
    assert sum(each.count for each in found.logins) == len(found.connections)
    assert sum(each.frames for each in found.link_types) == found.frames
    for digests in (found.header_digests, found.data_digests):
        assert digests.ok + digests.bad + digests.unknown + digests.absent == found.pdus
    assert found.sessions == len({each.session for each in found.connections})


def test_the_input_is_told() -> None:
    found = of("f12_dumpcap.pcapng.zst")
    (file,) = found.files
    assert (file.format, file.compression, file.frames) == ("pcapng", "zstd", 133)
    assert file.interfaces[0].name == "lo"
    assert (file.interfaces[0].received, file.interfaces[0].dropped) == (133, 0)
    assert found.frames == found.tcp_frames == 133
    assert found.problems == []


def test_statuses_and_refused_logins_are_counted() -> None:
    found = of("u28_persistent_reservations_conflict.pcap.zst")
    assert "RESERVATION CONFLICT" in {each.scsi_status_name for each in found.scsi_statuses}
    refused = of("u08_chap_wrong_password.pcap")
    assert [each.outcome for each in refused.logins] == ["refused: Authentication failure (0x0201)"]


def test_a_target_failure_is_no_status() -> None:
    talk = Talk().open()
    talk.response(talk.command(), response=1)
    (status,) = of(talk).scsi_statuses
    assert (status.status, status.scsi_status_name) == (None, "Target failure (response 0x01)")


def test_losses_say_where_and_how_much() -> None:
    found = of("f41_drop_2pct.pcap.zst")
    assert found.losses
    assert {loss.kind for loss in found.losses} <= {"gap", "skipped"}
    assert all(loss.bytes > 0 and loss.connection == 1 for loss in found.losses)
    assert found.losses_not_listed == 0


def test_what_else_uses_the_port_is_told_with_an_example() -> None:
    found = of("b01_badpdu_tgtd.pcap.zst")
    assert {each.carries for each in found.others_on_iscsi_ports} == {"HTTP", "opened, nothing sent"}
    assert found.others_on_iscsi_ports[0].example[1].port == 3260
    assert found.other_connections == 2


def test_a_connection_elsewhere_is_counted_and_no_more() -> None:
    talk = Talk(target_port=8080)
    talk.handshake()
    talk.raw(I2T, b"GET / HTTP/1.0\r\n\r\n" + bytes(40))
    found = of(talk)
    assert (found.other_connections, found.others_on_iscsi_ports, found.pdus) == (1, [], 0)


def test_reasons_of_one_wording_are_counted_together() -> None:
    found = not_decoded({2 << 32: 5, 3 << 32 | 53: 7, 3 << 32 | 67: 1})
    assert [(each.reason, each.frames) for each in found] == [("IPv4 UDP", 8), ("ARP", 5)]


def test_a_capture_without_frames_has_no_times() -> None:
    found = report(analysed([]))
    assert (found.frames, found.time, found.time_last, found.duration_ns) == (0, None, None, 0)


def test_every_sample_is_expected() -> None:
    assert expected()


def test_the_report_has_what_was_measured() -> None:
    found = report(analysed(SAMPLES / "k24_kernel_abort_lunreset_recovery.pcap.zst"))
    assert found.latency is not None and found.load is not None
    assert found.latency.total.latency.count == sum(each.count for each in found.latency.total.latency.histogram) == 152
    assert sum(moment.completed for moment in found.load.moments) == 152
    assert [each.session for each in found.counters] == [1, 2]
    nothing = Talk()
    nothing.handshake()
    empty = report(analysed(nothing))
    assert (empty.latency, empty.load, empty.counters, empty.headlines) == (None, None, [], [])


def test_the_report_has_what_tcp_had_to_repair_and_who_paid_for_it() -> None:
    found = report(analysed(SAMPLES / "k46_netem_loss3.pcap.zst"))
    assert [(health.connection, health.clean) for health in found.tcp] == [(1, True), (2, False)]
    assert [side.by for side in found.tcp[1].sides] == ["initiator", "target"]
    assert sum(side.lost for side in found.tcp[1].sides) == 36
    assert any(hurt.tasks and hurt.p50_ns > hurt.others_p50_ns for hurt in found.tcp[1].hurt)
