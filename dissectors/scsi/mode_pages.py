"""The mode pages that people look at (SPC-5 7.5, SBC-4 6.5), field by field. A table, read by mode.py."""

from __future__ import annotations

from typing import Final

from dissectors.fields import Field, Words
from dissectors.scsi.tables import flag, number

_SBC = "scsi.sbc.modepage."
_SPC = "scsi.spc.modepage."

_ERROR_RECOVERY = (
    flag("awre", "AWRE", 2, 0x80, _SBC + "awre"),
    flag("arre", "ARRE", 2, 0x40, _SBC + "arre"),
    flag("tb", "TB", 2, 0x20, _SBC + "tb"),
    flag("rc", "RC", 2, 0x10, _SBC + "rc"),
    flag("eer", "EER", 2, 0x08, _SBC + "eer"),
    flag("per", "PER", 2, 0x04, _SBC + "per"),
    flag("dte", "DTE", 2, 0x02, _SBC + "dte"),
    flag("dcr", "DCR", 2, 0x01, _SBC + "dcr"),
    number("read_retry_count", "Read retry count", 3, 1, 0, _SBC + "read_retry_count"),
    number("correction_span", "Correction span (obsolete)", 4, 1, 0, _SBC + "correction_span"),
    number("head_offset_count", "Head offset count (obsolete)", 5, 1, 0, _SBC + "head_offset_count"),
    number("data_strobe_offset_count", "Data strobe offset (obsolete)", 6, 1, 0, _SBC + "data_strobe_offset_count"),
    flag("lbpere", "LBPERE", 7, 0x80),
    number("write_retry_count", "Write retry count", 8, 1, 0, _SBC + "write_retry_count"),
    number("recovery_time_limit", "Recovery time limit (ms)", 10, 2, 0, _SBC + "recovery_time_limit"),
)
_DISCONNECT = (
    number("buffer_full_ratio", "Buffer full ratio", 2, 1, 0, _SPC + "buffer_full_ratio"),
    number("buffer_empty_ratio", "Buffer empty ratio", 3, 1, 0, _SPC + "buffer_empty_ratio"),
    number("bus_inactivity_limit", "Bus inactivity limit", 4, 2, 0, _SPC + "bus_inactivity_limit"),
    number("disconnect_time_limit", "Disconnect time limit", 6, 2, 0, _SPC + "disconnect_time_limit"),
    number("connect_time_limit", "Connect time limit", 8, 2, 0, _SPC + "connect_time_limit"),
    number("maximum_burst_size", "Maximum burst size (512 bytes)", 10, 2),
    flag("emdp", "EMDP, data may come out of order", 12, 0x80, _SPC + "emdp"),
    flag("faa", "FAA", 12, 0x40, _SPC + "faa"),
    flag("fab", "FAB", 12, 0x20, _SPC + "fab"),
    flag("fac", "FAC", 12, 0x10, _SPC + "fac"),
    flag("dimm", "DIMM, no immediate data", 12, 0x08),
    number("dtdc", "DTDC", 12, 1, 0x07),
    number("first_burst_size", "First burst size (512 bytes)", 14, 2),
)
_CACHING = (
    flag("ic", "IC", 2, 0x80, _SBC + "ic"),
    flag("abpf", "ABPF", 2, 0x40, _SBC + "abpf"),
    flag("cap", "CAP", 2, 0x20, _SBC + "cap"),
    flag("disc", "DISC", 2, 0x10, _SBC + "disc"),
    flag("size", "SIZE", 2, 0x08, _SBC + "size"),
    flag("wce", "WCE, writeback cache enabled", 2, 0x04, _SBC + "wce"),
    flag("mf", "MF", 2, 0x02, _SBC + "mf"),
    flag("rcd", "RCD, read cache disabled", 2, 0x01, _SBC + "rcd"),
    number(
        "read_retention_priority",
        "Demand read retention priority",
        3,
        1,
        0xF0,
        _SBC + "demand_read_retention_priority",
    ),
    number("write_retention_priority", "Write retention priority", 3, 1, 0x0F, _SBC + "write_retention_priority"),
    number("disable_prefetch_length", "Disable pre-fetch length", 4, 2, 0, _SBC + "disable_pre_fetch_xfer_len"),
    number("minimum_prefetch", "Minimum pre-fetch", 6, 2, 0, _SBC + "minimum_pre_fetch"),
    number("maximum_prefetch", "Maximum pre-fetch", 8, 2, 0, _SBC + "maximum_pre_fetch"),
    number("maximum_prefetch_ceiling", "Maximum pre-fetch ceiling", 10, 2, 0, _SBC + "maximum_pre_fetch_ceiling"),
    flag("fsw", "FSW", 12, 0x80, _SBC + "fsw"),
    flag("lbcss", "LBCSS", 12, 0x40, _SBC + "lbcss"),
    flag("dra", "DRA, read-ahead disabled", 12, 0x20, _SBC + "dra"),
    number("sync_prog", "SYNC_PROG", 12, 1, 0x06),
    flag("nv_dis", "NV_DIS", 12, 0x01),
    number("cache_segments", "Number of cache segments", 13, 1, 0, _SBC + "number_of_cache_segments"),
    number("cache_segment_size", "Cache segment size", 14, 2, 0, _SBC + "cache_segment_size"),
    number("non_cache_segment_size", "Non-cache segment size (obsolete)", 17, 3, 0, _SBC + "non_cache_segment_size"),
)
_TASK_SETS = Words({0: "One task set for all I_T nexuses", 1: "A task set per I_T nexus"}, other="Reserved")
_REORDERING = Words({0: "Restricted reordering", 1: "Unrestricted reordering"}, other="Reserved or vendor specific")
_CONTROL = (
    number("tst", "TST, task set type", 2, 1, 0xE0, "scsi.mode.tst", _TASK_SETS),
    flag("tmf_only", "TMF_ONLY", 2, 0x10),
    flag("dpicz", "DPICZ", 2, 0x08),
    flag("d_sense", "D_SENSE, descriptor format sense data", 2, 0x04),
    flag("gltsd", "GLTSD", 2, 0x02, _SPC + "gltsd"),
    flag("rlec", "RLEC", 2, 0x01, _SPC + "report_log_exception_condition"),
    number("queue_algorithm_modifier", "Queue algorithm modifier", 3, 1, 0xF0, "scsi.mode.qmod", _REORDERING),
    flag("nuar", "NUAR", 3, 0x08),
    number("qerr", "QERR", 3, 1, 0x06, "scsi.mode.qerr"),
    flag("dque", "DQUE (obsolete)", 3, 0x01, _SPC + "disable_queuing"),
    flag("rac", "RAC, report a check", 4, 0x40, "scsi.mode.rac"),
    number("ua_intlck_ctrl", "UA_INTLCK_CTRL", 4, 1, 0x30),
    flag("swp", "SWP, software write protect", 4, 0x08, _SPC + "swp"),
    flag("ato", "ATO", 5, 0x80),
    flag("tas", "TAS, TASK ABORTED status", 5, 0x40, "scsi.mode.tac"),
    flag("atmpe", "ATMPE", 5, 0x20),
    flag("rwwp", "RWWP", 5, 0x10),
    number("autoload_mode", "Autoload mode", 5, 1, 0x07, _SPC + "autoload_mode"),
    number("busy_timeout_period", "Busy timeout period (100 ms)", 8, 2),
    number("self_test_time", "Extended self-test time (s)", 10, 2, 0, _SPC + "extended_self_test_completion_time"),
)
_CONTROL_EXTENSION = (
    flag("tcmos", "TCMOS", 4, 0x04, _SPC + "tcmos"),
    flag("scsip", "SCSIP", 4, 0x02, _SPC + "scsip"),
    flag("ialuae", "IALUAE", 4, 0x01, _SPC + "ialuae"),
    number("initial_command_priority", "Initial command priority", 5, 1, 0x0F, _SPC + "icp"),
    number("max_sense_length", "Maximum sense data length", 6, 1, 0, _SPC + "msdl"),
)
_REPORTING = Words(
    {
        0: "No reporting",
        1: "Asynchronous event reporting (obsolete)",
        2: "Unit attention",
        3: "Conditional recovered error",
        4: "Unconditional recovered error",
        5: "No sense",
        6: "On request only",
    },
    other="Reserved or vendor specific",
)
_EXCEPTIONS = (
    flag("perf", "PERF", 2, 0x80, _SPC + "perf"),
    flag("ebf", "EBF", 2, 0x20, _SPC + "ebf"),
    flag("ewasc", "EWASC", 2, 0x10, _SPC + "ewasc"),
    flag("dexcpt", "DEXCPT", 2, 0x08, _SPC + "dexcpt"),
    flag("test", "TEST", 2, 0x04, _SPC + "test"),
    flag("ebackerr", "EBACKERR", 2, 0x02),
    flag("logerr", "LOGERR", 2, 0x01, _SPC + "logerr"),
    number("mrie", "MRIE, method of reporting", 3, 1, 0x0F, "scsi.mode.mrie", _REPORTING),
    number("interval_timer", "Interval timer (100 ms)", 4, 4, 0, _SPC + "interval_timer"),
    number("report_count", "Report count", 8, 4, 0, _SPC + "report_count"),
)

PAGES: Final[dict[tuple[int, int], tuple[Field, ...]]] = {
    (0x01, 0): _ERROR_RECOVERY,
    (0x02, 0): _DISCONNECT,
    (0x08, 0): _CACHING,
    (0x0A, 0): _CONTROL,
    (0x0A, 1): _CONTROL_EXTENSION,
    (0x1C, 0): _EXCEPTIONS,
}
"(page code, subpage code) to fields. Offsets count from the page's first byte."
