"""SCSI bytes: command descriptor blocks, sense data, LUNs, statuses, parameter data (SAM, SPC, SBC, SSC, SMC, MMC)."""

from __future__ import annotations

from dissectors.scsi.cdb import Cdb, operation_name, parse_cdb
from dissectors.scsi.data import decode_data, decode_parameters
from dissectors.scsi.lun import Lun, build_lun, parse_lun
from dissectors.scsi.sense import Sense, parse_sense
from dissectors.scsi.status import STATUSES, status_name

__all__ = [
    "STATUSES",
    "Cdb",
    "Lun",
    "Sense",
    "build_lun",
    "decode_data",
    "decode_parameters",
    "operation_name",
    "parse_cdb",
    "parse_lun",
    "parse_sense",
    "status_name",
]
