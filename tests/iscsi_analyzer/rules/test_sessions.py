"""What belongs to which session and connection."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import sessions
from tests.iscsi_analyzer.rules.judging import findings_of
from tests.iscsi_analyzer.rules.said import check_example, check_losses, check_near, names
from tests.support.talk import Talk

NEAR = {
    "allegiance-target": """
talk.terms.max_connections = 2
talk.open()
other = talk.join().open()
task = talk.command()
other.test_unit_ready()
talk.response(task)
""",
    "allegiance-initiator": """
talk.terms.max_connections = 2
talk.terms.initial_r2t = talk.terms.immediate_data = False
talk.open()
other = talk.join().open()
task = talk.command(write=4096, final=False)
talk.data_out(task, 4096)
other.write(4096)
talk.response(task)
""",
    "discovery-request-illegal": """
talk.open(discovery=True)
talk.discover()
talk.logout()
""",
    "discovery-request-accepted": """
talk.open()
talk.test_unit_ready()
""",
}
"Conversations that nearly break the rule, and break none."


@pytest.mark.parametrize("name", names(sessions))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        """The example breaks the rule, and no other but those that cannot be kept then."""
        check_example(name)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        """The near miss is correct, or says too little."""
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        """Without a frame, the beginning or one direction there is no finding that the whole capture does not have."""
        check_losses(name)


def test_a_reassigned_task_is_served_on_its_new_connection() -> None:
    """TASK REASSIGN moves a task to the connection on which it is sent (RFC 7143 section 7.2.2)."""
    talk = Talk(max_connections=2, error_recovery_level=2).open()
    other = talk.join().open()
    task = talk.command()
    other.tmf(8, task)
    other.response(task)
    assert "allegiance-target" not in findings_of(talk)
