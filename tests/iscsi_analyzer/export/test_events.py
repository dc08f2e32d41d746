"""Everything that is worth a line becomes an event, once, whatever the pieces in which the capture comes."""

from __future__ import annotations

from pathlib import Path

import pytest

from iscsi_analyzer.export.event import BAD, Event
from iscsi_analyzer.export.events import Events
from iscsi_analyzer.export.events_text import event_line
from iscsi_analyzer.export.tables import Style
from iscsi_analyzer.run import Analysis
from tests.support.command import analysed
from tests.support.mangle import lossy
from tests.support.samples import captures, sample
from tests.support.talk import Talk
from tests.support.talk_capture import Frame, write_capture

MS = 1_000_000


def events_of(source: Talk | list[Frame] | Path, slow_ns: int = 50 * MS) -> list[Event]:
    events = Events(analysed(source).store, slow_ns)
    return [*events.more(), *events.end()]


def in_pieces(path: Path) -> list[Event]:
    """The events of a capture that comes in pieces of some kilobytes."""
    found: list[Event] = []
    with Analysis([path]) as analysis:
        analysis.capture._chunk_size = 1 << 12
        events = Events(analysis.store)
        while analysis.step():
            found += events.more()
        analysis.finish()
        return [*found, *events.more(), *events.end()]


def of_kind(found: list[Event], kind: str) -> list[str]:
    return [event.text for event in found if event.kind == kind]


def test_a_session_is_told_from_login_to_end() -> None:
    talk = Talk().open()
    talk.read()
    talk.close()
    found = events_of(talk)
    assert [event.kind for event in found] == ["login", "logout", "end"]
    assert " -> " in found[0].text
    assert found[1].text.startswith("close the session")
    assert "session 1 is over" in found[2].text
    assert {(event.session, event.connection) for event in found} == {(1, 1)}


def test_a_login_that_fails_is_told_with_its_status() -> None:
    [text] = of_kind(events_of(sample("m07_chap_wrong_password")), "login failed")
    assert text.endswith(": Authentication failure (0x0201)")


def test_tasks_are_slow_from_the_given_time_on() -> None:
    path = sample("k02_login_scan_logout")
    latencies = [task.latency_ns for task in _tasks(path) if task.latency_ns is not None and task.kind == "scsi"]
    limit = sorted(latencies)[-5]
    slow = [event for event in events_of(path, limit) if event.kind == "slow" or "took" in event.text]
    assert len([event for event in slow if event.kind in ("slow", "failed")]) == 5


def _tasks(path: Path) -> list:  # type: ignore[type-arg]
    from iscsi_analyzer.export.tasks import Tasks

    return list(Tasks(analysed(path).store).records())


def test_a_status_that_is_not_good_is_told_with_its_sense() -> None:
    [text, *_] = of_kind(events_of(sample("u03_login_inquiry")), "failed")
    assert text.startswith("TEST UNIT READY LUN 1: CHECK CONDITION, UNIT ATTENTION: POWER ON")


def test_task_management_is_told_when_it_is_asked_for_and_when_it_is_answered() -> None:
    found = of_kind(events_of(sample("m53_abort_task")), "management")
    assert found == ["ABORT TASK is asked for, LUN 1", "ABORT TASK: Task does not exist"]


def test_a_task_that_waits_is_told_once_and_before_it_is_over(tmp_path: Path) -> None:
    talk = Talk().open()
    talk.command(cdb=bytes.fromhex("28000000000000000800") + bytes(6), read=4096, lun=3)
    for _ in range(3):
        talk.wait(4)
        talk.ping()
    path = write_capture(tmp_path / "x.pcap", talk.frames)
    with Analysis([path]) as analysis:
        events = Events(analysis.store)
        while analysis.step():
            pass
        found = [*events.more(), *events.more()]
    [text] = of_kind(found, "waiting")
    assert text.startswith("READ(10) LUN 3 has had no answer for 12")


def test_a_task_that_waits_in_complete_silence_is_told_when_the_clock_is_known(tmp_path: Path) -> None:
    talk = Talk().open()
    talk.command(read=4096)
    path = write_capture(tmp_path / "x.pcap", talk.frames)
    with Analysis([path]) as analysis:
        events = Events(analysis.store)
        while analysis.step():
            pass
        now = int(analysis.engine.last_ts)
        assert of_kind(events.more(now + 1000 * MS), "waiting") == []
        [event] = events.more(now + 7000 * MS)
        assert event.text.endswith("has had no answer for 7 s")
        assert event.at_ns == now + 7000 * MS
        assert events.more(now + 9000 * MS) == []


def test_a_connection_that_ends_tells_what_it_leaves_unanswered() -> None:
    [first, _] = of_kind(events_of(sample("k24_kernel_abort_lunreset_recovery")), "end")
    assert "with 2 SCSI tasks outstanding" in first


def test_an_aborted_task_is_told() -> None:
    talk = Talk().open()
    task = talk.command(read=4096)
    talk.tmf(1, task)
    found = events_of(talk)
    assert any(text.endswith(": aborted") for text in of_kind(found, "failed"))


def test_what_the_target_rejects_and_announces_is_told() -> None:
    assert of_kind(events_of(sample("k84_erl2_snack_and_digest_recovery")), "reject")
    talk = Talk().open()
    talk.async_message(event=1)
    [text] = of_kind(events_of(talk), "async")
    assert "logout" in text.lower()


def test_a_finding_is_told_when_it_is_made_first() -> None:
    path = sample("m56_data_sn_wrong")
    found = [event for event in events_of(path) if event.kind == "finding"]
    findings = analysed(path).findings()
    assert findings
    assert len(found) == len(findings)
    assert {event.text.split()[1] for event in found} == {finding.rule for finding in findings}
    assert any(event.severity == BAD for event in found) == any(finding.severity == "error" for finding in findings)


def test_what_the_capture_lacks_is_a_gap_and_accuses_nobody() -> None:
    found = events_of(sample("f41_drop_2pct"))
    assert all(text.startswith("the capture lacks ") for text in of_kind(found, "gap"))
    assert of_kind(found, "gap")
    assert all(text.startswith("note ") for text in of_kind(found, "finding"))


def test_segments_that_are_sent_again_are_told_as_a_burst() -> None:
    found = of_kind(events_of(sample("k46_netem_loss3")), "retransmission")
    assert found
    assert all("segments again within" in text for text in found)


def test_a_connection_in_mid_session_is_told_as_such_unless_it_is_known() -> None:
    path = sample("f10_mid_session_no_login")
    store = analysed(path).store
    [event] = [event for event in Events(store).more() if event.kind == "connection"]
    assert event.text.startswith("in mid-session: ")
    ends = event.text.split(": ")[1].split(";")[0]
    again = Events(store, known={ends: "alice -> disk"})
    [event] = [event for event in again.more() if event.kind == "connection"]
    assert event.text == f"goes on: {ends}, alice -> disk"


def test_the_names_of_open_connections_can_be_carried_on() -> None:
    talk = Talk().open()
    store = analysed(talk).store
    events = Events(store)
    events.more()
    [(ends, names)] = events.names().items()
    assert ends.endswith(":3260")
    assert names == f"{store.sessions[0].initiator_name} -> {store.sessions[0].target_name}"


def test_a_clock_that_goes_back_is_told() -> None:
    talk = Talk().open()
    talk.read()
    cut = len(talk.frames)
    talk.read()
    hour = 3_600_000_000_000
    frames = [*talk.frames[:cut], *(frame._replace(ts_ns=frame.ts_ns - hour) for frame in talk.frames[cut:])]
    [text] = of_kind(events_of(frames), "clock")
    assert text.startswith("the clock of the capture went back by ")
    assert of_kind(events_of(talk), "clock") == []


@pytest.mark.parametrize("name", ["k02_login_scan_logout", "k24_kernel_abort_lunreset_recovery", "m57_target_killed"])
def test_the_events_are_the_same_in_whatever_pieces_the_capture_comes(name: str) -> None:
    """Apart from sums of storms and from tasks that wait, which are told when it is time for them."""

    def lasting(found: list[Event]) -> list[Event]:
        return sorted(event for event in found if event.kind != "waiting" and not event.text.startswith("..."))

    assert lasting(in_pieces(sample(name))) == lasting(events_of(sample(name)))


def test_every_sample_becomes_lines(tmp_path: Path) -> None:
    for path in captures():
        for event in events_of(path, MS):
            line = event_line(event, str, Style(False))
            assert line.isprintable()
            assert event.at_ns > 0


@pytest.mark.parametrize("seed", range(8))
def test_what_networks_and_captures_lose_breaks_nothing_and_accuses_nobody(seed: int) -> None:
    talk = Talk(data_digest=bool(seed % 2)).open()
    for lba in range(30):
        talk.read(lba=lba)
        talk.write(lba=lba)
    talk.close()
    found = events_of(lossy(seed)(talk.frames), 0)
    assert [event.text for event in found if event.kind == "finding" and event.severity == BAD] == []


def test_a_capture_without_anything_has_no_events(tmp_path: Path) -> None:
    assert events_of(write_capture(tmp_path / "x.pcap", [])) == []
