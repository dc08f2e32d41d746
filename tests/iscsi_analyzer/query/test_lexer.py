"""Every character of a filter is in one token or between two, and strings mean what their escapes say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iscsi_analyzer.query.errors import QueryError
from iscsi_analyzer.query.lexer import END, MAX_TEXT, OPERATOR, STRING, WORD, tokens


def texts(text: str) -> list[str]:
    return [token.text for token in tokens(text)[:-1]]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("iscsi.opcode==0x25", ["iscsi.opcode", "==", "0x25"]),
        ("a===b!==c~=d", ["a", "===", "b", "!==", "c", "~=", "d"]),
        ("iscsi.flags&0x80&&b||c", ["iscsi.flags", "&", "0x80", "&&", "b", "||", "c"]),
        ("!(a^^b)", ["!", "(", "a", "^^", "b", ")"]),
        ("a in {1,2, 5..9}", ["a", "in", "{", "1", ",", "2", ",", "5", "..", "9", "}"]),
        ("x[0:3]", ["x", "[", "0:3", "]"]),
        ("10.0.0.0/8 ::1 fe80::/64 00:11:22", ["10.0.0.0/8", "::1", "fe80::/64", "00:11:22"]),
        ("5ms -5 1.5e3", ["5ms", "-5", "1.5e3"]),
        ("iscsi.time<.5", ["iscsi.time", "<", ".5"]),
        (" \t\n", []),
    ],
)
def test_operators_part_words_and_blanks_do_not_matter(text: str, words: list[str]) -> None:
    assert texts(text) == words


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        (r'"a\"b"', 'a"b'),
        (r'"a\\b"', r"a\b"),
        (r'"\x41\u00e4\n\t"', "A\u00e4\n\t"),
        (r'"\101\0"', "A\0"),
        (r'"\d\."', r"\d\."),
        (r'r"\d\"\x41"', r"\d\"\x41"),
        ("'x'", "x"),
        (r"'\''", "'"),
        ('""', ""),
    ],
)
def test_strings_mean_what_their_escapes_say(text: str, meaning: str) -> None:
    token, end = tokens(text)
    assert (token.kind, token.text, token.length, end.kind) == (STRING, meaning, len(text), END)


@pytest.mark.parametrize(
    ("text", "position"),
    [('a == "b', 5), ('"\\', 0), ("'ab'", 0), ("'", 0), (r'"\xg"', 1), (r'"\ud800"', 1), (r'"\U00110000"', 1)],
)
def test_a_broken_string_is_complained_about_where_it_is(text: str, position: int) -> None:
    with pytest.raises(QueryError) as caught:
        tokens(text)
    assert caught.value.position == position


def test_a_filter_has_an_end() -> None:
    with pytest.raises(QueryError):
        tokens("a" * (MAX_TEXT + 1))
    assert len(tokens("a" * MAX_TEXT)) == 2


@given(st.text(max_size=60))
def test_tokens_lie_one_after_the_other_and_cover_all_but_blanks(text: str) -> None:
    try:
        found = tokens(text)
    except QueryError:
        return
    at = 0
    for token in found[:-1]:
        assert text[at : token.position].strip(" \t\r\n\f\v") == ""
        assert token.length > 0
        if token.kind in (WORD, OPERATOR):
            assert text[token.position : token.position + token.length] == token.text
        at = token.position + token.length
    assert text[at:].strip(" \t\r\n\f\v") == ""
    assert found[-1].kind == END
