"""Evidence is named by PDU and frame, and leads to a ladder where there is one."""

from __future__ import annotations

from iscsi_analyzer.export.formats import Part
from tests.iscsi_analyzer.export.html.pages import read, subject


def test_pdus_are_named_with_their_frames() -> None:
    found = subject("k24")
    assert read(found.proof([181, 182])).text == "PDUs 181 (frame 689), 182 (frame 691)"
    assert read(found.proof([181], tasks=[3])).text == "PDU 181 (frame 689) · task 3"


def test_what_is_not_there_proves_nothing() -> None:
    found = subject("k24")
    assert found.proof([0, 10**9]) is None
    assert found.proof() is None


def test_of_many_the_first_are_named() -> None:
    assert read(subject("k24").proof(frames=list(range(1, 2001)))).text == "frames 1, 2, 3, 4, 5, 6, …"


def test_a_task_with_a_ladder_is_a_link() -> None:
    found = subject("k24")
    found.drawn.add(7)
    (link,) = read(found.proof(tasks=[7, 8])).all("a")
    assert (link.attributes["href"], link.text) == ("#task-7", "7")


def test_times_are_as_fine_as_the_capture_is_short() -> None:
    long, short = subject("k24"), subject("k20")
    assert long.clock(long.facts.start + 1_234_567_890) == "1.234"
    assert short.clock(short.facts.start + 1_234_567) == "0.001234"


def test_the_report_is_about_the_part() -> None:
    found = subject("k24", Part(limits=("--session 1",)))
    assert found.report.limits == ["--session 1"]
