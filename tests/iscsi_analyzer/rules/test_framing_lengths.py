"""Lengths that headers state, and streams that end within a PDU."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import framing_lengths
from iscsi_analyzer.rules.desk import INITIATOR
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, check_near, finding_of, findings_of, names
from tests.support.talk import T2I, Talk

ALSO: dict[str, tuple[str, ...]] = {}
"What cannot be kept by whoever breaks the rule."

NEAR = {
    "dsl-exceeds-maxrecv": """
        talk = Talk(initiator_max_recv_data_segment_length=8192, target_max_recv_data_segment_length=4096).open()
        talk.read(16384)
        talk.write(16384)
        """,
    "text-dsl-exceeds-maxrecv": """
        talk = Talk(initiator_max_recv_data_segment_length=512).open(discovery=True)
        talk.discover(*[(f"iqn.2005-03.com.example:disk{number}", "192.0.2.2:3260,1") for number in range(7)])
        talk.close()
        """,
    "login-dsl-exceeds-default": """
        talk.handshake()
        names = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        used = sum(len(key) + len(value) + 2 for key, value in names.items())
        talk.login_request({**names, "X-com.example.long": "a" * 200}, transit=False)
        """,
    "dsl-nonzero-where-forbidden": """
        talk.open()
        talk.tmf(5)
        talk.write(262144)
        talk.close()
        """,
    "snack-has-data": """
        talk = Talk(error_recovery_level=1).open()
        task = talk.command()
        response = talk.response(task)
        talk.snack(1, begin=talk.stat_sn - 1, run=1, exp_stat_sn=talk.stat_sn - 1)
        talk.response(task, stat_sn=talk.stat_sn - 1)
        """,
    "totalahs-nonzero": """
        talk.open()
        talk.response(talk.command(flags=0xE1, read=512, write=512, ahs=bytes((0, 5, 2, 0, 0, 0, 2, 0))), underflow=512)
        """,
    "ahs-on-response": """
        talk.open()
        talk.send("T2I", 0x3D, ahs=bytes(8), initiator_task_tag=5)
        talk.test_unit_ready()
        """,
    "pdu-truncated-at-close": """
        talk.open()
        talk.logout()
        talk.rst("T2I")
        """,
    "lun-inconsistent-with-task": """
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(read=8192, lun=1)
        talk.data_in(task, 4096, flags=0x40, target_transfer_tag=5, lun=1)
        talk.snack(2, target_transfer_tag=5, begin=1, lun=1)
        talk.data_in(task, 4096, lun=2, status=0)
        """,
}
"What nearly breaks each rule."

NEAR_ALSO = {
    "ahs-on-response": ("opcode-vendor-specific",),
    "lun-inconsistent-with-task": ("datain-ttt-without-a",),
}
"What those have all the same: an opcode that a vendor may send, a LUN where there is none."


@pytest.mark.parametrize("name", names(framing_lengths))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name, ALSO)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name, NEAR_ALSO)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


def test_a_pdu_that_the_end_of_the_capture_cuts_is_nobodys_fault() -> None:
    """Only a FIN after the last byte shows that no more was to come."""
    talk = Talk().open()
    talk.test_unit_ready()
    talk.raw(T2I, bytes((0x20, 0x80)) + bytes(30))
    assert findings_of(talk) == []
    talk.rst(T2I)
    assert "pdu-truncated-at-close" not in findings_of(talk)


def test_lengths_are_judged_by_what_the_receiver_declared_and_not_the_sender() -> None:
    talk = Talk(initiator_max_recv_data_segment_length=65536, target_max_recv_data_segment_length=512).open()
    talk.read(16384)
    assert findings_of(talk) == []
    talk.response(talk.command(write=1024, data=bytes(1024)))
    finding = finding_of(talk, "dsl-exceeds-maxrecv")
    assert (finding.party, finding.facts) == (INITIATOR, {"length": 1024, "limit": 512})
