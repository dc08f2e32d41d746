"""The laws of sense data decoding (SPC-5 4.4)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissectors.scsi.sense import DESCRIPTOR, FIXED, UNKNOWN, Sense, parse_sense
from tests.dissectors.scsi.trees import check_inside, find

GOLDEN = [
    (  # LIO, READ(10) beyond the end
        "70000500000000 0a 00000000 2100 00 c00002",
        "ILLEGAL REQUEST: LOGICAL BLOCK ADDRESS OUT OF RANGE (5/21/00)",
        "field pointer: CDB byte 2",
    ),
    (
        "f0000300001234 0a 00000000 1100 00 800005",
        "MEDIUM ERROR: UNRECOVERED READ ERROR (3/11/00)",
        "5 retries",
    ),
    (
        "70000600000000 0a 00000000 2900 00 000000",
        "UNIT ATTENTION: POWER ON, RESET, OR BUS DEVICE RESET OCCURRED (6/29/00)",
        "",
    ),
    (
        "70000200000000 0a 00000000 0404 00 804000",
        "NOT READY: LOGICAL UNIT NOT READY, FORMAT IN PROGRESS (2/04/04)",
        "progress 25.0 %",
    ),
    (
        "70000a00000000 0a 00000000 2608 00 a80003",
        "COPY ABORTED: TOO MANY SEGMENT DESCRIPTORS (A/26/08)",
        "field pointer: segment descriptor byte 3, bit 0",
    ),
    (
        "71000b00000000 0a 00000000 0c0d 00 000000",
        "deferred ABORTED COMMAND: WRITE ERROR - NOT ENOUGH UNSOLICITED DATA (B/0C/0D)",
        "",
    ),
    (
        "720524000000000802060000cf000100",
        "ILLEGAL REQUEST: INVALID FIELD IN CDB (5/24/00)",
        "field pointer: CDB byte 1, bit 7",
    ),
    (
        "7206290000000008 0206000081000000",
        "UNIT ATTENTION: POWER ON, RESET, OR BUS DEVICE RESET OCCURRED (6/29/00)",
        "unit attention queue overflow",
    ),
    ("720b470500000000", "ABORTED COMMAND: PROTOCOL SERVICE CRC ERROR (B/47/05)", ""),
    (
        "7201001d0000000e 090c00040001000000000000a050",
        "RECOVERED ERROR: ATA PASS THROUGH INFORMATION AVAILABLE (1/00/1D)",
        "ATA status 0x50, error 0x04",
    ),
]


@pytest.mark.parametrize(("raw", "text", "detail"), GOLDEN)
def test_sense_data_reads_as_one_line(raw: str, text: str, detail: str) -> None:
    """Sense key, additional sense code and the sense-key specific bytes come out in words, in both formats."""
    sense = parse_sense(bytes.fromhex(raw))
    assert (sense.text, sense.detail, sense.problem) == (text, detail, "")
    check_inside(sense.tree(7), 7, 7 + len(sense.raw))


def test_fixed_format_gives_every_field() -> None:
    """Every fact of a fixed format sense buffer is taken over."""
    sense = parse_sense(bytes.fromhex("f000e300001234 0a 000000ab 1100 05 800005"))
    assert (sense.format, sense.deferred, sense.key, sense.asc, sense.ascq) == (FIXED, False, 3, 0x11, 0)
    assert (sense.information, sense.command_specific, sense.fru) == (0x1234, 0xAB, 5)
    assert find(sense.tree(), "scsi.sns.ili").value == 1
    assert find(sense.tree(), "scsi.sns.filemark").value == 1
    assert sense.summary.endswith("5 retries, information 4660 (0x1234), command-specific information 0xab, FRU 0x05")


def test_information_counts_only_when_it_is_valid() -> None:
    """Without the VALID bit the INFORMATION field means nothing."""
    assert parse_sense(bytes.fromhex("70000300001234 0a 00000000 1100 00 000000")).information is None
    assert parse_sense(bytes.fromhex("7203110000 0000 0c 000a0000 0000000000001000")).information is None


def test_descriptors_give_every_fact() -> None:
    """Information, command-specific information, FRU, flags and unknown descriptors are all shown."""
    raw = bytes.fromhex(
        "72031100 0000 00 30"
        "000a8000 0000000000001000"
        "010a0000 00000000000000ff"
        "03020007 0402 00e0 0502 0020"
        "8004 01020304 7701 99"
    )
    sense = parse_sense(raw)
    assert (sense.format, sense.key, sense.information, sense.command_specific, sense.fru) == (
        DESCRIPTOR,
        3,
        0x1000,
        0xFF,
        7,
    )
    labels = [node.label for node in sense.tree()[0].children]
    assert labels[5:] == [
        "Information descriptor",
        "Command specific information descriptor",
        "Field replaceable unit descriptor",
        "Stream commands descriptor",
        "Block commands descriptor",
        "Vendor specific descriptor",
        "Reserved descriptor",
    ]


def test_the_direct_access_descriptor_holds_everything_at_once() -> None:
    """SBC's compact descriptor carries information, sense-key specific bytes, FRU and command-specific information."""
    raw = bytes.fromhex("72051d00 0000 00 20 0d1e a000 c00002 09 0000000000000005 0000000000000006 0000000000000000")
    sense = parse_sense(raw)
    assert (sense.information, sense.command_specific, sense.fru) == (5, 6, 9)
    assert sense.detail == "field pointer: CDB byte 2"


def test_a_short_additional_length_hides_what_lies_behind_it() -> None:
    """Bytes beyond the additional sense length are shown, but not taken for sense data."""
    sense = parse_sense(bytes.fromhex("70000500000000 04 00000000 2100 00 c00002"))
    assert (sense.key, sense.asc, sense.text) == (5, -1, "ILLEGAL REQUEST (5)")
    assert sense.tree()[0].children[-1].label == "Bytes after the sense data"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"", "no sense data"),
        (b"\x7f\1", "vendor specific sense data (response code 0x7f)"),
        (b"\x00\1", "sense data of an unknown format (response code 0x00)"),
    ],
)
def test_other_formats_are_named_and_shown_raw(raw: bytes, text: str) -> None:
    """What cannot be decoded is never hidden."""
    sense = parse_sense(raw)
    assert (sense.format, sense.text, sense.summary) == (UNKNOWN, text, text)
    assert repr(sense) == f"Sense({text})"


@pytest.mark.parametrize("case", GOLDEN)
def test_every_truncation_decodes_as_far_as_it_goes(case: tuple[str, str, str]) -> None:
    """Cut anywhere, the nodes stay inside what is left, and a lost header is a problem."""
    whole = bytes.fromhex(case[0])
    for length in range(len(whole)):
        sense = parse_sense(whole[:length])
        check_inside(sense.tree(), 0, length)
        assert bool(sense.problem) == (0 < length < 8) or length == 0
        assert sense.key in (-1, parse_sense(whole).key)


@given(st.binary(max_size=80))
def test_any_bytes_decode(data: bytes) -> None:
    """Nothing raises, whatever the bytes."""
    sense = parse_sense(data)
    assert sense.summary
    check_inside(sense.tree(3), 3, 3 + len(data))


@given(st.integers(0x70, 0x73), st.binary(max_size=80))
def test_any_bytes_in_a_known_format_decode(code: int, data: bytes) -> None:
    """Nothing raises behind a valid response code either."""
    sense: Sense = parse_sense(bytes((code,)) + data)
    assert sense.summary
    check_inside(sense.tree(), 0, 1 + len(data))
