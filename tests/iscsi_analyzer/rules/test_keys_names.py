"""The names of extensions."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import keys_names
from tests.iscsi_analyzer.rules.said import KEYS, check_example, check_losses, check_near, names

NEAR = {
    "key-xhash-prefix": """
talk.open(offer={"X#NodeArchitecture": "x86", "HeaderDigest": "Y-x.y,CRC32C"}, answer={"HeaderDigest": "CRC32C"})
""",
    "key-prefix-type-mix": f"""
{KEYS}
offer = {{**keys, "HeaderDigest": "Y-com.example.a,CRC32C", "X-com.example.Y-": "1"}}
talk.login_request(offer, transit=False)
""",
    "key-ext-name-format": """
talk.open(offer={"X-com.foo": "1"}, answer={"X-com.foo": "NotUnderstood"})
""",
}
"Conversations that nearly break the rule, and break none."


@pytest.mark.parametrize("name", names(keys_names))
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
