"""SCSI bytes: command descriptor blocks, sense data, LUNs, statuses, parameter data (SAM, SPC, SBC, SSC, SMC, MMC)."""

from __future__ import annotations

from dissectors.scsi.lun import Lun, build_lun, parse_lun

__all__ = ["Lun", "build_lun", "parse_lun"]
