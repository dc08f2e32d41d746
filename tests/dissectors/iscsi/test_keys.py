"""The laws of text: whole, in parts, and with every kind of junk."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissectors.iscsi.keys import (
    MAX_PAIRS,
    Text,
    build_text,
    join_segments,
    parse_text,
    redact,
    redact_pairs,
    secret,
)

PAIRS = [("InitiatorName", "iqn.2026-01.example:a"), ("HeaderDigest", "CRC32C,None"), ("X-com.example.a", "a=b")]
WHOLE = build_text(PAIRS)

PLAIN = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
KEY_NAMES = st.from_regex(r"[A-Z][A-Za-z0-9.+@_\-]{0,20}", fullmatch=True)


def pairs(text: Text) -> list[tuple[str, str]]:
    return [(pair.key, pair.value) for pair in text.pairs]


def problems(text: Text) -> list[str]:
    return [problem.name for problem in text.problems]


def test_a_whole_segment_yields_its_pairs_without_problems() -> None:
    text = parse_text(WHOLE)
    assert pairs(text) == PAIRS
    assert problems(text) == []
    assert text.tail == b""
    for pair, (key, value) in zip(text.pairs, PAIRS, strict=True):
        assert WHOLE[pair.offset : pair.offset + pair.length].decode() == f"{key}={value}"
        assert WHOLE[pair.value_offset : pair.offset + pair.length].decode() == value


@given(st.lists(st.tuples(KEY_NAMES, PLAIN)))
def test_what_is_built_is_parsed(given_pairs: list[tuple[str, str]]) -> None:
    text = parse_text(build_text(given_pairs))
    assert pairs(text) == given_pairs
    assert problems(text) == []


@pytest.mark.parametrize("cut", range(len(WHOLE) + 1))
def test_text_continued_anywhere_in_the_next_pdu_is_the_same_text(cut: int) -> None:
    first = parse_text(WHOLE[:cut], unfinished=True)
    second = parse_text(WHOLE[cut:], before=first.tail)
    assert pairs(first) + pairs(second) == PAIRS
    assert problems(first) + problems(second) == []
    assert pairs(parse_text(join_segments([WHOLE[:cut], WHOLE[cut:]]))) == PAIRS


def test_text_continued_byte_by_byte_is_the_same_text() -> None:
    found: list[tuple[str, str]] = []
    tail = b""
    for at in range(len(WHOLE)):
        text = parse_text(WHOLE[at : at + 1], before=tail, unfinished=True)
        found += pairs(text)
        tail = text.tail
    assert found == PAIRS
    assert tail == b""


def test_a_pair_that_began_earlier_has_a_negative_offset() -> None:
    pair = parse_text(b"ue\0", before=b"Key=val").pairs[0]
    assert (pair.offset, pair.length, pair.value_offset) == (-7, 9, -3)


@pytest.mark.parametrize("cut", range(len(WHOLE)))
def test_text_cut_anywhere_keeps_the_pairs_before_and_shows_the_rest(cut: int) -> None:
    text = parse_text(WHOLE[:cut])
    complete = WHOLE[:cut].count(b"\0")
    assert pairs(text)[:complete] == PAIRS[:complete]
    unterminated = cut > 0 and WHOLE[cut - 1] != 0
    assert len(text.pairs) == complete + unterminated
    assert ("key-unterminated" in problems(text)) is unterminated


@pytest.mark.parametrize(
    ("data", "expected", "names"),
    [
        (b"", [], []),
        (b"\0", [], ["key-trailing-bytes"]),
        (b"A=1\0\0\0", [("A", "1")], ["key-trailing-bytes"]),
        (b"A=1\0\0B=2\0", [("A", "1"), ("B", "2")], ["key-empty-pair"]),
        (b"A\0", [("A", "")], ["key-no-equals"]),
        (b"A=\0", [("A", "")], []),
        (b"=1\0", [("", "1")], ["key-empty"]),
        (b"=\0", [("", "")], ["key-empty"]),
        (b"A=1", [("A", "1")], ["key-unterminated"]),
        (b"A=1=2\0", [("A", "1=2")], []),
        (b"K" * 64 + b"=1\0", [("K" * 64, "1")], ["key-too-long"]),
        (b"K" * 63 + b"=1\0", [("K" * 63, "1")], []),
        (b"A B=1\0", [("A B", "1")], ["key-characters"]),
        ("Schl\u00fcssel=1\0".encode(), [("Schl\u00fcssel", "1")], ["key-characters"]),
        (b"A=\xff\0", [("A", "\\xff")], ["key-not-utf8"]),
        (b"\xff=1\0", [("\\xff", "1")], ["key-not-utf8"]),
        ("A=\u00fc\u20ac\0".encode(), [("A", "\u00fc\u20ac")], []),
        (b"X#NodeArchitecture=a,b\0", [("X#NodeArchitecture", "a,b")], []),
        (b"GET / HTTP/1.1\r\n\r\n", [("GET / HTTP/1.1\r\n\r\n", "")],
         ["key-unterminated", "key-no-equals", "key-characters"]),
    ],
)  # fmt: skip
def test_every_kind_of_junk_has_a_name(data: bytes, expected: list[tuple[str, str]], names: list[str]) -> None:
    text = parse_text(data)
    assert pairs(text) == expected
    assert problems(text) == names


@given(st.binary(max_size=80), st.binary(max_size=20), st.booleans())
def test_no_bytes_raise_and_none_is_lost(data: bytes, before: bytes, unfinished: bool) -> None:
    text = parse_text(data, before=before, unfinished=unfinished)
    joined = before + data
    covered = bytearray(len(joined))
    spans = [(pair.offset, pair.length) for pair in text.pairs] + [
        text.trailing,
        text.unread,
        (text.tail_offset, len(text.tail)),
    ]
    for offset, length in spans:
        for at in range(offset + len(before), offset + len(before) + length):
            covered[at] += 1
    assert all(count <= 1 for count in covered)
    assert all(joined[at] == 0 for at, count in enumerate(covered) if not count)


@pytest.mark.parametrize("filler", [b"A=1\0", b"a\0", b"\0a\0"])
def test_a_flood_of_pairs_ends_at_a_bound(filler: bytes) -> None:
    data = filler * (MAX_PAIRS + 10)
    text = parse_text(data)
    offset, length = text.unread
    assert len(text.pairs) <= MAX_PAIRS and len(text.problems) <= MAX_PAIRS + 3
    assert problems(text)[-1] == "key-too-many"
    assert offset + length == len(data) and length > 0


@pytest.mark.parametrize("key", ["CHAP_R", "CHAP_C", "SRP_s", "SRP_HM", "KRB_AP_REQ", "SPKM_REQ", "chap_r"])
def test_values_that_help_to_guess_a_secret_are_left_out(key: str) -> None:
    assert secret(key)
    assert "0x1234" not in redact(key, "0x1234")
    assert redact(key, "") == ""


@pytest.mark.parametrize("key", ["CHAP_N", "CHAP_A", "CHAP_I", "AuthMethod", "TargetName", "XCHAP_R", ""])
def test_other_values_are_shown(key: str) -> None:
    assert not secret(key)
    assert redact_pairs([(key, "value")]) == [(key, "value")]
