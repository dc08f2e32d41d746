"""The laws of declared SCSI fields and of reading them."""

from __future__ import annotations

import pytest

from dissectors.scsi.tables import (
    announced,
    ascii_text,
    flag,
    group,
    listed,
    nodes,
    number,
    octets,
    read,
    rest,
    signed,
    string,
    utf8_text,
    values,
)

FIELDS = (
    number("whole", "Whole", 0, 2),
    number("part", "Part", 2, 1, 0x3C),
    flag("bit", "BIT", 2, 0x80),
    signed("count", "Count", 3, 3),
    octets("raw", "Raw", 6, 2),
    string("name", "Name", 8, 8),
)
DATA = bytes.fromhex("0102 bc fffffe beef") + b"ABC\0  \xff "


def test_fields_are_read_at_their_place() -> None:
    """Numbers, bits, two's complement, bytes and text."""
    expected = {"whole": 0x0102, "part": 15, "bit": 1, "count": -2, "raw": b"\xbe\xef", "name": "ABC\\x00  \\xff"}
    assert values(FIELDS, DATA) == expected
    assert values(FIELDS, b"xx" + DATA, 2) == expected
    assert read(FIELDS[1], DATA) == 15


def test_nodes_say_where_they_are() -> None:
    """Offset, length and mask of every node, relative to the buffer."""
    found = nodes(FIELDS, b"xx" + DATA, 2)
    assert [(node.offset, node.length, node.mask) for node in found] == [
        (2, 2, 0),
        (4, 1, 0x3C),
        (4, 1, 0x80),
        (5, 3, 0),
        (8, 2, 0),
        (10, 8, 0),
    ]


@pytest.mark.parametrize("length", range(len(DATA)))
def test_fields_that_are_not_there_are_left_out(length: int) -> None:
    """Never guessed, never padded."""
    expected = {field.name for field in FIELDS if field.offset + field.width <= length}
    assert set(values(FIELDS, DATA[:length])) == set(values(FIELDS, DATA, 0, length)) == expected
    assert len(nodes(FIELDS, DATA[:length])) == len(nodes(FIELDS, DATA, 0, length)) == len(expected)


def test_lists_hold_whole_items_only() -> None:
    """Half an item at the end is none."""
    assert [node.value for node in listed(FIELDS[0], bytes(7), 1, 7)] == [0, 0, 0]
    assert [node.offset for node in listed(FIELDS[0], bytes(7), 2, 99)] == [2, 4]


def test_groups_are_clipped_to_the_data() -> None:
    """A structure that claims more than there is ends where the data ends."""
    assert (group("Group", bytes(4), 1, 9).offset, group("Group", bytes(4), 1, 9).length) == (1, 3)
    assert group("Group", bytes(4), 9, 12).length == 0


def test_what_nobody_decodes_is_shown_raw() -> None:
    """Short bytes whole, long ones by their beginning; nothing is no node."""
    assert rest("Rest", b"abcd", 1, 3)[0].text == "6263"
    assert rest("Rest", bytes(40), 0)[0].text == "40 bytes: " + "00" * 32 + "..."
    assert rest("Rest", b"abcd", 4) == []


def test_texts_are_printable() -> None:
    """Padding goes, control characters are escaped."""
    assert ascii_text(b" LIO-ORG \0\0") == "LIO-ORG"
    assert ascii_text(b"a\x1b[31mb") == "a\\x1b[31mb"
    assert utf8_text("iqn.ä\n\0".encode() + b"\xff\0\0") == "iqn.ä\\n\\x00\\xff"


def test_what_is_not_there_is_announced() -> None:
    """How much of a structure there is, if it is not all."""
    assert announced("text", bytes(4), 4) == "text"
    assert announced("text", bytes(4), 8) == "text, 4 of 8 bytes"
    assert announced("", bytes(4), 8) == "4 of 8 bytes"
