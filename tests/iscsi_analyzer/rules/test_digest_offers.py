"""Digests of somebody's own make."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import digest_offers
from tests.iscsi_analyzer.rules.said import KEYS, check_example, check_losses, check_near, names

NEAR = {
    "digest-algorithm-unknown": f"""{KEYS}
talk.login_request({{**keys, "HeaderDigest": "Y-com.example.md5,CRC32C"}}, transit=False)
talk.login_response({{"TargetPortalGroupTag": "1", "HeaderDigest": "CRC32C"}})
""",
    "digest-default-offer-weak": f"""{KEYS}
talk.login_request({{**keys, "DataDigest": "Y-com.example.md5,CRC32C", "HeaderDigest": "None"}}, transit=False)
talk.login_response({{"TargetPortalGroupTag": "1", "DataDigest": "CRC32C", "HeaderDigest": "None"}})
""",
}
"Conversations that nearly break the rule, and break none."


@pytest.mark.parametrize("name", names(digest_offers))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)
