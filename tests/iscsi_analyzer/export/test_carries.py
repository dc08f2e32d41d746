"""What else a connection may carry is told by its first bytes, and never claimed without any."""

from __future__ import annotations

import pytest

from iscsi_analyzer.export.carries import carries, looks_like
from tests.support.command import analysed
from tests.support.talk import I2T, T2I, Talk


def said(first: bytes, second: bytes = b"") -> str:
    """What is said of a connection on port 3260 that begins with these bytes."""
    talk = Talk()
    talk.handshake()
    for direction, data in ((I2T, first), (T2I, second)):
        if data:
            talk.raw(direction, data)
    talk.flush()
    talk.fin()
    others = analysed(talk).engine.others
    assert len(others) == 1
    return carries(others[0])


@pytest.mark.parametrize(
    ("first", "words"),
    [
        (b"GET /index.html HTTP/1.1\r\nHost: x\r\n\r\n" + bytes(40), "HTTP"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(60), "TLS"),
        (b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n" + bytes(60), "SSH"),
        (b"\x00\x00\x00\x54\xfeSMB@\x00" + bytes(60), "SMB"),
        (b"EHLO somebody.example\r\n" + b"x" * 60, 'text beginning with "EHLO somebody.example"'),
        (bytes(100), "nothing but zero bytes"),
        (b"\xde\xad\xbe\xef" * 20, "bytes beginning with de ad be ef de ad be ef de ad be ef"),
    ],
)
def test_the_first_bytes_name_the_protocol(first: bytes, words: str) -> None:
    assert said(first) == words


def test_the_answer_may_name_it_too() -> None:
    assert said(b"", b"SSH-2.0-dropbear\r\n" + bytes(40)) == "SSH"


def test_nvme_over_tcp_begins_with_its_connection_request() -> None:
    assert looks_like(b"\x00\x00\x80\x00\x80\x00\x00\x00", b"") == "NVMe/TCP"


def test_a_connection_on_which_nothing_was_sent_says_so() -> None:
    assert said(b"") == "opened, nothing sent"


def test_a_refused_and_an_unanswered_connection_are_told_apart() -> None:
    refused = Talk()
    refused.handshake()
    frames = refused.frames[:1]
    assert carries(analysed(frames).engine.others[0]) == "not answered"
