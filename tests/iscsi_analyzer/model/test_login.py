"""What a login says: its keys over as many PDUs as they take, its outcome, and the digests that follow from it."""

from __future__ import annotations

import pytest

from iscsi_analyzer.model.login import MAX_KEYS, MAX_SAID, MAX_TEXT, Login
from iscsi_analyzer.streams.context import OFF, ON, UNKNOWN
from tests.support.talk_pdu import LOGIN_REQUEST, LOGIN_RESPONSE, TEXT_REQUEST, TEXT_RESPONSE, header

ISID = b"\x40\0\1\x37\0\5"
SENT, BACK = LOGIN_REQUEST, LOGIN_RESPONSE


class Told:
    """A login, told PDU by PDU."""

    def __init__(self) -> None:
        self.login = Login()
        self.pdus = 0

    def say(
        self, opcode: int, data: bytes = b"", flags: int = 0x87, *, length: int = -1, lost: bool = False, **fields: int
    ) -> None:
        """One PDU, of whose data segment `data` was captured."""
        self.pdus += 1
        ids: dict[str, int | bytes] = {"isid": ISID} if opcode & 0x1F == 3 else {}
        head = header(opcode, flags, data_segment_length=len(data) if length < 0 else length, **ids, **fields)
        self.login.pdu(self.pdus, head, data, lost)

    @property
    def pairs(self) -> list[tuple[int, bool, str, str]]:
        return [(said.pdu, said.to_target, said.key, said.value) for said in self.login.said]

    @property
    def digests(self) -> tuple[int, int]:
        return self.login.header_digest, self.login.data_digest


def test_who_and_where_are_taken_from_the_headers() -> None:
    told = Told()
    told.say(SENT, cid=9)
    told.say(BACK, tsih=0x1234)
    login = told.login
    assert (login.isid, login.cid, login.tsih) == (ISID, 9, 0x1234)
    assert (login.requests, login.responses, login.status) == (1, 1, (0, 0))
    assert login.complete and login.news and login.stage == 3


@pytest.mark.parametrize(
    ("flags", "status", "complete"),
    [
        (0x87, 0, True),  # from the operational stage to the full feature phase
        (0x83, 0, True),
        (0x81, 0, False),  # to the operational stage
        (0x07, 0, False),  # no transit
        (0x87, 0x0201, False),
        (0x87, 0x0101, False),
    ],
)
def test_only_a_granted_step_to_the_full_feature_phase_completes_a_login(
    flags: int, status: int, complete: bool
) -> None:
    told = Told()
    told.say(SENT, flags=flags)
    told.say(BACK, flags=flags, status_class=status >> 8, status_detail=status & 0xFF)
    assert told.login.complete == told.login.news == complete
    assert told.login.status == (status >> 8, status & 0xFF)


def test_a_status_that_was_not_captured_is_no_status() -> None:
    login = Login()
    login.pdu(1, header(BACK, 0x87, isid=ISID)[:36] + bytes(12), b"", False, whole=False)
    assert login.status is None and not login.complete


@pytest.mark.parametrize(
    ("offer", "answer", "digest"),
    [
        ("CRC32C,None", "CRC32C", ON),
        ("None,CRC32C", "None", OFF),
        ("None", "None", OFF),
        ("CRC32C", "Reject", OFF),
        ("CRC32C", "NotUnderstood", OFF),
        ("CRC32C", None, OFF),  # no answer, and nothing was missed
        (None, None, OFF),
    ],
)
@pytest.mark.parametrize("key", ["HeaderDigest", "DataDigest"])
def test_the_answer_decides_on_digests(key: str, offer: str | None, answer: str | None, digest: int) -> None:
    told = Told()
    told.say(SENT, b"" if offer is None else f"{key}={offer}\0".encode())
    told.say(BACK, b"" if answer is None else f"{key}={answer}\0".encode())
    assert told.digests == ((digest, OFF) if key == "HeaderDigest" else (OFF, digest))


def test_the_target_may_offer_and_the_initiator_answer() -> None:
    told = Told()
    told.say(SENT, flags=0x04)
    told.say(BACK, b"HeaderDigest=CRC32C,None\0", flags=0x04)
    told.say(SENT, b"HeaderDigest=CRC32C\0")
    told.say(BACK)
    assert told.digests == (ON, OFF)


def test_where_something_was_missed_silence_settles_nothing() -> None:
    told = Told()
    told.say(SENT, b"HeaderDigest=CRC32C\0DataDigest=CRC32C,None\0")
    told.say(BACK, b"DataDigest=CRC32C\0", lost=True)
    assert told.digests == (UNKNOWN, ON) and told.login.hole


def test_a_value_that_was_cut_is_no_value() -> None:
    """`CRC` is not the beginning of an answer that means None."""
    told = Told()
    told.say(SENT, b"HeaderDigest=CRC32C\0")
    told.say(BACK, b"TargetPortalGroupTag=1\0HeaderDigest=CRC", length=60)
    assert [key for _, to_target, key, _ in told.pairs if not to_target] == ["TargetPortalGroupTag"]
    assert told.digests[0] == UNKNOWN and told.login.hole


def test_keys_go_on_over_pdus_with_the_c_bit_each_side_by_itself() -> None:
    """RFC 7143 section 6.2; empty answers stand between."""
    told = Told()
    told.say(SENT, b"InitiatorName=iqn.2005-03.", flags=0x44)
    told.say(BACK, flags=0x04)
    told.say(SENT, b"com.example:a\0Session", flags=0x44)
    told.say(BACK, b"", flags=0x04)
    told.say(SENT, b"Type=Discovery\0")
    assert told.pairs == [
        (5, True, "InitiatorName", "iqn.2005-03.com.example:a"),
        (5, True, "SessionType", "Discovery"),
    ]
    assert told.login.discovery and told.login.value("InitiatorName") == "iqn.2005-03.com.example:a"


def test_the_last_value_of_a_key_counts() -> None:
    told = Told()
    told.say(SENT, b"MaxBurstLength=512\0")
    told.say(BACK, b"MaxBurstLength=1024\0")
    assert told.login.value("MaxBurstLength") == "1024" and told.login.value("FirstBurstLength") is None


def test_ports_of_addresses_that_the_target_names_are_given_once() -> None:
    told = Told()
    told.say(TEXT_REQUEST, b"TargetAddress=192.0.2.1:1111,1\0", flags=0x80)
    told.say(TEXT_RESPONSE, b"TargetName=a\0TargetAddress=192.0.2.7:5003,1\0TargetAddress=[2001:db8::1]:5004\0", 0x80)
    told.say(TEXT_RESPONSE, b"TargetAddress=a.example\0TargetAddress=bad:port,x\0TargetAddress=\0", 0x80)
    assert told.login.take_ports() == [5003, 5004, 3260]
    assert told.login.take_ports() == []


def test_keys_are_remembered_up_to_a_number_and_what_is_beyond_settles_nothing() -> None:
    told = Told()
    many = b"".join(b"X-%d=\0" % number for number in range(MAX_KEYS))
    told.say(SENT, many)
    assert len(told.login.said) == MAX_KEYS and not told.login.hole
    told.say(SENT, b"HeaderDigest=CRC32C\0")
    told.say(BACK, b"HeaderDigest=CRC32C\0")
    assert len(told.login.said) == MAX_KEYS and told.login.forgotten == 2
    assert told.digests == (UNKNOWN, UNKNOWN), "it was said, but nobody remembers"


def test_keys_are_remembered_up_to_a_number_of_bytes() -> None:
    told = Told()
    for _ in range(40):
        told.say(TEXT_REQUEST, b"X-a=" + b"v" * 65000 + b"\0", flags=0x80)
    assert sum(len(said.key) + len(said.value) for said in told.login.said) <= MAX_SAID
    assert len(told.login.said) + told.login.forgotten == 40 and told.login.forgotten > 20


def test_a_list_of_targets_that_is_too_long_casts_no_doubt_on_the_login_before_it() -> None:
    told = Told()
    told.say(SENT)
    told.say(BACK)
    told.say(TEXT_RESPONSE, b"".join(b"TargetName=iqn.%d\0" % number for number in range(MAX_KEYS + 5)), flags=0x80)
    assert told.login.forgotten == 5 and not told.login.hole and told.digests == (OFF, OFF)


def test_a_text_that_never_ends_is_bounded_and_makes_up_no_value() -> None:
    told = Told()
    part = b"v" * 60000
    told.say(SENT, b"A=1\0B=" + part, flags=0x44)
    for _ in range(3 * MAX_TEXT // len(part)):
        told.say(SENT, part, flags=0x44)
        assert sum(map(len, told.login._text.values())) < MAX_TEXT + len(part)
    assert (1, "A") not in {(pdu, key) for pdu, _, key, _ in told.pairs}
    assert ("A", "1") in {(key, value) for *_, key, value in told.pairs}
    assert "B" not in {key for *_, key, _ in told.pairs}
    assert told.login.hole and told.login.forgotten > 0


@pytest.mark.parametrize("data", [b"\0\0\0", b"=\0", b"no equals sign\0", b"\xff\xfe=\x80\0", b"A=1"])
def test_rubbish_raises_nothing(data: bytes) -> None:
    told = Told()
    told.say(SENT, data)
    told.say(BACK, data)
    assert told.login.complete
