"""A problem is said in one line, and a file full of problems does not fill the memory."""

from __future__ import annotations

from iscsi_analyzer.sources.problems import KEPT_PER_FILE, ProblemLog, SourceError, SourceProblem


def test_a_problem_is_one_line_with_place_and_remedy() -> None:
    assert str(SourceProblem("x.pcap", 12, "it is broken", "mend it")) == "x.pcap: offset 12: it is broken (mend it)"
    assert str(SourceProblem("x.pcap", -1, "it is broken")) == "x.pcap: it is broken"
    assert str(SourceProblem("-", 0, "it is broken")) == "standard input: offset 0: it is broken"


def test_no_name_can_break_the_line_or_the_terminal() -> None:
    line = str(SourceProblem("a\nb\x1b[2J\udcff.pcap", -1, "is bad"))
    assert line == r"a\nb\x1b[2J\udcff.pcap: is bad"
    assert line.isprintable()


def test_the_error_says_what_the_problem_says() -> None:
    problem = SourceProblem("x", 1, "y")
    error = SourceError(problem)
    assert str(error) == str(problem)
    assert error.problems == [problem]


def test_problems_of_one_file_are_counted_beyond_a_bound() -> None:
    log = ProblemLog()
    for i in range(KEPT_PER_FILE + 7):
        log.add(SourceProblem("bad", i, "again"))
    log.add(SourceProblem("other", 0, "once"))
    log.close("bad")
    log.close("other")
    log.close("bad")
    assert len(log.problems) == KEPT_PER_FILE + 2
    assert str(log.problems[-1]) == "bad: 7 more problems of this file are not listed"
