"""Who comes to a target under which names."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import initiator_ports
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, findings_of, names, near_miss
from tests.support.talk import Session, Talk

ISID = bytes.fromhex("400001370001")
ALSO = {"name-shared-by-two-hosts": ("login-session-reinstatement",)}
"What breaks a rule here cannot but break these, too."


@pytest.mark.parametrize("name", names(initiator_ports))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name, ALSO)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


@near_miss("login-tsih-shared")
@pytest.mark.parametrize("end", ["close", "silence"])
def test_a_handle_may_be_given_again(end: str) -> None:
    """When its session is over; a session that was not heard of for a while may be."""
    talk = Talk().open()
    if end == "close":
        talk.close()
    else:
        talk.wait(3)
    talk.beside(session=Session(tsih=talk.session.tsih, isid=ISID)).open()
    assert findings_of(talk) == []


@near_miss("login-tsih-shared")
@pytest.mark.parametrize(
    "names", [{"initiator_name": "iqn.2005-03.com.example:b"}, {"target_name": "iqn.2005-03.com.example:c"}]
)
def test_others_may_have_the_same_handle(names: dict[str, str]) -> None:
    """A target may count the sessions of every initiator from 1."""
    talk = Talk().open()
    talk.beside(session=Session(tsih=talk.session.tsih, isid=ISID), **names).open()
    assert findings_of(talk) == []


def session(talk: Talk, number: int, **settings: str) -> Talk:
    return talk.beside(session=Session(isid=bytes.fromhex("4000013700") + bytes((number,)), tsih=number), **settings)


@near_miss("isid-unstable")
def test_four_sessions_are_not_many() -> None:
    talk = Talk().open()
    talk.close()
    for number in range(2, 5):
        session(talk, number).open().close()
    assert findings_of(talk) == []


@near_miss("isid-unstable")
def test_an_isid_that_comes_back_is_stable() -> None:
    talk = Talk().open()
    talk.close()
    for number in (2, 3, 2, 4, 5, 2, 6):
        session(talk, number).open().close()
    assert findings_of(talk) == []


@near_miss("isid-unstable")
def test_sessions_side_by_side_need_isids_of_their_own() -> None:
    talk = Talk().open()
    for number in range(2, 9):
        session(talk, number).open()
    assert findings_of(talk) == []


@near_miss("name-shared-by-two-hosts")
def test_a_session_may_move_to_another_address() -> None:
    """It does so when a path fails; that it was used just before is told all the same."""
    talk = Talk().open()
    talk.beside(session=Session(isid=talk.session.isid, tsih=2), initiator="192.0.2.9").open()
    assert findings_of(talk) == ["login-session-reinstatement"]


@near_miss("name-shared-by-two-hosts")
def test_a_session_may_come_back_when_the_other_path_fails() -> None:
    talk = Talk().open()
    talk.wait(20)
    talk.beside(session=Session(isid=talk.session.isid, tsih=2), initiator="192.0.2.9").open()
    talk.wait(20)
    talk.beside(session=Session(isid=talk.session.isid, tsih=3)).open()
    assert findings_of(talk) == []


@near_miss("discovery-duplicate")
def test_one_discovery_after_the_other_is_no_duplicate() -> None:
    talk = Talk().open(discovery=True)
    talk.close()
    other = talk.beside().open(discovery=True)
    talk.beside(target="192.0.2.3").open(discovery=True)
    talk.beside(initiator_name="iqn.2005-03.com.example:b").open(discovery=True)
    other.close()
    assert findings_of(talk) == []


@near_miss("name-compare-inconsistent")
def test_a_name_that_is_always_written_alike_is_no_finding() -> None:
    """Initiators and targets may have the same name."""
    for name in ("eui.02004567A425678D", "naa.52004567ba64678d"):
        talk = Talk(initiator_name=name, target_name=name.lower()).open()
        talk.close()
        session(talk, 2).open().close()
        assert findings_of(talk) == []


def test_a_target_is_written_as_discovery_wrote_it() -> None:
    talk = Talk(target_name="eui.02004567a425678d").open(discovery=True)
    talk.discover()
    talk.close()
    talk.beside(target_name="eui.02004567A425678D").open()
    assert findings_of(talk) == ["name-compare-inconsistent"]
