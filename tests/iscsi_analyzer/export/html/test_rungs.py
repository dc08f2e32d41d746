"""Ladders draw every rung once, in order, with arrows that point where the PDU went."""

from __future__ import annotations

import pytest

from iscsi_analyzer.analysis.facts import Facts
from iscsi_analyzer.export.html import rungs
from iscsi_analyzer.export.ladder import Ladder, ladder_of_pdus, ladder_of_sessions, ladder_of_task
from tests.iscsi_analyzer.export.html.pages import Node, read, sample


def facts(name: str) -> Facts:
    return Facts(sample(name).store)


def lines(node: Node) -> list[Node]:
    return [each for each in node.all("li") if each.attributes["class"] != "rung wait"]


def drawn(found: Ladder) -> Node:
    return read(rungs.ladder(found))


@pytest.mark.parametrize("task", [3, 39, 163])
def test_every_rung_is_there_in_its_order(task: int) -> None:
    found = ladder_of_task(facts("k24"), task)
    names = [next(line.all("b")).text for line in lines(drawn(found))]
    assert names == [found.rung(place).name for place in range(len(found))]


def test_an_arrow_points_to_the_receiver() -> None:
    asked, answered = lines(drawn(ladder_of_task(facts("k24"), 39)))
    tips = [next(line.all("svg", class_="loose")).attributes["x"] for line in (asked, answered)]
    assert float(tips[0][:-1]) > 50 > float(tips[1][:-1])
    assert ["(initiator to target)" in asked.text, "(target to initiator)" in answered.text] == [True, True]


def test_a_long_wait_is_drawn_as_one() -> None:
    found = drawn(ladder_of_task(facts("k24"), 163))
    assert [node.text for node in found.all("span", class_="pause")] == ["9.72 s later", "15.1 s later"]


def test_of_a_long_ladder_the_middle_is_left_out_and_counted() -> None:
    whole = ladder_of_sessions(facts("k24"), [1])
    found = drawn(whole)
    assert len(lines(found)) == rungs.HEAD + rungs.TAIL
    assert rungs.left_out(whole) == len(whole) - len(lines(found))
    assert f"{rungs.left_out(whole)} lines left out" in found.text


def test_connections_have_lanes_of_their_own_as_long_as_there_is_room() -> None:
    two = drawn(ladder_of_sessions(facts("k20"), [1]))
    assert len(list(two.all("span", class_="sides"))) == 2
    many = ladder_of_pdus(facts("b01"), range(1, 12), "")
    assert len(many.lanes) > rungs.MOST_LANES
    together = drawn(many)
    assert len(list(together.all("span", class_="sides"))) == 1
    assert "connection 3, " in together.text


def test_a_rule_that_a_pdu_breaks_stands_beside_it() -> None:
    (line,) = lines(drawn(ladder_of_pdus(facts("b01"), [1], "")))
    assert next(line.all("span", class_="finding error")).text == "error login-version-nonzero"


def test_an_empty_ladder_is_empty() -> None:
    assert lines(drawn(ladder_of_pdus(facts("k24"), [], ""))) == []
