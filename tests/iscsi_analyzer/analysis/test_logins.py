"""Why a login failed is said in words that name the step that failed."""

from __future__ import annotations

import pytest

from iscsi_analyzer.analysis.logins import LoginReport
from tests.iscsi_analyzer.analysis.studies import sample, study
from tests.support.talk import I2T, T2I, Talk

NAMES = {
    "InitiatorName": "iqn.2005-03.com.example:initiator",
    "TargetName": "iqn.2005-03.com.example:target",
}
CHAP = [
    {**NAMES, "AuthMethod": "CHAP,None"},
    {"AuthMethod": "CHAP"},
    {"CHAP_A": "7,5"},
    {"CHAP_A": "7", "CHAP_I": "1", "CHAP_C": "0x" + "11" * 16},
    {"CHAP_N": "alice", "CHAP_R": "0x" + "22" * 32, "CHAP_I": "2", "CHAP_C": "0x" + "33" * 16},
    {"CHAP_N": "bob", "CHAP_R": "0x" + "44" * 32},
]


def report(talk: Talk) -> LoginReport:
    """The login of the last connection."""
    return study(talk).logins[-1]


def refused(status: int, keys: dict[str, str] | None = None, answer: dict[str, str] | None = None) -> LoginReport:
    """A login that is refused at once."""
    talk = Talk()
    talk.handshake()
    talk.login_request(NAMES if keys is None else keys, csg=0, nsg=1)
    talk.login_response(answer, status=status)
    talk.fin()
    return report(talk)


def chap(steps: int, status: int = 0) -> Talk:
    """A CHAP exchange that ends after so many PDUs; the last answer carries the status."""
    talk = Talk()
    talk.handshake()
    for number, keys in enumerate(CHAP[:steps]):
        if number % 2 == 0:
            talk.login_request(keys, csg=0, nsg=1, transit=number == 4)
        else:
            talk.login_response(keys, transit=False if number < 5 else None)
    if status:
        talk.login_response(status=status)
    return talk


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "u08",
            "Authentication failure (0x0201); the CHAP response as 'alice' was not accepted (MD5): wrong name or wrong",
        ),
        ("k06", "Authentication failure (0x0201); the CHAP response as 'alice' was not accepted"),
        ("i05", "the CHAP response as 'alice' was not accepted (MD5)"),
        ("u10", "Authentication failure (0x0201); the initiator offered no authentication at all; the target probably"),
        (
            "u13",
            "Not found (0x0203); no target iqn.2026-01.lab.example:nosuchtarget at 127.0.0.1:3260, or it is hidden",
        ),
        (
            "u15",
            "Not found (0x0203); no target iqn.2026-01.lab.example:acl at 127.0.0.1:3260, or it is hidden from iqn.",
        ),
        (
            "k08",
            "iqn.2026-01.lab.client:kernel may not log in to iqn.2003-01.org.linux-iscsi.labvm:acl at 127.0.0.1",
        ),
        ("k23", "Service unavailable (0x0301); the portal is there but does not serve iqn.2003-01.org.linux-iscsi"),
    ],
)
def test_real_refusals_are_told_in_plain_words(name: str, words: str) -> None:
    found = sample(name).logins[0]
    assert found.outcome == "refused" and found.by == "target"
    assert words in found.words


@pytest.mark.parametrize(
    ("status", "keys", "words"),
    [
        (0x0201, {**NAMES, "AuthMethod": "KRB5"}, "the initiator offered only KRB5; the target probably wants CHAP"),
        (0x0204, NAMES, "target iqn.2005-03.com.example:target was removed"),
        (0x0207, {"TargetName": "iqn.a"}, "InitiatorName was not sent"),
        (0x0207, {"InitiatorName": "iqn.a"}, "TargetName was not sent"),
        (0x0207, {}, "InitiatorName and TargetName was not sent"),
        (0x0209, {**NAMES, "SessionType": "Discovery"}, "SessionType=Discovery is not served there"),
        (0x0302, NAMES, "lacks resources"),
        (0x0200, {**NAMES, "MaxBurstLength": "12"}, "probably because of MaxBurstLength=12 from the initiator"),
        (0x0345, NAMES, "Target error, reserved detail (0x0345)"),
    ],
)
def test_every_status_is_explained_by_what_was_said_before(status: int, keys: dict[str, str], words: str) -> None:
    found = refused(status, keys)
    assert words in found.words
    assert found.status == status


def test_the_key_at_fault_is_named() -> None:
    found = refused(0x0200, {**NAMES, "InitialR2T": "Maybe"}, {"InitialR2T": "Reject"})
    assert [state.key for state in found.keys] == ["InitialR2T"]
    assert found.hints == ["InitialR2T=Maybe from the initiator: 'Maybe' is neither Yes nor No; answered Reject"]


def test_a_session_that_does_not_exist_is_named_by_its_tsih() -> None:
    talk = Talk()
    talk.leading = False
    talk.session.tsih = 77
    talk.handshake()
    talk.login_request(NAMES)
    talk.login_response(status=0x020A)
    assert "no session with TSIH 77" in report(talk).words


def test_a_wrong_response_to_chap_names_user_and_algorithm() -> None:
    found = report(chap(5, 0x0201))
    assert "the CHAP response as 'alice' was not accepted (SHA-256)" in found.words
    assert found.hints == ["mutual CHAP was asked for; a target without a secret of its own may refuse that, too"]


def test_an_initiator_that_leaves_after_mutual_chap_probably_did_not_believe_the_target() -> None:
    talk = chap(6)
    talk.fin(I2T)
    found = report(talk)
    assert (found.outcome, found.by, found.stage) == ("given up", "initiator", "LoginOperationalNegotiation")
    assert "answered its challenge as 'bob'" in found.words and "mutual CHAP" in found.words
    assert "as 'bob'" in sample("m08").logins[0].words


def test_a_login_that_is_not_answered_says_who_closed() -> None:
    talk = chap(5)
    talk.rst(T2I)
    found = report(talk)
    assert (found.outcome, found.by) == ("not answered", "target")
    assert (
        found.words
        == "the target never answered the Login Request with the CHAP response; the target closed the connection"
    )
    assert sample("i09").logins[1].outcome == "not answered"


def test_a_login_that_still_goes_on_has_not_failed() -> None:
    found = report(chap(3))
    assert (found.outcome, found.by) == ("unfinished", "")
    assert "no answer so far" in found.words


def test_a_redirection_names_the_address() -> None:
    found = refused(0x0102, NAMES, {"TargetAddress": "[2001:db8::7]:3261"})
    assert (found.outcome, found.redirected_to) == ("redirected", ["[2001:db8::7]:3261"])
    assert found.words == "the target sent the initiator to [2001:db8::7]:3261 for good"
    assert sample("u14").logins[0].words == "the target sent the initiator to 127.0.0.2:3260 for now"


def test_a_login_that_the_capture_lacks_is_not_judged() -> None:
    for name in ("f02", "f10"):
        found = sample(name).logins[0]
        assert (found.outcome, found.words) == ("not seen", "")


def test_a_complete_login_has_nothing_to_explain() -> None:
    found = report(Talk().open())
    assert (found.outcome, found.words, found.hints, found.stage) == ("complete", "", [], "FullFeaturePhase")
