"""Pings that are odd: where they are sent, when, and with which LUN."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import nop_habits
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, check_near, findings_of, names, near_miss
from tests.support.talk import Talk

NEAR = {
    "nopout-lun-reserved": """
        talk.open()
        ping = talk.nop_in(lun=1)
        talk.nop_out(target_tag=ping.word(20), lun=1)
        """,
    "nopin-lun-missing": """
        talk.open()
        ping = talk.nop_in(lun=300)
        talk.nop_out(target_tag=ping.word(20), lun=300)
        talk.ping()
        """,
    "nopout-ping-too-long": """
        talk = Talk(initiator_max_recv_data_segment_length=512).open()
        talk.ping(bytes(512))
        """,
    "nop-in-discovery": """
        talk.open(discovery=True)
        talk.discover()
        talk.close()
        other = talk.beside().open()
        other.ping()
        """,
    "nopout-reply-to-unsolicited": """
        talk.open()
        for late in (0, 0, 1, 0, 0):
            talk.wait(1)
            talk.nop_in(target_tag=0xffffffff)
            talk.wait(late)
            talk.nop_out(tag=0xffffffff, immediate=True)
        """,
    "nopin-reply-to-noreply": """
        talk.open()
        for late in (0, 0, 1, 0, 0):
            talk.wait(1)
            talk.nop_out(tag=0xffffffff, immediate=True)
            talk.wait(late)
            talk.nop_in(target_tag=0xffffffff)
        """,
}
"What nearly breaks each rule."


@pytest.mark.parametrize("name", names(nop_habits))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


@near_miss("nopout-lun-reserved")
def test_the_acknowledgement_of_ended_tasks_names_their_logical_unit() -> None:
    """AsyncEvent 5 is acknowledged by a NOP-Out with its LUN (RFC 7143 section 11.9.1)."""
    keys = {"TaskReporting": "RFC3720,ResponseFence,FastAbort"}, {"TaskReporting": "FastAbort"}
    talk = Talk().open(offer=keys[0], answer=keys[1])
    talk.async_message(5, lun=1)
    talk.nop_out(tag=0xFFFFFFFF, immediate=True, lun=1)
    assert findings_of(talk) == []
