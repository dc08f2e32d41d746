"""The state of TCP stands there side by side, and who is to blame is said."""

from __future__ import annotations

from iscsi_analyzer.export.html.network import network
from tests.iscsi_analyzer.export.html.pages import heads, read, rows, subject


def test_every_side_of_every_connection_has_a_row() -> None:
    found = subject("k46")
    told = rows(read(network(found)), "TCP by connection and sender")
    assert [row[:2] for row in told] == [
        [str(health.connection), side.by] for health in found.report.tcp for side in health.sides
    ]


def test_losses_are_counted_as_the_report_does() -> None:
    found = subject("k46")
    body = read(network(found))
    at = heads(body, "TCP by connection and sender").index("lost")
    lost = [int(row[at].replace(",", "")) for row in rows(body, "TCP by connection and sender")]
    assert lost == [side.lost for health in found.report.tcp for side in health.sides]
    assert sum(lost) > 0


def test_tasks_that_were_hurt_stand_beside_those_that_were_not() -> None:
    found = subject("k46")
    told = rows(read(network(found)), "Tasks that were under way when something happened")
    hurt = [each for health in found.report.tcp for each in health.hurt]
    assert [row[1:5] for row in told] == [[each.event, each.by, f"{each.events:,}", f"{each.tasks:,}"] for each in hurt]


def test_a_healthy_network_is_acquitted() -> None:
    assert "TCP is not to blame" in read(network(subject("k24"))).text
    assert "TCP is not to blame" not in read(network(subject("k46"))).text
