"""SCSI: command descriptor blocks, sense data, LUNs, statuses and the parameter data of common commands (SAM, SPC, SBC, SSC, SMC, MMC)."""

from __future__ import annotations

from dissectors.scsi.lun import Lun, build_lun, parse_lun

__all__ = ["Lun", "build_lun", "parse_lun"]
