"""Two sessions side by side: what differs first is said first, and what is the same is not made a difference."""

from __future__ import annotations

from iscsi_analyzer.compare.sessions import One, compare_sessions
from iscsi_analyzer.compare.sessions_record import SessionComparisonRecord
from tests.support.command import analysed
from tests.support.samples import sample
from tests.support.talk import Talk


def of_samples(first: str, number: int, second: str, other: int) -> SessionComparisonRecord:
    return compare_sessions(One(analysed(sample(first)), number), One(analysed(sample(second)), other))


def test_a_login_that_works_and_one_that_is_refused_part_at_the_answer_to_chap() -> None:
    record = of_samples("k04_chap_ok", 2, "k06_chap_wrong_password", 1)
    assert (record.a.login, record.b.login) == ("complete", "refused")
    assert record.first_difference == 5
    step = record.steps[5]
    assert (step.direction, step.b) == ("T2I", "Authentication failure (0x0201)")
    assert not any(each.differs for each in record.steps[:5])
    assert "did not: the target refused the login" in record.headlines[1].text
    assert record.headlines[1].severity == "bad"
    assert "the logins part at step 6, where the target says" in record.headlines[2].text


def test_swapping_mirrors() -> None:
    there = of_samples("k04_chap_ok", 2, "k06_chap_wrong_password", 1)
    back = of_samples("k06_chap_wrong_password", 1, "k04_chap_ok", 2)
    assert (there.a, there.b) == (back.b, back.a)
    assert [(each.a, each.b, each.differs) for each in there.steps] == [
        (each.b, each.a, each.differs) for each in back.steps
    ]
    assert {(each.key, each.by, each.differs) for each in there.keys} == {
        (each.key, each.by, each.differs) for each in back.keys
    }
    assert [(each.rule, each.a, each.b) for each in there.findings] == [
        (each.rule, each.b, each.a) for each in back.findings
    ]


def test_a_session_and_itself_do_not_differ() -> None:
    record = of_samples("k04_chap_ok", 2, "k04_chap_ok", 2)
    assert [each.severity for each in record.headlines] == ["ok"]
    assert record.first_difference is None
    assert not any(each.differs for each in record.keys)
    assert [each.a for each in record.pdus] == [each.b for each in record.pdus]


def test_what_is_in_force_otherwise_is_named() -> None:
    talk = Talk().open()
    talk.logout()
    other = talk.beside()
    other.open(answer={"ImmediateData": "No"})
    record_of = analysed(talk)
    record = compare_sessions(One(record_of, 1), One(record_of, 2))
    assert [each.key for each in record.keys if each.differs] == ["ImmediateData"]
    assert any(each.text == "in force is not the same: ImmediateData Yes in A, No in B" for each in record.headlines)
    assert record.first_difference is not None
    assert "says ImmediateData=Yes in A, ImmediateData=No in B" in " ".join(each.text for each in record.headlines)
    assert [(each.opcode_name, each.a, each.b) for each in record.pdus if each.a != each.b] == [
        ("Logout Request", 1, 0), ("Logout Response", 1, 0)
    ]  # fmt: skip
