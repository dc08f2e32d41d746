"""Logins are laid beside each other step by step; challenges and responses are no differences."""

from __future__ import annotations

from iscsi_analyzer.analysis.study import Study
from iscsi_analyzer.compare.login_steps import BY_NATURE, keys, steps
from tests.support.command import analysed
from tests.support.samples import sample


def test_what_differs_by_nature_does_not_differ() -> None:
    study = Study(analysed(sample("k04_chap_ok")).store)
    first, second = study.keys[0], study.keys[1]
    found = steps(first, second)
    assert [each.differs for each in found[:6]] == [False] * 6
    assert {each.key for each in keys(first, second) if each.differs}.isdisjoint(BY_NATURE)
    assert not any("CHAP_R=" in (each.a or "") for each in found)


def test_steps_that_one_login_lacks_are_there_once() -> None:
    study = Study(analysed(sample("k04_chap_ok")).store)
    found = steps(study.keys[0], study.keys[1])
    assert [each.pdu_a for each in found if each.pdu_a] == [pdu.pdu for pdu in study.keys[0].login_pdus]
    assert [each.pdu_b for each in found if each.pdu_b] == [pdu.pdu for pdu in study.keys[1].login_pdus]
    assert all(each.differs for each in found if each.a is None or each.b is None)


def test_each_side_has_its_own_length_of_data() -> None:
    study = Study(analysed(sample("k04_chap_ok")).store)
    own = [each.by for each in keys(study.keys[1], study.keys[1]) if each.key == "MaxRecvDataSegmentLength"]
    assert own == ["initiator", "target"]
