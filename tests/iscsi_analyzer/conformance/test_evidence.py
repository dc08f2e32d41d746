"""A PDU that cannot be judged has a reason, and one that can has none."""

from __future__ import annotations

from iscsi_analyzer.conformance.evidence import NAMES, Evidence
from iscsi_analyzer.conformance.needs import Need
from tests.iscsi_analyzer.rules.judging import frames_of, without
from tests.iscsi_analyzer.stores import sliced, store_of
from tests.support.mangle_loss import cut_start, one_direction
from tests.support.talk import Talk
from tests.support.talk_capture import Frame
from tests.support.talk_pdu import I2T

EVERYTHING = Need.BOTH_WAYS | Need.LOGIN | Need.START | Need.UNBROKEN | Need.TASK | Need.AFTER | Need.DATA


def frames() -> list[Frame]:
    talk = Talk().open()
    for _ in range(3):
        talk.read(4096)
    talk.close()
    return frames_of(talk)


def reasons(heard: list[Frame], need: Need) -> set[str]:
    """Why PDUs cannot be judged; an empty reason stands for those that can."""
    return {NAMES[code] for code in Evidence(store_of(heard)).reasons(need).tolist()}


def test_of_a_whole_capture_everything_can_be_judged() -> None:
    assert reasons(frames(), EVERYTHING | Need.ALONE) == {""}


def test_each_need_has_its_reason() -> None:
    whole = frames()
    assert reasons(one_direction(whole, I2T), Need.BOTH_WAYS) == {"one-way"}
    late = cut_start(whole, len(whole) // 2)
    assert reasons(late, Need.LOGIN) == {"no-login"}
    assert reasons(late, Need.START) == {"no-start"}
    assert reasons(late, Need.NOTHING) == {""}


def test_more_connections_than_one_may_not_all_have_been_captured() -> None:
    talk = Talk(max_connections=4).open()
    talk.test_unit_ready()
    assert reasons(frames_of(talk), Need.ALONE) == {"more-connections"}


def test_a_hole_in_one_connection_is_one_in_its_session() -> None:
    talk = Talk(max_connections=2).open()
    other = talk.join().open()
    count = len(talk.frames)
    talk.read(4096)
    other.read(4096)
    other.read(4096)
    heard = frames_of(talk)
    assert reasons(heard, Need.SESSION) == {""}
    assert reasons(without(heard, count + 1), Need.SESSION) == {"gap"}
    assert reasons(heard[1:], Need.SESSION) == {"no-start"}


def test_what_is_missing_spoils_only_what_leans_on_it() -> None:
    """What came before a hole can be judged, and tasks that began behind it; not the whole connection since."""
    whole = frames()
    middle = len(whole) // 2
    holed = without(whole, middle)
    codes = Evidence(store_of(holed)).reasons(Need.UNBROKEN).tolist()
    assert codes[0] == 0
    assert NAMES[codes[-1]] == "gap"
    tasks = Evidence(store_of(holed)).reasons(Need.TASK).tolist()
    assert tasks[0] == tasks[-1] == 0
    answers = Evidence(store_of(holed)).reasons(Need.AFTER).tolist()
    assert NAMES[answers[0]] == "gap"
    assert answers[-1] == 0


def test_a_cut_pdu_is_judged_by_its_header() -> None:
    short = sliced(frames(), 160)
    assert "cut" in reasons(short, Need.DATA)
    assert reasons(short, Need.NOTHING) == {""}
