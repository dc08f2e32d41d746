"""Parameter data and what it must read as: captured from LIO (Linux 6.1) and tgt 1.0.85, or written by the standard."""

from __future__ import annotations

from typing import NamedTuple


class Sample(NamedTuple):
    """The CDB and the data of one command, and label and text of the first node that comes out."""

    cdb: str
    data: str
    label: str
    text: str


INQUIRY = [
    Sample(
        "120000006000",
        (
            "000006025bb800024c494f2d4f5247206469736b312020202020202020202020342e3020000000000000000000000000"
            "0000000000000000000000a00960046004c0000000000000000000000000000000000000000000000000000000000000"
        ),
        "Standard INQUIRY data",
        "Direct access block device: LIO-ORG disk1 4.0",
    ),
    Sample(
        "120000004200",
        (
            "000005123d00000249455420202020205649525455414c2d4449534b2020202030303031000000000000000000000000"
            "0000000000000000000004c0096003000000"
        ),
        "Standard INQUIRY data",
        "Direct access block device: IET VIRTUAL-DISK 0001",
    ),
    Sample(
        "120000000500", "7f00000000", "Standard INQUIRY data", "Unknown or no device type (no device can be connected)"
    ),
]
VPD = [
    Sample(
        "12018300cb00",
        (
            "008300c70103001060014055a98c45384614977a4c5a20a9020100334c494f2d4f5247206469736b313a356139386334"
            "35332d383436312d343937372d613463352d613230613930383263366330005194000400000001519500040000000001"
            "060004000000005398003469716e2e323030332d30312e6f72672e6c696e75782d69736373692e6c6162766d3a646973"
            "6b312c742c3078303030310000000053a8002869716e2e323030332d30312e6f72672e6c696e75782d69736373692e6c"
            "6162766d3a6469736b3100"
        ),
        "VPD page Device identification (0x83)",
        "7 designators",
    ),
    Sample("1201b0001400", "00b0001001010001000040000000400000000000", "VPD page Block limits (0xb0)", ""),
    Sample("1201b2000800", "00b2000400000000", "VPD page Logical block provisioning (0xb2)", ""),
    Sample("120100002400", "0000000800808386b0b1b2b3", "VPD page Supported VPD pages (0x00)", "8 pages"),
    Sample(
        "120180002900",
        "0080002535613938633435332d383436312d343937372d613463352d61323061393038326336633000",
        "VPD page Unit serial number (0x80)",
        "5a98c453-8461-4977-a4c5-a20a9082c6c0",
    ),
    Sample(
        "120186004000",
        (
            "0086003c0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
            "00000000000000000000000000000000"
        ),
        "VPD page Extended INQUIRY data (0x86)",
        "",
    ),
    Sample(
        "1201b1004000",
        (
            "00b1003c0001000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
            "00000000000000000000000000000000"
        ),
        "VPD page Block device characteristics (0xb1)",
        "",
    ),
    Sample("1201c0004000", "00c00002abcd", "VPD page Vendor specific (0xc0)", ""),
]
CAPACITY = [
    Sample(
        "9e100000000000000000000000200000",
        "000000000003ffff000002000000000000000000000000000000000000000000",
        "READ CAPACITY(16) data",
        "262144 blocks of 512 bytes, 128 MiB",
    ),
    Sample("25000000000000000000", "0007ffff00000200", "READ CAPACITY(10) data", "524288 blocks of 512 bytes, 256 MiB"),
    Sample(
        "9e120000000000000000000000400000",
        "00000024 00000000 0000000000000000 00000008 01000000 0000000000000008 00000018 02000000",
        "GET LBA STATUS data",
        "2 ranges",
    ),
    Sample("25000000000000000000", "ffffffff00000200", "READ CAPACITY(10) data", "more than 2^32 blocks of 512 bytes"),
]
CAPACITY_PARAMETERS = [
    Sample(
        "42000000000000002800",
        "0026 0020 00000000 0000000000001000 00000008 00000000 0000000000002000 00000010 00000000",
        "UNMAP parameters",
        "2 ranges, 24 blocks",
    ),
]
REPORTS = [
    Sample(
        "a00000000000000010000000",
        "000000100000000000000000000000000001000000000000",
        "REPORT LUNS data",
        "2 logical units: 0, 1",
    ),
    Sample(
        "a30a00000000000010000000", "0000000c00cf00000000000100000001", "Target port groups", "group 0 active/optimized"
    ),
    Sample(
        "a32a00000000000010000000",
        "00000010 10ff0000 81df0001 00010001 00000001",
        "Target port groups",
        "group 1 active/non-optimized, preferred",
    ),
]
REPORTS_PARAMETERS = [
    Sample("a40a00000000000008000000", "00000000 01000001", "Target port groups to set", ""),
]
SUPPORTED = [
    Sample(
        "a30c00000000000001000000",
        "00000024 28000000 0000000a 9e000010 00030010 000a0000 0000000a 00000014 7f000009 00010020",
        "Supported commands",
        "3 commands",
    ),
    Sample(
        "a30c01280000000001000000",
        "0003000a 28ffffffffff1fffff07",
        "Supported command",
        "Supported as in the standard (3)",
    ),
    Sample(
        "a30d00000000000001000000",
        "e8010000",
        "Supported task management functions",
        "ABORT TASK, ABORT TASK SET, CLEAR ACA, LOGICAL UNIT RESET, I_T NEXUS RESET",
    ),
]
MODE = [
    Sample(
        "1a0008002000",
        "1f0010080003ffff000002000812040000000000000000002000000000000000",
        "Mode parameters",
        "Caching (0x08)",
    ),
    Sample(
        "1a003f00ff00",
        (
            "6900100800000000000002000000020e8080000a0000000000000000000008121400ffff0000ffffffff801400000000"
            "00000a0a021000000000000002004a01001c040000000000000000000000000000000000000000000000000000001c0a"
            "08000000000000000000"
        ),
        "Mode parameters",
        (
            "Vendor specific (0x00), Disconnect-reconnect (0x02), Caching (0x08), Control (0x0a), Contr"
            "ol extension (0x0a/0x01), Informational exceptions control (0x1c)"
        ),
    ),
    Sample(
        "5a003f00000000100000",
        (
            "00460010000000080001ffff00000200010a000000000000000000000812040000000000000000002000000000000000"
            "0a0a021000400000ffff001e1c0a00000000000000000000"
        ),
        "Mode parameters",
        ("Read-write error recovery (0x01), Caching (0x08), Control (0x0a), Informational exceptions control (0x1c)"),
    ),
]
MODE_PARAMETERS = [
    Sample("151000001800", "00000000 0812040000000000000000002000000000000000", "Mode parameters", "Caching (0x08)"),
]
RESERVATION = [
    Sample("5e000000000000400000", "0000000000000000", "Registered keys", "none"),
    Sample(
        "5e010000000000400000",
        "0000000200000010000000005fb81ca30000000000030000",
        "Reservation",
        "Exclusive access (3), key 0x000000005fb81ca3",
    ),
    Sample(
        "5e000000000000400000",
        "00000003 00000010 0000000000000001 00000000000000ff",
        "Registered keys",
        "0x0000000000000001, 0x00000000000000ff",
    ),
    Sample(
        "5e020000000000400000",
        "0008 1581 ea01 0000",
        "Persistent reservation capabilities",
        "CRH ATP_C PTPL_C TMV PTPL_A WR_EX_AR EX_AC_RO WR_EX_RO EX_AC WR_EX EX_AC_AR",
    ),
    Sample(
        "5e030000000000400000",
        (
            "00000001 0000003c 000000000000000a 00000000 01 15 00000000 0001 000000244500002069716e2e31393933"
            "2d30382e6f72672e64656269616e3a30313a616263000000"
        ),
        "Registrations",
        "1 registrations",
    ),
]
RESERVATION_PARAMETERS = [
    Sample(
        "5f010300000000001800",
        "000000005fb81ca300000000000000000000000000000000",
        "Persistent reservation parameters",
        "key 0x000000005fb81ca3, service action key 0x0000000000000000",
    ),
    Sample(
        "5f070000000000004400",
        (
            "00000000000000010000000000000002 00030001 00000024 4500002069716e2e313939332d30382e6f72672e64656"
            "269616e3a30313a616263000000"
        ),
        "Persistent reservation parameters",
        "key 0x0000000000000001, service action key 0x0000000000000002",
    ),
    Sample(
        "5f000000000000003400",
        (
            "00000000000000010000000000000002 00000000 08000000 00000018 06000000 500000000000000100000000000"
            "0000000000000"
        ),
        "Persistent reservation parameters",
        "key 0x0000000000000001, service action key 0x0000000000000002",
    ),
]
LOG_PAGES = [
    Sample("4d004d00000000010000", "0d00000c0000030200 1c 0001030200 41", "Log page Temperature (0x0d)", ""),
    Sample("4d004000000000010000", "0000000400020d2f", "Log page Supported log pages (0x00)", ""),
]
LOG_PAGES_PARAMETERS = [
    Sample("4c000000000000000800", "0d000004 00000300", "Log page Temperature (0x0d)", ""),
]
SENSE = [
    Sample(
        "03000000fc00",
        "70000600000000 0a 00000000 2900 00 000000",
        "Sense data",
        "UNIT ATTENTION: POWER ON, RESET, OR BUS DEVICE RESET OCCURRED (6/29/00)",
    ),
]

DATA = [*INQUIRY, *VPD, *CAPACITY, *REPORTS, *SUPPORTED, *MODE, *RESERVATION, *LOG_PAGES, *SENSE]
"Everything that `decode_data` decodes."
PARAMETERS = [
    *CAPACITY_PARAMETERS,
    *REPORTS_PARAMETERS,
    *MODE_PARAMETERS,
    *RESERVATION_PARAMETERS,
    *LOG_PAGES_PARAMETERS,
]
"Everything that `decode_parameters` decodes."
