"""Aborts that wait for no data, and what tells them to other connections."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import fast_abort
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, check_near, names

AGREED = """
        keys = {"TaskReporting": "RFC3720,ResponseFence,FastAbort"}, {"TaskReporting": "FastAbort"}
        talk = Talk(max_connections=2).open(offer=keys[0], answer=keys[1])
        other = talk.join().open()
        """
"Two connections of a session with FastAbort."

NEAR = {
    "fastabort-dataout-after-tmf": """
        keys = {"TaskReporting": "RFC3720,ResponseFence,FastAbort"}, {"TaskReporting": "FastAbort"}
        talk.open(offer=keys[0], answer=keys[1])
        task = talk.command(write=8192, lun=1)
        burst = talk.r2t(task)
        request = talk.tmf_request(5, lun=2)
        talk.data_out(task, 8192, burst=burst)
        talk.tmf_response(tag=request.word(16))
        """,
    "fastabort-async5-missing": f"""{AGREED}
        other.command(read=4096)
        request = talk.tmf_request(5)
        other.async_message(5, lun=0)
        other.nop_out(tag=0xFFFFFFFF, immediate=True)
        talk.tmf_response(tag=request.word(16))
        """,
    "fastabort-async5-lun": f"""{AGREED}
        talk.command(read=4096, lun=3)
        talk.async_message(5, lun=3)
        talk.nop_out(tag=0xFFFFFFFF, immediate=True, lun=3)
        other.async_message(5, lun=3)
        other.nop_out(tag=0xFFFFFFFF, immediate=True, lun=3)
        """,
    "async5-not-acked": f"""{AGREED}
        with talk.deaf("I2T"):
            talk.async_message(5, lun=1)
            talk.wait(20)
            talk.nop_out()
        """,
    "async5-dataout-continues": f"""{AGREED}
        talk.async_message(5, lun=1)
        task = talk.command(write=8192, lun=1)
        burst = talk.r2t(task)
        talk.nop_out(tag=0xFFFFFFFF, immediate=True, lun=1)
        talk.data_out(task, 8192, burst=burst)
        """,
}
"What nearly breaks each rule."


@pytest.mark.parametrize("name", names(fast_abort))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)
