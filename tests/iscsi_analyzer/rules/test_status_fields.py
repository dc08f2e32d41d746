"""Fields of SCSI Responses that mean nothing, and what is not reported."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import status_fields
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, check_near, findings_of, names
from tests.support.talk import Talk

ALSO = {"incorrect-amount-unreported": ("dataout-short-final",)}
"What cannot be kept by whoever breaks the rule."

NEAR = {
    "rsp-residual-without-flag": """
        talk.open()
        read = talk.command(read=4096)
        talk.data_in(read, 3584, final=True)
        talk.response(read, underflow=512)
        """,
    "rsp-bidi-residual-without-flag": """
        talk.open()
        both = talk.command(flags=0xE1, read=512, write=512, ahs=bytes((0, 5, 2, 0, 0, 0, 2, 0)), data=bytes(512))
        talk.response(both, flags=0x88, bidirectional_read_residual_count=512)
        """,
    "incorrect-amount-unreported": """
        talk.open()
        write = talk.command(write=4096)
        talk.data_out(write, 2048, burst=talk.r2t(write), final=True)
        sense = bytes((0x70, 0, 0x0B, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x0C, 0x0D, 0, 0, 0, 0))
        talk.response(write, 2, sense=sense)
        """,
}
"What nearly breaks each rule."

NEAR_ALSO = {"incorrect-amount-unreported": ("dataout-short-final", "sense-iscsi-condition")}
"What they break all the same."


@pytest.mark.parametrize("name", names(status_fields))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name, ALSO)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name, NEAR_ALSO)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


def test_unsolicited_data_that_stops_early_counts_as_well() -> None:
    talk = Talk(initial_r2t=False, immediate_data=False).open()
    write = talk.command(write=8192, final=False)
    talk.data_out(write, 4096, final=True)
    talk.response(write, underflow=4096)
    assert findings_of(talk) == ["unsolicited-not-full", "incorrect-amount-unreported"]
