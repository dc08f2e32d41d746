"""Value names of SPC that commands and parameter data share: device types, page codes, reservation scopes and types."""

from __future__ import annotations

from typing import Final

from dissectors.fields import Words

DEVICE_TYPES: Final = Words(
    {
        0x00: "Direct access block device",
        0x01: "Sequential access device",
        0x02: "Printer device",
        0x03: "Processor device",
        0x04: "Write-once device",
        0x05: "CD/DVD device",
        0x06: "Scanner device",
        0x07: "Optical memory device",
        0x08: "Media changer device",
        0x09: "Communications device",
        0x0C: "Storage array controller device",
        0x0D: "Enclosure services device",
        0x0E: "Simplified direct access device",
        0x0F: "Optical card reader/writer device",
        0x10: "Bridge controller device",
        0x11: "Object-based storage device",
        0x12: "Automation/drive interface",
        0x13: "Security manager device",
        0x14: "Host managed zoned block device",
        0x1E: "Well known logical unit",
        0x1F: "Unknown or no device type",
    },
    ((0x0A, 0x0B, "Graphic arts pre-press device"),),
    "Reserved device type",
)

PERIPHERAL_QUALIFIERS: Final = Words(
    {
        0: "A device is connected",
        1: "No device is connected, but could be",
        3: "No device can be connected",
    },
    ((4, 7, "Vendor specific"),),
    "Reserved",
)

VPD_PAGES: Final = Words(
    {
        0x00: "Supported VPD pages",
        0x80: "Unit serial number",
        0x81: "Implemented operating definition",
        0x82: "ASCII implemented operating definition",
        0x83: "Device identification",
        0x84: "Software interface identification",
        0x85: "Management network addresses",
        0x86: "Extended INQUIRY data",
        0x87: "Mode page policy",
        0x88: "SCSI ports",
        0x89: "ATA information",
        0x8A: "Power condition",
        0x8B: "Device constituents",
        0x8C: "CFA profile information",
        0x8D: "Power consumption",
        0x8F: "Third-party copy",
        0x90: "Protocol specific logical unit information",
        0x91: "Protocol specific port information",
        0x92: "SCSI feature sets",
        0xB0: "Block limits",
        0xB1: "Block device characteristics",
        0xB2: "Logical block provisioning",
        0xB3: "Referrals",
        0xB4: "Supported block lengths and protection types",
        0xB5: "Block device characteristics extension",
        0xB6: "Zoned block device characteristics",
        0xB7: "Block limits extension",
        0xB8: "Format presets",
        0xB9: "Concurrent positioning ranges",
    },
    ((0x01, 0x7F, "ASCII information"), (0xC0, 0xFF, "Vendor specific")),
    "Reserved",
)

MODE_PAGES: Final = Words(
    {
        0x00: "Vendor specific",
        0x01: "Read-write error recovery",
        0x02: "Disconnect-reconnect",
        0x03: "Format device",
        0x04: "Rigid disk geometry",
        0x05: "Flexible disk",
        0x07: "Verify error recovery",
        0x08: "Caching",
        0x09: "Peripheral device",
        0x0A: "Control",
        0x0B: "Medium types supported",
        0x0C: "Notch and partition",
        0x0D: "CD device parameters",
        0x0E: "CD audio control",
        0x0F: "Data compression",
        0x10: "XOR control or device configuration",
        0x11: "Medium partition",
        0x14: "Enclosure services management",
        0x18: "Protocol specific logical unit",
        0x19: "Protocol specific port",
        0x1A: "Power condition",
        0x1C: "Informational exceptions control",
        0x1D: "Element address assignment or time-out and protect",
        0x1E: "Transport geometry parameters",
        0x1F: "Device capabilities",
        0x2A: "CD capabilities and mechanical status",
        0x3F: "All pages",
    },
    ((0x20, 0x3E, "Vendor specific"),),
    "Reserved",
)

MODE_SUBPAGES: Final[dict[tuple[int, int], str]] = {
    (0x0A, 0x01): "Control extension",
    (0x0A, 0x02): "Application tag",
    (0x0A, 0x05): "IO advice hints grouping",
    (0x0A, 0x06): "Background operation control",
    (0x1A, 0x01): "Power consumption",
    (0x1C, 0x01): "Background control",
    (0x1C, 0x02): "Logical block provisioning",
}
_SPC_MODE_PAGES: Final = frozenset((0x02, 0x09, 0x0A, 0x18, 0x19, 0x1A, 0x1C, 0x3F))


def mode_page_filter(code: int) -> str:
    """The filter name of a mode page code: Wireshark has one for the pages of SPC and one for those of SBC."""
    return "scsi.mode.spc.pagecode" if code in _SPC_MODE_PAGES else "scsi.mode.sbc.pagecode"


PAGE_CONTROLS: Final = Words({0: "Current values", 1: "Changeable values", 2: "Default values", 3: "Saved values"})
LOG_PAGE_CONTROLS: Final = Words(
    {0: "Threshold values", 1: "Cumulative values", 2: "Default threshold values", 3: "Default cumulative values"}
)

LOG_PAGES: Final = Words(
    {
        0x00: "Supported log pages",
        0x01: "Buffer over-run/under-run",
        0x02: "Write error counters",
        0x03: "Read error counters",
        0x04: "Read reverse error counters",
        0x05: "Verify error counters",
        0x06: "Non-medium error",
        0x07: "Last n error events",
        0x08: "Format status",
        0x0B: "Last n deferred errors or asynchronous events",
        0x0C: "Sequential access device or logical block provisioning",
        0x0D: "Temperature",
        0x0E: "Start-stop cycle counter",
        0x0F: "Application client",
        0x10: "Self-test results",
        0x11: "Solid state media or DT device status",
        0x12: "TapeAlert response",
        0x13: "Requested recovery",
        0x14: "Device statistics",
        0x15: "Background scan results or service buffers information",
        0x16: "ATA pass-through results or tape diagnostic data",
        0x17: "Non-volatile cache or volume statistics",
        0x18: "Protocol specific port",
        0x19: "General statistics and performance",
        0x1A: "Power condition transitions",
        0x1B: "Data compression",
        0x2E: "TapeAlert",
        0x2F: "Informational exceptions",
    },
    ((0x30, 0x3E, "Vendor specific"),),
    "Reserved",
)

RESERVATION_SCOPES: Final = Words({0: "Logical unit", 1: "Extent", 2: "Element"}, other="Reserved")
RESERVATION_TYPES: Final = Words(
    {
        0x0: "Read shared",
        0x1: "Write exclusive",
        0x2: "Read exclusive",
        0x3: "Exclusive access",
        0x4: "Shared access",
        0x5: "Write exclusive, registrants only",
        0x6: "Exclusive access, registrants only",
        0x7: "Write exclusive, all registrants",
        0x8: "Exclusive access, all registrants",
    },
    other="Reserved",
)

PERSISTENT_RESERVE_IN: Final[dict[int, str]] = {
    0x00: "READ KEYS",
    0x01: "READ RESERVATION",
    0x02: "REPORT CAPABILITIES",
    0x03: "READ FULL STATUS",
}
PERSISTENT_RESERVE_OUT: Final[dict[int, str]] = {
    0x00: "REGISTER",
    0x01: "RESERVE",
    0x02: "RELEASE",
    0x03: "CLEAR",
    0x04: "PREEMPT",
    0x05: "PREEMPT AND ABORT",
    0x06: "REGISTER AND IGNORE EXISTING KEY",
    0x07: "REGISTER AND MOVE",
    0x08: "REPLACE LOST RESERVATION",
}

PROTOCOLS: Final = Words(
    {
        0x0: "Fibre Channel",
        0x1: "Parallel SCSI",
        0x2: "SSA",
        0x3: "IEEE 1394",
        0x4: "SCSI RDMA",
        0x5: "iSCSI",
        0x6: "SAS",
        0x7: "ADT",
        0x8: "ATA/ATAPI",
        0x9: "UAS",
        0xA: "SCSI over PCI Express",
        0xB: "PCI Express",
        0xF: "No specific protocol",
    },
    other="Reserved",
)

SECURITY_PROTOCOLS: Final = Words(
    {
        0x00: "Security protocol information",
        0x07: "CbCS",
        0x20: "Tape data encryption",
        0x21: "Data encryption configuration",
        0x40: "SA creation capabilities",
        0x41: "IKEv2-SCSI",
        0xE9: "NVMe",
        0xEA: "NVMe",
        0xEB: "SCSA",
        0xEC: "JEDEC UFS",
        0xED: "SDcard TrustedFlash security",
        0xEE: "IEEE 1667",
        0xEF: "ATA device server password",
    },
    ((0x01, 0x06, "Trusted Computing Group"), (0xF0, 0xFF, "Vendor specific")),
    "Reserved",
)

WRITE_BUFFER_MODES: Final = Words(
    {
        0x00: "Combined header and data",
        0x01: "Vendor specific",
        0x02: "Data",
        0x04: "Download microcode and activate",
        0x05: "Download microcode, save and activate",
        0x06: "Download microcode with offsets and activate",
        0x07: "Download microcode with offsets, save and activate",
        0x0A: "Write data to echo buffer",
        0x0D: "Download microcode with offsets, select activation, save and defer activation",
        0x0E: "Download microcode with offsets, save and defer activation",
        0x0F: "Activate deferred microcode",
        0x1A: "Enable expander communications protocol and echo buffer",
        0x1B: "Disable expander communications protocol",
        0x1C: "Download application client error history",
    },
    other="Reserved",
)
READ_BUFFER_MODES: Final = Words(
    {
        0x00: "Combined header and data",
        0x01: "Vendor specific",
        0x02: "Data",
        0x03: "Descriptor",
        0x0A: "Read data from echo buffer",
        0x0B: "Echo buffer descriptor",
        0x0F: "Read microcode status",
        0x1A: "Enable expander communications protocol and echo buffer",
        0x1C: "Error history",
    },
    other="Reserved",
)

SELF_TESTS: Final = Words(
    {
        0: "None or default self-test",
        1: "Background short self-test",
        2: "Background extended self-test",
        4: "Abort background self-test",
        5: "Foreground short self-test",
        6: "Foreground extended self-test",
    },
    other="Reserved",
)
SELECT_REPORTS: Final = Words(
    {
        0x00: "All but well known logical units",
        0x01: "Well known logical units only",
        0x02: "All logical units",
        0x10: "Administrative logical units",
        0x11: "Administrative logical units and non-conglomerates",
        0x12: "Subsidiary logical units",
    },
    ((0xF8, 0xFF, "Vendor specific"),),
    "Reserved",
)
