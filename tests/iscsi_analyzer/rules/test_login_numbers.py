"""The serial numbers of a login."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import login_numbers
from tests.iscsi_analyzer.rules.judging import findings_of
from tests.iscsi_analyzer.rules.said import ANSWERED, KEYS, check_example, check_losses, check_near, names
from tests.support.talk import Talk

NEAR = {
    "login-cmdsn-changed-leading": f"""
{ANSWERED}
talk.login_request(cmd_sn=1)
""",
    "login-cmdsn-first-command": """
talk.session.cmd_sn = talk.session.exp_cmd_sn = 4294967295
talk.open()
talk.ping()
talk.test_unit_ready()
""",
    "login-expcmdsn-initial": f"""
{KEYS}
talk.login_request(keys, cmd_sn=10)
talk.login_response(status=0x0201, exp_cmd_sn=0)
""",
    "login-expstatsn-wrong": f"""
{KEYS}
talk.login_request(keys, transit=False, exp_stat_sn=77)
talk.login_response({{"TargetPortalGroupTag": "1"}}, stat_sn=4294967295)
talk.login_request(exp_stat_sn=0)
""",
    "login-statsn-sequence": f"""
{ANSWERED}
talk.login_request()
talk.login_response(status=0x0201, stat_sn=0)
""",
    "login-maxcmdsn-invalid": f"""
{KEYS}
talk.login_request(keys, cmd_sn=10)
talk.login_response({{"TargetPortalGroupTag": "1"}}, exp_cmd_sn=10, max_cmd_sn=9)
""",
}
"Conversations that nearly break the rule, and break none."


@pytest.mark.parametrize("name", names(login_numbers))
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


def test_another_connection_may_have_used_the_first_numbers() -> None:
    """A session that may have two connections, of which the capture has one."""
    talk = Talk(max_connections=2).open()
    other = talk.join().open()
    other.test_unit_ready()
    talk.test_unit_ready()
    port = other.initiator.port.to_bytes(2, "big")
    assert findings_of([frame for frame in talk.frames if port not in frame.data[34:38]]) == []
