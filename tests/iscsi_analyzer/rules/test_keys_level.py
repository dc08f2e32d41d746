"""What iSCSIProtocolLevel may be."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import keys_level
from tests.iscsi_analyzer.rules.said import check_example, check_losses, check_near, names

ALSO = {"plevel-unclaimed-feature": ("key-answer-missing",)}
"What breaks a rule here cannot but break these, too."

NEAR = {
    "key-protocollevel-range": """
talk.open(offer={"iSCSIProtocolLevel": "31"}, answer={"iSCSIProtocolLevel": "2"})
""",
    "key-protocollevel-in-discovery": """
talk.open(offer={"iSCSIProtocolLevel": "2"}, answer={"iSCSIProtocolLevel": "2"})
""",
    "plevel-wrong-for-7143": """
talk.open(offer={"iSCSIProtocolLevel": "2"}, answer={"iSCSIProtocolLevel": "1"})
""",
    "plevel-unclaimed-feature": """
talk.open(offer={"iSCSIProtocolLevel": "2"}, answer={"iSCSIProtocolLevel": "2"})
talk.tmf(9, talk.command(read=4096), response=7)
""",
}
"Conversations that nearly break the rule, and break none."


@pytest.mark.parametrize("name", names(keys_level))
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
