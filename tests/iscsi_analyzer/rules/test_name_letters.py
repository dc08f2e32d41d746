"""The letters of names, and the dates and numbers in them."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import name_letters
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, check_near, finding_of, findings_of, names
from tests.support.talk import Talk


def near(name: str) -> str:
    """An initiator of that name logs in."""
    return f'talk.handshake()\ntalk.login_request({{"InitiatorName": "{name}", "TargetName": talk.target_name}})'


NEAR = {
    "name-iqn-date-implausible": near("iqn.2023-11.com.example:host"),
    "name-naa-type": near("naa.62004567ba64678d0123456789abcdef"),
    "name-prohibited-char": near("iqn.2001-04.com.example:a-b.c:d-0123456789"),
    "name-not-normalized": near("iqn.2001-04.com.example:caf\u00e9"),
    "name-bidi-or-unassigned": near("iqn.2001-04.com.example:\u4e2d\u6587"),
}
"Conversations that nearly break the rule, and break none."


def login(name: str) -> Talk:
    talk = Talk()
    talk.handshake()
    talk.login_request({"InitiatorName": name, "TargetName": talk.target_name})
    return talk


@pytest.mark.parametrize("name", names(name_letters))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        """The example breaks the rule, and no other."""
        check_example(name)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        """The near miss is correct, or says too little."""
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        """Without a frame, the beginning or one direction there is no finding that the whole capture does not have."""
        check_losses(name)


@pytest.mark.parametrize("letter", list(" !\"#$%&'()*+,/;<=>?@[\\]^_`{|}~\t\x7f\u3002"))
def test_every_other_sign_is_prohibited(letter: str) -> None:
    found = finding_of(login(f"iqn.2001-04.com.example:a{letter}b"), "name-prohibited-char")
    assert found.facts["key"] == "InitiatorName"


@pytest.mark.parametrize("date", ["1984-12", "2023-12", "9999-01"])
def test_a_date_nobody_owned_a_domain_on(date: str) -> None:
    """The capture is of November 2023."""
    assert finding_of(login(f"iqn.{date}.com.example"), "name-iqn-date-implausible").facts["date"] == date


def test_a_capture_without_a_clock_knows_no_future() -> None:
    talk = Talk()
    talk.wire.now = 5
    talk.handshake()
    talk.login_request({"InitiatorName": "iqn.2031-01.com.example", "TargetName": talk.target_name})
    assert findings_of(talk) == []


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("naa.52004567ba64678d", True),
        ("naa.22004567ba64678d", True),
        ("naa.52004567ba64678d52004567ba64678d", False),
        ("naa.12004567ba64678d52004567ba64678d", True),
    ],
)
def test_the_type_of_a_number_tells_its_length(name: str, right: bool) -> None:
    """Of types that nobody knows nothing is expected."""
    assert findings_of(login(name)) == ([] if right else ["name-naa-type"])


@pytest.mark.parametrize("letters", ["\u00ad", "a\u0308", "\u200b", "e\u0301x"])
def test_letters_have_one_way_to_be_written(letters: str) -> None:
    assert "name-not-normalized" in findings_of(login(f"iqn.2001-04.com.example:{letters}"))


@pytest.mark.parametrize(
    ("letters", "right"),
    [
        ("\u05d0\u05d1", False),
        ("\u202e", False),
        ("\u00a0", False),
        ("\u20b9", False),
        ("\ue000", False),
        ("\u00e9\u00fc", True),
        ("\U0001f600", False),
    ],
)
def test_some_letters_are_in_no_name(letters: str, right: bool) -> None:
    """Two directions of writing, marks and blanks of other scripts, private letters, and such as Unicode 3.2 lacked."""
    assert findings_of(login(f"iqn.2001-04.com.example:{letters}")) == ([] if right else ["name-bidi-or-unassigned"])
