"""2. Failed logins in words, with the steps before them and what came after."""

from __future__ import annotations

import pytest

from tests.iscsi_analyzer.analysis.studies import lines, said, sample, study, worst
from tests.support.talk import Talk


@pytest.mark.parametrize(
    ("name", "phrases"),
    [
        ("u08", ["session 1 (iscsi-inq -> chap at 127.0.0.1:3260)", "wrong name or wrong secret"]),
        ("u08", ["initiator offers CHAP, None; target chooses CHAP; initiator offers MD5; target chooses MD5"]),
        ("k06", ["the CHAP response as 'alice' was not accepted (MD5)", "in stage SecurityNegotiation, 13.3 ms after"]),
        ("u10", ["the target probably wants CHAP"]),
        ("u13", ["Not found (0x0203); no target iqn.2026-01.lab.example:nosuchtarget at 127.0.0.1:3260"]),
        (
            "k08",
            ["iqn.2026-01.lab.client:kernel may not log in to iqn.2003-01.org.linux-iscsi.labvm:acl at 127.0.0.1"],
        ),
        ("u15", ["or it is hidden from iqn.2007-10.com.github:sahlberg:libiscsi:iscsi-inq"]),
        ("k04", ["after CHAP had succeeded", "a later login succeeded: session 2, 2.08 s after this one began"]),
    ],
)
def test_real_failures(name: str, phrases: list[str]) -> None:
    text = said(sample(name), 2)
    for phrase in phrases:
        assert phrase in text
    assert worst(sample(name), 2) == "bad"


@pytest.mark.parametrize("name", ["u05", "u06", "u14", "k20", "f02", "f10", "f44"])
def test_logins_that_succeed_are_redirected_or_unknown_are_not_told(name: str) -> None:
    assert lines(sample(name), 2) == []


def test_equal_failures_are_one_story_with_a_count() -> None:
    talk = Talk()
    for number in range(5):
        each = talk if not number else talk.beside(session=talk.session)
        each.handshake()
        each.login_request({"InitiatorName": "iqn.a:me", "TargetName": "iqn.b:it"})
        each.login_response(status=0x0203)
        each.fin()
        talk.wait(1)
    found = [line for line in lines(study(talk), 2) if not line.detail]
    assert len(found) == 1
    assert found[0].text.startswith("sessions 1 to 5 (me -> it at 192.0.2.2:3260)")
    assert found[0].text.endswith("(5 times)")


def test_a_login_that_is_still_under_way_is_no_failure_yet() -> None:
    talk = Talk()
    talk.handshake()
    talk.login_request({"InitiatorName": "iqn.a:me", "TargetName": "iqn.b:it"})
    assert worst(study(talk), 2) == "look"
    assert "the Login Request has no answer so far" in said(study(talk), 2)


def test_no_secret_is_told() -> None:
    for name in ("u08", "k06", "m08"):
        found = sample(name)
        secrets = [
            pair.value for login in found.facts.store.logins for pair in login.said if pair.key in ("CHAP_C", "CHAP_R")
        ]
        assert secrets and not any(secret in said(found, 2) for secret in secrets)
