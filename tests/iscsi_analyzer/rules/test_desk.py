"""A finding gathers every occurrence on its connection; storms are counted, not kept."""

from __future__ import annotations

from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.desk import (
    INITIATOR,
    MAX_FINDINGS,
    MAX_MARKS,
    MAX_PDUS,
    TARGET,
    Desk,
    sender,
)
from tests.iscsi_analyzer.rules.judging import desk_of
from tests.iscsi_analyzer.stores import store_of
from tests.support.talk import Talk


def found(desk: Desk, rule: str = "cmdsn-gap", party: str = INITIATOR, *, connection: int = 1, pdu: int = 5) -> None:
    desk.found(rule, party, 1, connection, pdu, {"pdu": pdu}, 3, 9)


def test_the_first_time_says_what_a_finding_is_about() -> None:
    desk = Desk()
    found(desk)
    desk.found("cmdsn-gap", INITIATOR, 1, 1, 8, {"pdu": 8}, 7, 10)
    (finding,) = desk.findings
    assert (finding.number, finding.count, finding.pdu, finding.pdus) == (1, 2, 5, [5, 8])
    assert (finding.facts, finding.related, finding.tag) == ({"pdu": 5}, [3], 9)


def test_rule_party_and_connection_make_a_finding() -> None:
    desk = Desk()
    for rule, party, connection in (
        ("a", INITIATOR, 1),
        ("a", INITIATOR, 1),
        ("a", INITIATOR, 2),
        ("a", TARGET, 1),
        ("b", TARGET, 1),
        ("b", TARGET, 11),
        ("b 1", TARGET, 1),
    ):
        found(desk, rule, party, connection=connection)
    assert [(each.rule, each.party, each.connection, each.count) for each in desk.findings] == [
        ("a", INITIATOR, 1, 2),
        ("a", INITIATOR, 2, 1),
        ("a", TARGET, 1, 1),
        ("b", TARGET, 1, 1),
        ("b", TARGET, 11, 1),
        ("b 1", TARGET, 1, 1),
    ]
    assert [each.number for each in desk.findings] == [1, 2, 3, 4, 5, 6]


def test_a_pdu_is_marked_once_with_each_of_its_findings() -> None:
    desk = Desk()
    found(desk, "a")
    found(desk, "a")
    found(desk, "b")
    found(desk, "a", pdu=6)
    assert desk.marks == {5: [0, 1], 6: [0]}
    assert desk.findings[0].pdus == [5, 6] and desk.findings[0].count == 3


def test_what_did_not_come_is_shown_by_no_pdu() -> None:
    desk = Desk()
    desk.found("ping-unanswered", TARGET, 1, 1, 0, {})
    (finding,) = desk.findings
    assert (finding.pdu, finding.pdus, finding.related, finding.tag, desk.marks) == (0, [], [], -1, {})


def test_of_a_storm_the_first_pdus_are_listed_and_all_are_counted() -> None:
    desk = Desk()
    for number in range(1, MAX_PDUS + 50):
        found(desk, pdu=number)
    (finding,) = desk.findings
    assert finding.count == MAX_PDUS + 49 and finding.pdus == list(range(1, MAX_PDUS + 1))
    assert len(desk.marks) == MAX_PDUS + 49, "and every one shows its finding"


def test_findings_beyond_a_number_are_counted_and_mark_nothing() -> None:
    desk = Desk()
    for number in range(MAX_FINDINGS + 3):
        found(desk, connection=number + 1, pdu=number + 1)
    assert (len(desk.findings), desk.dropped) == (MAX_FINDINGS, 3)
    assert len(desk.marks) == MAX_FINDINGS
    found(desk, connection=1, pdu=9)
    assert desk.findings[0].count == 2, "those that are there go on"


def test_marks_beyond_a_number_are_counted() -> None:
    """A PDU that has a mark still takes another."""
    desk = Desk()
    found(desk, pdu=1)
    desk.marks.update({number: [0] for number in range(2, MAX_MARKS + 1)})
    found(desk, "b", pdu=MAX_MARKS + 7)
    assert len(desk.marks) == MAX_MARKS and desk.unmarked == 1
    found(desk, "b", pdu=1)
    assert desk.marks[1] == [0, 1] and desk.unmarked == 1


def test_a_report_is_about_the_pdu_at_hand() -> None:
    """Its session, connection and task; the reserved tag is none."""
    follower = store_of(Talk().open().frames).followers[0]
    desk, look = Desk(), Look()
    look.number, look.tag = 4, 0xFFFFFFFF
    desk.report("a", TARGET, follower, look, {})
    look.tag = 77
    desk.report("b", TARGET, follower, look, {}, 2)
    assert [(each.session, each.connection, each.pdu, each.tag, each.related) for each in desk.findings] == [
        (1, 1, 4, -1, []),
        (1, 1, 4, 77, [2]),
    ]


def test_plug_ins_remember_anew_in_every_analysis() -> None:
    assert desk_of(Talk().open()).memory == {} and Desk().memory is not Desk().memory


def test_the_sender_of_a_pdu_is_a_party() -> None:
    look = Look()
    assert sender(look) == TARGET
    look.to_target = True
    assert sender(look) == INITIATOR
