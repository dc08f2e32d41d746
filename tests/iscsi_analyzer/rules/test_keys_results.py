"""Keys with conditions of their own, and results that have to fit each other."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import keys_results
from tests.iscsi_analyzer.rules.said import check_example, check_losses, check_near, names

NEAR = {
    "key-firstburst-exceeds-maxburst": """
talk.terms.first_burst_length = 262144
talk.open(offer={"ImmediateData": "No"}, answer={"ImmediateData": "No", "MaxBurstLength": "65536"})
""",
    "key-r2t-dataseq-erl": """
talk.terms.error_recovery_level = 1
talk.terms.max_outstanding_r2t = 4
talk.open(offer={"DataSequenceInOrder": "No"}, answer={"DataSequenceInOrder": "No"})
""",
    "key-erl-discovery": """
talk.open(discovery=True, offer={"ErrorRecoveryLevel": "2"}, answer={"ErrorRecoveryLevel": "0"})
""",
    "key-taskreporting-offer": """
talk.open(offer={"TaskReporting": "ResponseFence,RFC3720"}, answer={"TaskReporting": "RFC3720"})
""",
    "key-targetaddress-format": """
talk.open(discovery=True)
talk.discover((talk.target_name, "[fe80::1]:3260,1"), (talk.target_name + "2", "disk.example.com,65535"))
""",
    "key-tpgt-format": """
talk.open(security=False, answer={"TargetPortalGroupTag": "0"})
""",
}
"Conversations that nearly break the rule, and break none."


@pytest.mark.parametrize("name", names(keys_results))
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
