"""Tasks that move to another connection."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import reassignment
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, check_near, names

MOVED = """
        talk = Talk(error_recovery_level=2, max_connections=2).open()
        task = talk.command(read=65536)
        for _ in range(2):
            talk.data_in(task, 4096)
        talk.rst()
        talk.wait(3)
        other = talk.join().open()
        other.logout_response(tag=other.logout_request(2, cid=0).word(16))
        """
"A connection breaks within a read, and is logged out."

ALSO = {"tmf-reassign-allegiant-response": ("tmf-reassign-before-logout",)}

NEAR = {
    "tmf-reassign-before-logout": f"""{MOVED}
        other.tmf(8, task, ref_cmd_sn=0, exp_data_sn=2)
        other.serve(task)
        """,
    "tmf-reassign-allegiant-response": """
        talk = Talk(error_recovery_level=2, max_connections=2).open()
        task = talk.command(read=65536)
        talk.wait(3)
        other = talk.join(cid=0).open()
        other.tmf(8, task, ref_cmd_sn=0)
        other.serve(task)
        """,
    "tmf-reassign-order": f"""{MOVED}
        other.tmf(8, task, ref_cmd_sn=0, exp_data_sn=2)
        other.serve(task)
        """,
    "tmf-reassign-no-status": f"""{MOVED}
        other.tmf(8, task, ref_cmd_sn=0, exp_data_sn=2)
        other.wait(25)
        other.ping()
        """,
    "tmf-reassign-data-start": f"""{MOVED}
        other.tmf(8, task, ref_cmd_sn=0, exp_data_sn=2)
        other.serve(task)
        """,
    "tmf-reassign-snack-tag": f"""{MOVED}
        other.tmf(8, task, ref_cmd_sn=0, exp_data_sn=2)
        other.data_in(task, 57344)
        other.snack(3, task=task, target_transfer_tag=9)
        other.data_in(task, 57344, offset=8192, data_sn=2)
        other.response(task, snack_tag=9)
        """,
}
"What nearly breaks each rule."


@pytest.mark.parametrize("name", names(reassignment))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name, ALSO)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)
