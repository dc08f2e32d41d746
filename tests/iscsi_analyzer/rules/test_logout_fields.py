"""Numbers and times in Logout PDUs, and what a logout leaves behind."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import logout_fields
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, check_near, example, findings_of, names

ALSO = {"logout-time-fields-unused": ("logout-cid-unknown",)}
"What breaks a rule here cannot but break these, too."

RETRY = """
talk = Talk(error_recovery_level=2, max_connections=2).open()
other = talk.join().open()
talk.rst()
talk.wait(3)
other.logout_response({response}, tag=other.logout_request(2, cid=0).word(16), time2wait=20)
other.wait({seconds})
other.logout_response(tag=other.logout_request(2, cid={cid}).word(16))
"""

NEAR = {
    "logout-expstatsn": """
talk.terms.max_connections = 2
talk.open()
other = talk.join(stat_sn=5000).open()
with talk.deaf("I2T"):
    talk.test_unit_ready()
    request = other.logout_request(1, cid=0)
    other.logout_response(tag=request.word(16))
""",
    "logout-time2wait-retry": RETRY.format(response=3, seconds=20, cid=0),
    "logout-time-fields-unused": """
talk.open()
talk.logout_response(tag=talk.logout_request(1).word(16), time2wait=2, time2retain=20)
talk.fin()
""",
    "logout-with-open-text": """
talk.open(discovery=True)
talk.discover()
talk.close()
""",
}
"Conversations that nearly break the rule, and break none."


@pytest.mark.parametrize("name", names(logout_fields))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name, ALSO)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


@pytest.mark.parametrize("retry", [{"response": 1, "seconds": 1, "cid": 0}, {"response": 3, "seconds": 1, "cid": 1}])
def test_only_the_same_logout_has_to_wait(retry: dict[str, int]) -> None:
    """Another connection may be logged out at once, and after `not found` there is nothing to wait for."""
    assert "logout-time2wait-retry" not in findings_of(example(RETRY.format(**retry)))
