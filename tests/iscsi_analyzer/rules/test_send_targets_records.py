"""Which targets an answer to SendTargets names."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import send_targets_records
from tests.iscsi_analyzer.rules.judging import findings_of
from tests.iscsi_analyzer.rules.said import check_example, check_losses, check_near, names
from tests.support.talk import Talk

ALSO = {"sendtargets-all-honoured-on-normal": ("sendtargets-all-on-normal",)}
"What breaks a rule here cannot but break these, too."

NEAR = {
    "sendtargets-all-honoured-on-normal": """
talk.open(discovery=True)
talk.text({"SendTargets": "All"}, {"TargetName": talk.target_name + "2"})
""",
    "sendtargets-named-mismatch": """
talk.open(discovery=True)
talk.text({"SendTargets": talk.target_name.upper()}, {"TargetName": talk.target_name})
""",
    "sendtargets-duplicate-record": """
talk.open(discovery=True)
talk.discover((talk.target_name, "192.0.2.2:3260,1"), (talk.target_name + "2", "192.0.2.2:3260,1"))
talk.discover((talk.target_name, "192.0.2.2:3260,1"), (talk.target_name, "192.0.2.3:3260,1"))
talk.discover((talk.target_name, "192.0.2.2:3260,1"))
""",
}
"Conversations that nearly break the rule, and break none."


@pytest.mark.parametrize("name", names(send_targets_records))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        """The example breaks the rule, and no other but those that cannot be kept then."""
        check_example(name, ALSO)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        """The near miss is correct, or says too little."""
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        """Without a frame, the beginning or one direction there is no finding that the whole capture does not have."""
        check_losses(name)


def test_a_name_without_addresses_is_told_once() -> None:
    """Other names may come in between."""
    for answer, count in (("aba", 1), ("abc", 0)):
        talk = Talk().open(discovery=True)
        talk.text({"SendTargets": "All"}, [("TargetName", f"{talk.target_name}{letter}") for letter in answer])
        assert findings_of(talk) == ["sendtargets-duplicate-record"] * count
