"""A document reads in a thread of its own; who looks at everything sees whole steps only, and nobody waits for long."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from iscsi_analyzer.run import Analysis
from tests.tui.screen_text import sample
from tui.document import Document, Progress, State, title_of

K34 = sample("k34")


def read(path: Path) -> Document:
    document = Document(Analysis([path]))
    document.start()
    assert document.wait(30)
    return document


def test_what_the_writer_reads_is_what_an_analysis_reads() -> None:
    document = read(K34)
    with Analysis([K34]) as analysis:
        analysis.run()
        assert len(document.store) == len(analysis.store) > 0
    assert document.state is State.FINISHED
    assert document.finished
    assert document.error == ""
    assert document.progress.share == 1.0
    document.close()


def test_the_study_is_one_object_until_more_was_read() -> None:
    document = read(K34)
    with document.reading() as first:
        sessions = first.sessions
    with document.reading() as second:
        assert second is first
        assert second.sessions is sessions
    document.generation += 1
    with document.reading() as third:
        assert third is not first
    document.close()


def test_the_writer_waits_while_somebody_reads_and_goes_on_afterwards() -> None:
    document = Document(Analysis([K34]))
    with document.reading():
        document.start()
        assert not document.wait(0.05)
        assert len(document.store) == 0
    assert document.wait(30)
    assert len(document.store) > 0
    document.close()


def test_only_one_reader_is_let_in_at_a_time() -> None:
    document = read(K34)
    inside = 0
    most = 0

    def look() -> None:
        nonlocal inside, most
        for _ in range(50):
            with document.reading():
                inside += 1
                most = max(most, inside)
                inside -= 1

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
    document.close()


def test_a_paused_document_reads_nothing_until_it_goes_on() -> None:
    document = Document(Analysis([K34]))
    document.pause()
    document.start()
    assert document.state is State.PAUSED
    assert not document.wait(0.05)
    document.resume()
    assert document.wait(30)
    assert document.state is State.FINISHED
    document.close()


def test_a_paused_document_can_be_closed() -> None:
    document = Document(Analysis([K34]))
    document.pause()
    document.start()
    document.close()
    assert not document.finished


def test_a_followed_file_shows_what_is_appended(tmp_path: Path) -> None:
    whole = sample("k01").read_bytes()
    path = tmp_path / "growing.pcap"
    path.write_bytes(whole[:1000])
    document = Document(Analysis([path], follow=True), follow=True)
    document.start()
    with path.open("ab") as file:
        file.write(whole[1000:])
    with Analysis([sample("k01")]) as analysis:
        analysis.run()
        for _ in range(200):
            if len(document.store) == len(analysis.store):
                break
            assert not document.wait(0.05)
        assert document.state in (State.FOLLOWING, State.LOADING)
        document.stop()
        assert document.wait(30)
        assert len(document.store) == len(analysis.store)
        assert not document.stopped
    document.close()


def test_a_reading_that_was_stopped_says_so() -> None:
    document = Document(Analysis([K34]))
    document.pause()
    document.start()
    document.stop()
    assert document.wait(30)
    assert document.stopped
    assert any("stopped" in remark for remark in document.remarks)
    document.close()


def test_what_is_wrong_with_the_input_is_told(tmp_path: Path) -> None:
    path = tmp_path / "cut.pcap"
    path.write_bytes(sample("k01").read_bytes()[:-7])
    document = read(path)
    assert "cut" in document.error
    assert document.error.startswith("cut.pcap: ")
    assert str(path) in document.problems[0].text
    document.close()


def test_a_mistake_of_the_program_is_kept_and_ends_the_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    analysis = Analysis([K34])

    def broken() -> bool:
        raise ArithmeticError("two and two")

    monkeypatch.setattr(analysis, "step", broken)
    document = Document(analysis)
    document.start()
    assert document.wait(30)
    assert document.state is State.FAILED
    assert isinstance(document.failure, ArithmeticError)
    assert "two and two" in document.error
    document.close()


def test_closing_calls_back_once(tmp_path: Path) -> None:
    calls: list[int] = []
    path = tmp_path / "a.pcap"
    shutil.copy(sample("k01"), path)
    document = Document(Analysis([path]), on_close=lambda: calls.append(1))
    document.start()
    document.close()
    document.close()
    assert calls == [1]


def test_remarks_name_what_a_capture_lacks() -> None:
    document = read(sample("f10_mid"))
    assert any("mid-session" in remark for remark in document.remarks)
    document.close()
    document = read(sample("f41"))
    assert any("gap" in remark for remark in document.remarks)
    document.close()


def test_progress_knows_speed_and_what_is_left_if_there_is_a_total() -> None:
    progress = Progress(done=250, total=1000, pdus=3, seconds=0.5)
    assert (progress.share, progress.speed, progress.eta) == (0.25, 500.0, 1.5)
    endless = Progress(done=250, total=None, pdus=3, seconds=0.5)
    assert (endless.share, endless.eta) == (None, None)
    assert Progress(0, 1000, 0, 0.0).eta is None


@pytest.mark.parametrize(
    ("paths", "title"),
    [
        ([], ""),
        (["-"], "standard input"),
        (["/x/a.pcap"], "a.pcap"),
        (["/x/a.pcap", "b", "c"], "a.pcap and 2 more"),
    ],
)
def test_a_document_is_called_by_its_first_file(paths: list[str], title: str) -> None:
    assert title_of(paths) == title
