"""The laws of parameter data decoding: what commands return and what they send (SPC-5, SBC-4)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissectors.fields import Node
from dissectors.scsi.capacity import binary_size
from dissectors.scsi.data import decode_data, decode_parameters
from tests.dissectors.scsi.trees import check_inside, find, walk

# Captured from LIO (Linux 6.1) and tgt 1.0.85: CDB, Data-In, label and text of the first node.
CAPTURED = [
    (
        "120000006000",
        "000006025bb800024c494f2d4f5247206469736b312020202020202020202020342e3020"
        + "00" * 22
        + "00a00960046004c0"
        + "00" * 30,
        "Standard INQUIRY data",
        "Direct access block device: LIO-ORG disk1 4.0",
    ),
    (
        "120000004200",
        "000005123d00000249455420202020205649525455414c2d4449534b20202020303030310000000000000000000000000000000000000000"
        "000004c0096003000000",
        "Standard INQUIRY data",
        "Direct access block device: IET VIRTUAL-DISK 0001",
    ),
    (
        "12018300cb00",
        "008300c70103001060014055a98c45384614977a4c5a20a9020100334c494f2d4f5247206469736b313a35613938633435332d383436312d"
        "343937372d613463352d613230613930383263366330005194000400000001519500040000000001060004000000005398003469716e2e32"
        "3030332d30312e6f72672e6c696e75782d69736373692e6c6162766d3a6469736b312c742c3078303030310000000053a8002869716e2e32"
        "3030332d30312e6f72672e6c696e75782d69736373692e6c6162766d3a6469736b3100",
        "VPD page Device identification (0x83)",
        "7 designators",
    ),
    (
        "1201b0001400",
        "00b0001001010001000040000000400000000000",
        "VPD page Block limits (0xb0)",
        "",
    ),
    ("1201b2000800", "00b2000400000000", "VPD page Logical block provisioning (0xb2)", ""),
    ("120100002400", "0000000800808386b0b1b2b3", "VPD page Supported VPD pages (0x00)", "8 pages"),
    (
        "120180002900",
        "0080002535613938633435332d383436312d343937372d613463352d61323061393038326336633000",
        "VPD page Unit serial number (0x80)",
        "5a98c453-8461-4977-a4c5-a20a9082c6c0",
    ),
    (
        "9e100000000000000000000000200000",
        "000000000003ffff0000020000000000" + "00" * 16,
        "READ CAPACITY(16) data",
        "262144 blocks of 512 bytes, 128 MiB",
    ),
    ("25000000000000000000", "0007ffff00000200", "READ CAPACITY(10) data", "524288 blocks of 512 bytes, 256 MiB"),
    (
        "a00000000000000010000000",
        "000000100000000000000000000000000001000000000000",
        "REPORT LUNS data",
        "2 logical units: 0, 1",
    ),
    (
        "1a0008002000",
        "1f0010080003ffff000002000812040000000000000000002000000000000000",
        "Mode parameters",
        "Caching (0x08)",
    ),
    (
        "1a003f00ff00",
        "6900100800000000000002000000020e8080000a0000000000000000000008121400ffff0000ffffffff80140000000000000a0a02100000"
        "0000000002004a01001c040000000000000000000000000000000000000000000000000000001c0a08000000000000000000",
        "Mode parameters",
        "Vendor specific (0x00), Disconnect-reconnect (0x02), Caching (0x08), Control (0x0a), "
        "Control extension (0x0a/0x01), Informational exceptions control (0x1c)",
    ),
    (
        "5a003f00000000100000",
        "00460010000000080001ffff00000200010a0000000000000000000008120400000000000000000020000000000000000a0a021000400000"
        "ffff001e1c0a00000000000000000000",
        "Mode parameters",
        "Read-write error recovery (0x01), Caching (0x08), Control (0x0a), Informational exceptions control (0x1c)",
    ),
    ("5e000000000000400000", "0000000000000000", "Registered keys", "none"),
    (
        "5e010000000000400000",
        "0000000200000010000000005fb81ca30000000000030000",
        "Reservation",
        "Exclusive access (3), key 0x000000005fb81ca3",
    ),
    (
        "a30a00000000000010000000",
        "0000000c00cf00000000000100000001",
        "Target port groups",
        "group 0 active/optimized",
    ),
]

# Written by the standard, for what the captures lack.
WRITTEN = [
    (
        "5e000000000000400000",
        "00000003 00000010 0000000000000001 00000000000000ff",
        "Registered keys",
        "0x0000000000000001, 0x00000000000000ff",
    ),
    (
        "5e020000000000400000",
        "0008 1581 ea01 0000",
        "Persistent reservation capabilities",
        "CRH ATP_C PTPL_C TMV PTPL_A WR_EX_AR EX_AC_RO WR_EX_RO EX_AC WR_EX EX_AC_AR",
    ),
    (
        "5e030000000000400000",
        "00000001 0000003c 000000000000000a 00000000 01 15 00000000 0001 00000024"
        "45000020" + b"iqn.1993-08.org.debian:01:abc\0\0\0".hex(),
        "Registrations",
        "1 registrations",
    ),
    (
        "9e120000000000000000000000400000",
        "00000024 00000000 0000000000000000 00000008 01000000 0000000000000008 00000018 02000000",
        "GET LBA STATUS data",
        "2 ranges",
    ),
    (
        "a30c00000000000001000000",
        "00000024 28000000 0000000a 9e000010 00030010 000a0000 0000000a 00000014 7f000009 00010020",
        "Supported commands",
        "3 commands",
    ),
    (
        "a30c01280000000001000000",
        "0003000a 28ffffffffff1fffff07",
        "Supported command",
        "Supported as in the standard (3)",
    ),
    (
        "a30d00000000000001000000",
        "e8010000",
        "Supported task management functions",
        "ABORT TASK, ABORT TASK SET, CLEAR ACA, LOGICAL UNIT RESET, I_T NEXUS RESET",
    ),
    ("4d004d00000000010000", "0d00000c0000030200 1c 0001030200 41", "Log page Temperature (0x0d)", ""),
    ("4d004000000000010000", "0000000400020d2f", "Log page Supported log pages (0x00)", ""),
    (
        "03000000fc00",
        "70000600000000 0a 00000000 2900 00 000000",
        "Sense data",
        "UNIT ATTENTION: POWER ON, RESET, OR BUS DEVICE RESET OCCURRED (6/29/00)",
    ),
    ("120000000500", "7f00000000", "Standard INQUIRY data", "Unknown or no device type (no device can be connected)"),
    ("25000000000000000000", "ffffffff00000200", "READ CAPACITY(10) data", "more than 2^32 blocks of 512 bytes"),
    (
        "a32a00000000000010000000",
        "00000010 10ff0000 81df0001 00010001 00000001",
        "Target port groups",
        "group 1 active/non-optimized, preferred",
    ),
    ("120186004000", "0086003c" + "00" * 60, "VPD page Extended INQUIRY data (0x86)", ""),
    ("1201b1004000", "00b1003c0001" + "00" * 58, "VPD page Block device characteristics (0xb1)", ""),
    ("1201c0004000", "00c00002abcd", "VPD page Vendor specific (0xc0)", ""),
]
DATA = CAPTURED + WRITTEN

PARAMETERS = [
    (
        "5f010300000000001800",
        "000000005fb81ca300000000000000000000000000000000",
        "Persistent reservation parameters",
        "key 0x000000005fb81ca3, service action key 0x0000000000000000",
    ),
    (
        "5f070000000000004400",
        "00000000000000010000000000000002 00030001 00000024 45000020" + b"iqn.1993-08.org.debian:01:abc\0\0\0".hex(),
        "Persistent reservation parameters",
        "key 0x0000000000000001, service action key 0x0000000000000002",
    ),
    (
        "5f000000000000003400",
        "00000000000000010000000000000002 00000000 08000000 00000018 06000000 5000000000000001" + "00" * 12,
        "Persistent reservation parameters",
        "key 0x0000000000000001, service action key 0x0000000000000002",
    ),
    (
        "42000000000000002800",
        "0026 0020 00000000 0000000000001000 00000008 00000000 0000000000002000 00000010 00000000",
        "UNMAP parameters",
        "2 ranges, 24 blocks",
    ),
    ("151000001800", "00000000 0812040000000000000000002000000000000000", "Mode parameters", "Caching (0x08)"),
    ("a40a00000000000008000000", "00000000 01000001", "Target port groups to set", ""),
    ("4c000000000000000800", "0d000004 00000300", "Log page Temperature (0x0d)", ""),
]


@pytest.mark.parametrize(("cdb", "data", "label", "text"), DATA)
def test_data_reads_as_its_command_says(cdb: str, data: str, label: str, text: str) -> None:
    """One node for the structure, named and summed up, with its fields inside it and nothing left over."""
    raw = bytes.fromhex(data)
    nodes = decode_data(bytes.fromhex(cdb), raw)
    assert [(node.label, node.text) for node in nodes] == [(label, text)]
    check_inside(nodes, 0, len(raw))
    assert nodes[0].length == len(raw)


@pytest.mark.parametrize(("cdb", "data", "label", "text"), PARAMETERS)
def test_parameter_lists_read_as_their_command_says(cdb: str, data: str, label: str, text: str) -> None:
    """The same for what goes to the target."""
    raw = bytes.fromhex(data)
    nodes = decode_parameters(bytes.fromhex(cdb), raw)
    assert [(node.label, node.text) for node in nodes] == [(label, text)]
    check_inside(nodes, 0, len(raw))


def problems(nodes: list[Node]) -> list[str]:
    """What the nodes complain about."""
    return [node.problem for node in walk(nodes) if node.problem]


@pytest.mark.parametrize(("cdb", "data", "label", "text"), DATA)
def test_data_cut_by_the_allocation_length_is_no_problem(cdb: str, data: str, label: str, text: str) -> None:
    """Every truncation decodes what is there, inside of what is there, and complains of nothing."""
    raw = bytes.fromhex(data)
    whole = {(node.label, node.offset, node.mask): node.value for node in walk(decode_data(bytes.fromhex(cdb), raw))}
    for length in range(len(raw)):
        nodes = decode_data(bytes.fromhex(cdb), raw[:length])
        check_inside(nodes, 0, length)
        if label == "Sense data":
            continue
        assert problems(nodes) == []
        for node in walk(nodes):
            if isinstance(node.value, int) and node.filter != "scsi.lun":
                assert whole[node.label, node.offset, node.mask] == node.value


@pytest.mark.parametrize(("cdb", "data", "label", "text"), PARAMETERS)
def test_parameter_lists_cut_anywhere_decode(cdb: str, data: str, label: str, text: str) -> None:
    """Every truncation decodes, inside of what is there."""
    raw = bytes.fromhex(data)
    for length in range(len(raw)):
        check_inside(decode_parameters(bytes.fromhex(cdb), raw[:length]), 0, length)


@pytest.mark.parametrize(("cdb", "data", "label", "text"), [case for case in DATA if case[0][:2] not in ("25", "03")])
def test_bytes_behind_the_structure_are_shown_apart(cdb: str, data: str, label: str, text: str) -> None:
    """A structure ends where its own length says; what follows is shown raw."""
    raw = bytes.fromhex(data)
    nodes = decode_data(bytes.fromhex(cdb), raw + b"tail")
    if cdb.startswith(("5e02", "a30d", "9e10")) or len(nodes) == 1:
        return
    assert nodes[0].length == len(raw)
    assert nodes[1].value == b"tail"


def test_a_cut_says_how_much_is_there() -> None:
    """The text of a structure says how many of its bytes there are."""
    nodes = decode_data(bytes.fromhex("120000002400"), bytes.fromhex(CAPTURED[0][1])[:36])
    assert nodes[0].text.endswith("LIO-ORG disk1 4.0, 36 of 96 bytes")


def test_inquiry_fields_have_their_place() -> None:
    """Vendor, product, revision, flags and version descriptors of a LIO disk."""
    nodes = decode_data(bytes.fromhex(CAPTURED[0][0]), bytes.fromhex(CAPTURED[0][1]))
    assert find(nodes, "scsi.inquiry.vendor_id").value == "LIO-ORG"
    assert find(nodes, "scsi.inquiry.product_id").value == "disk1"
    assert find(nodes, "scsi.inquiry.product_rev").value == "4.0"
    assert find(nodes, "scsi.inquiry.devtype").text == "Direct access block device (0x00)"
    assert find(nodes, "scsi.inquiry.tpgs").text == "Implicit and explicit (3)"
    assert find(nodes, "scsi.inquiry.cmdque").value == 1
    versions = [node.text for node in walk(nodes) if node.filter == "scsi.inquiry.version_desc"]
    assert versions == ["SAM-5 (0x00a0)", "iSCSI (0x0960)", "SPC-4 (0x0460)", "SBC-3 (0x04c0)"]


def test_designators_of_every_kind_are_named() -> None:
    """All designator types of SPC-5 7.7.6 come out as people write them."""
    kinds = [
        (0x01, 0x03, "5000c50012345678", "Logical unit: naa.5000c50012345678"),
        (0x01, 0x03, "2000c50012345678", "Logical unit: naa.2000c50012345678"),
        (0x01, 0x03, "3000000000000001", "Logical unit: naa.3000000000000001"),
        (0x01, 0x02, "0011223344556677", "Logical unit: eui.0011223344556677"),
        (0x02, 0x01, b"IET     00010001".hex(), "Logical unit: IET 00010001"),
        (0x01, 0x01, b"IET     \1\2".hex(), "Logical unit: IET 0102"),
        (0x51, 0x94, "00000003", "Target port: relative target port identifier 3"),
        (0x51, 0x95, "00000004", "Target port: target port group 4"),
        (0x01, 0x06, "00000005", "Logical unit: logical unit group 5"),
        (0x01, 0x07, "00" * 16, "Logical unit: " + "00" * 16),
        (0x53, 0xA8, b"iqn.2003-01.org:x\0\0\0".hex(), "Target device: iqn.2003-01.org:x"),
        (0x01, 0x09, "0001", "Logical unit: 0001"),
        (0x01, 0x0A, "1000" + "0123456789abcdef" * 2, "Logical unit: uuid.01234567-89ab-cdef-0123-456789abcdef"),
        (0x01, 0x00, "dead", "Logical unit: dead"),
    ]  # fmt: skip
    body = b"".join(bytes((code, kind, 0, len(raw) // 2)) + bytes.fromhex(raw) for code, kind, raw, _ in kinds)
    page = b"\0\x83" + len(body).to_bytes(2, "big") + body
    nodes = decode_data(bytes.fromhex("1201830fff00"), page)
    check_inside(nodes, 0, len(page))
    assert [node.text for node in nodes[0].children[4:]] == [text for *_, text in kinds]


def test_mode_pages_have_their_place() -> None:
    """The flags that matter, of tgt's pages."""
    case = CAPTURED[11]
    nodes = decode_data(bytes.fromhex(case[0]), bytes.fromhex(case[1]))
    wce = find(nodes, "scsi.sbc.modepage.wce")
    assert (wce.value, wce.offset, wce.mask) == (1, 32, 0x04)
    assert find(nodes, "Block descriptor").text == "number of blocks 0, block length 512"
    assert find(nodes, "DPOFUA, DPO and FUA supported").value == 1
    tape = decode_data(bytes.fromhex("1a000000ff00"), bytes.fromhex("0b001008 4c000000 00000200"), 1)
    assert find(tape, "scsi.blockdescs.density_code").value == 0x4C
    long = decode_data(
        bytes.fromhex("5a100000000000ff0000"), bytes.fromhex("0016000001000010 0000000100000000 00000000 00001000")
    )
    assert find(long, "scsi.blockdescs.no_of_blocks64").value == 1 << 32


def test_registrations_name_the_initiator_port() -> None:
    """TransportIDs are read: iSCSI names, SAS addresses and others."""
    full = decode_data(bytes.fromhex(WRITTEN[2][0]), bytes.fromhex(WRITTEN[2][1]))
    registration = find(full, "Registration")
    assert registration.text == "key 0x000000000000000a, holds the reservation, iqn.1993-08.org.debian:01:abc"
    sas = decode_parameters(bytes.fromhex(PARAMETERS[2][0]), bytes.fromhex(PARAMETERS[2][1]))
    assert find(sas, "scsi.persresv.transportid").text == "SAS 5000000000000001"


def test_no_tree_grows_without_end() -> None:
    """Megabytes of descriptors are decoded up to a limit and otherwise shown as bytes."""
    data = (1 << 20).to_bytes(4, "big") + bytes(4) + bytes(8) * (1 << 17)
    nodes = decode_data(bytes.fromhex("a00000000000ffffffff0000"), data)
    assert sum(1 for _ in walk(nodes)) < 50_000
    assert (nodes[-1].label, nodes[-1].offset + nodes[-1].length) == ("Not decoded", len(data))


def test_commands_without_a_decoder_yield_nothing() -> None:
    """User data and unknown commands are the caller's to show."""
    assert decode_data(bytes.fromhex("28000000000000000100"), bytes(512)) == []
    assert decode_data(b"", b"data") == decode_data(b"\x12", b"") == []
    assert decode_parameters(bytes.fromhex("2a000000000000000100"), bytes(512)) == []
    assert decode_parameters(b"", b"data") == decode_parameters(b"\x15", b"") == []


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (512, "512 bytes"), (1536, "1.5 KiB"), (1 << 40, "1 TiB"), (1 << 76, "65536 EiB")],
)
def test_sizes_are_for_people(size: int, text: str) -> None:
    """Binary units, one digit."""
    assert binary_size(size) == text


COMMANDS = sorted({case[0] for case in DATA + PARAMETERS})


@given(st.sampled_from(COMMANDS), st.binary(max_size=200), st.sampled_from([None, 0, 1, 5, 8]))
def test_any_bytes_decode(cdb: str, data: bytes, device_type: int | None) -> None:
    """Nothing raises, and no node leaves the data, whatever the bytes."""
    raw = bytes.fromhex(cdb)
    check_inside(decode_data(raw, data, device_type), 0, len(data))
    check_inside(decode_parameters(raw, data, device_type), 0, len(data))


@given(st.binary(max_size=32), st.binary(max_size=64), st.integers(0, 255))
def test_any_command_with_any_bytes_decodes(cdb: bytes, data: bytes, device_type: int) -> None:
    """Nothing raises for hostile CDBs either."""
    check_inside(decode_data(cdb, data, device_type), 0, len(data))
    check_inside(decode_parameters(cdb, data, device_type), 0, len(data))


@given(st.sampled_from(DATA), st.data())
def test_damaged_data_decodes(case: tuple[str, str, str, str], draw: st.DataObject) -> None:
    """One wrong byte anywhere, lengths included, changes words but raises nothing."""
    raw = bytearray.fromhex(case[1])
    raw[draw.draw(st.integers(0, len(raw) - 1))] = draw.draw(st.integers(0, 255))
    check_inside(decode_data(bytes.fromhex(case[0]), bytes(raw)), 0, len(raw))
