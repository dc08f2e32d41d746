"""Responses that wait for acknowledgements on all connections."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import response_fence
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, check_near, names

TWO = """
        fences = {"TaskReporting": "RFC3720,ResponseFence"}, {"TaskReporting": "ResponseFence"}
        talk = Talk(max_connections=2).open(offer=fences[0], answer=fences[1])
        other = talk.join().open()
        other.ping()
        other.ack("I2T")
        talk.ping()
        talk.ack("I2T")
        """
"Two connections of a session with response fences."

NEAR = {
    "tmf-set-response-unacked": """
        talk = Talk(max_connections=2).open()
        other = talk.join().open()
        other.ping()
        other.ack("I2T")
        with other.deaf("I2T"):
            request = talk.tmf_request(2)
            other.test_unit_ready()
            talk.tmf_response(tag=request.word(16))
        """,
    "fence-statsn-unacked": f"""{TWO}
        other.test_unit_ready()
        other.nop_out()
        talk.tmf(5)
        """,
    "fence-followers": f"""{TWO}
        with talk.deaf("I2T"):
            task = other.command(lun=1)
            talk.tmf(5, lun=1)
            other.response(task)
            other.test_unit_ready(lun=2)
        talk.nop_out()
        other.test_unit_ready(lun=1)
        """,
}
"What nearly breaks each rule."


@pytest.mark.parametrize("name", names(response_fence))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)
