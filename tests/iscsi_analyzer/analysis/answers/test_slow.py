"""3. How long commands took, where the time went, and which ones were slow."""

from __future__ import annotations

import re

from tests.iscsi_analyzer.analysis.studies import lines, said, sample, study, worst
from tests.support.talk import Talk


def reads(waits: list[float], lun: int = 0) -> Talk:
    talk = Talk().open()
    for lba, wait in enumerate(waits):
        task = talk.command(read=4096, lba=lba, lun=lun)
        talk.wait(wait)
        talk.data_in(task, 4096, status=0)
    return talk


def test_all_tasks_and_where_their_time_went() -> None:
    found = study(reads([0.010] * 30))
    first, second, load = lines(found, 3)
    assert first.text.startswith("30 SCSI tasks: median 10")
    assert "p95" in first.text and "p99" not in first.text  # thirty values have no 99th percentile worth telling
    assert second.text == "where the time went: 100% waiting for the first data"
    assert load.text.startswith("load: ") and "1 task outstanding" in load.text
    assert worst(found, 3) == "info"


def test_a_task_that_took_much_longer_is_named_with_its_worst_phase() -> None:
    found = study(reads([0.001] * 20 + [2.5]))
    text = said(found, 3)
    assert "task 22, READ(10) of 4 KiB on LUN 0 at 0.02" in text or "READ(10) of 4 KiB on LUN 0" in text
    assert "2.5 s, of which 2.5 s waiting for the first data" in text
    assert worst(found, 3) == "look"
    assert worst(study(reads([11.0])), 3) == "bad"


def test_a_slow_unit_is_named() -> None:
    talk = reads([0.001] * 60)
    for lba in range(2):
        task = talk.command(read=4096, lba=lba, lun=7)
        talk.wait(0.5)
        talk.data_in(task, 4096, status=0)
    text = said(study(talk), 3)
    assert "LUN 7" in text


def test_operations_that_took_little_time_are_left_out() -> None:
    talk = reads([0.010] * 20)
    talk.response(talk.command())
    assert "TEST UNIT READY" not in said(study(talk), 3)


def test_tasks_that_cannot_be_measured_are_told_of() -> None:
    assert "2 SCSI tasks without command or status in the capture do not count here" in said(sample("k24"), 3)
    assert lines(sample("f44"), 3) == []


def test_writes_tell_who_waited_for_whom() -> None:
    text = said(sample("v05"), 3)
    assert "sending the data that an R2T asked for" in text


def test_how_much_went_on_is_told_where_it_is_worth_a_rate() -> None:
    text = said(sample("k46"), 3)
    assert re.search(r"load: [\d,.]+ SCSI tasks/s and [\d.]+ kB/s on average, at most [\d,]+/s for [\d.]+ ms at", text)
    assert re.search(r"up to \d+ tasks outstanding", text)
    assert "load:" not in said(sample("u14"), 3)
