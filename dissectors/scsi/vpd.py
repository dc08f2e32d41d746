"""Vital product data (SPC-5 7.7, SBC-4 6.6): the pages of INQUIRY with EVPD set."""

from __future__ import annotations

from typing import Final

from dissectors.fields import Field, Node, Words
from dissectors.scsi.designators import designations
from dissectors.scsi.inquiry import PERIPHERAL
from dissectors.scsi.spc_words import VPD_PAGES
from dissectors.scsi.tables import announced, ascii_text, flag, group, listed, nodes, number, rest

_HEAD: Final = (
    *PERIPHERAL,
    number("page_code", "Page code", 1, 1, 0, "scsi.inquiry.evpd.pagecode", VPD_PAGES, "hex"),
    number("page_length", "Page length", 2, 2, 0, "scsi.inquiry.evpd.pagelength"),
)
_SUPPORTED = number("page", "Supported page", 0, 1, 0, "scsi.inquiry.evpd.supported_page", VPD_PAGES, "hex")

_BLOCK_LIMITS = (
    flag("wsnz", "WSNZ, WRITE SAME wants a number of blocks", 4, 0x01, "scsi_sbc.bl.wsnz"),
    number("max_compare_and_write_length", "Maximum COMPARE AND WRITE length", 5, 1, 0, "scsi_sbc.bl.mcawl"),
    number("optimal_granularity", "Optimal transfer length granularity", 6, 2, 0, "scsi_sbc.bl.otlg"),
    number("max_transfer_length", "Maximum transfer length", 8, 4, 0, "scsi_sbc.bl.mtl"),
    number("optimal_transfer_length", "Optimal transfer length", 12, 4, 0, "scsi_sbc.bl.otl"),
    number("max_prefetch_length", "Maximum prefetch length", 16, 4, 0, "scsi_sbc.bl.mpl"),
    number("max_unmap_lba_count", "Maximum UNMAP LBA count", 20, 4, 0, "scsi_sbc.bl.mulc"),
    number("max_unmap_descriptors", "Maximum UNMAP block descriptor count", 24, 4, 0, "scsi_sbc.bl.mubdc"),
    number("optimal_unmap_granularity", "Optimal UNMAP granularity", 28, 4, 0, "scsi_sbc.bl.oug"),
    flag("ugavalid", "UGAVALID", 32, 0x80, "scsi_sbc.bl.ugavalid"),
    number("unmap_granularity_alignment", "UNMAP granularity alignment", 32, 4, 0x7FFFFFFF, "scsi_sbc.bl.uga"),
    number("max_write_same_length", "Maximum WRITE SAME length", 36, 8, 0, "scsi_sbc.bl.mwsl"),
    number("max_atomic_length", "Maximum atomic transfer length", 44, 4, 0, "scsi_sbc.bl.matl"),
    number("atomic_alignment", "Atomic alignment", 48, 4, 0, "scsi_sbc.bl.aa"),
    number("atomic_granularity", "Atomic transfer length granularity", 52, 4, 0, "scsi_sbc.bl.atlg"),
    number("max_atomic_length_boundary", "Maximum atomic transfer length with atomic boundary", 56, 4),
    number("max_atomic_boundary", "Maximum atomic boundary size", 60, 4),
)
_ROTATION = Words({0: "Not reported", 1: "Not rotating (solid state)"}, other="rpm")
_FORM_FACTORS = Words(
    {0: "Not reported", 1: "5.25 inch", 2: "3.5 inch", 3: "2.5 inch", 4: "1.8 inch", 5: "Less than 1.8 inch"},
    other="Reserved",
)
_CHARACTERISTICS = (
    number("rotation_rate", "Medium rotation rate", 4, 2, 0, "scsi.inquiry.bdc.mrr", _ROTATION),
    number("product_type", "Product type", 6, 1, 0, "scsi.inquiry.bdc.pt"),
    number("wabereq", "WABEREQ", 7, 1, 0xC0, "scsi.inquiry.bdc.wabereq"),
    number("wacereq", "WACEREQ", 7, 1, 0x30, "scsi.inquiry.bdc.wacereq"),
    number("form_factor", "Nominal form factor", 7, 1, 0x0F, "scsi.inquiry.bdc.nff", _FORM_FACTORS),
    number("zoned", "ZONED", 8, 1, 0x30, "", Words({0: "Not reported", 1: "Host aware"}, other="Device managed")),
    flag("bocs", "BOCS", 8, 0x04),
    flag("fuab", "FUAB", 8, 0x02, "scsi.inquiry.bdc.fuab"),
    flag("vbuls", "VBULS", 8, 0x01, "scsi.inquiry.bdc.vbuls"),
    number("depopulation_time", "Depopulation time (s)", 12, 4),
)
_PROVISIONING_TYPES = Words({0: "Full", 1: "Resource provisioned", 2: "Thin provisioned"}, other="Reserved")
_PROVISIONING = (
    number("threshold_exponent", "Threshold exponent", 4, 1, 0, "scsi_sbc.threshold_exponent"),
    flag("lbpu", "LBPU, UNMAP supported", 5, 0x80, "scsi_sbc.lbpu"),
    flag("lbpws", "LBPWS, WRITE SAME(16) unmaps", 5, 0x40, "scsi_sbc.lbpws"),
    flag("lbpws10", "LBPWS10, WRITE SAME(10) unmaps", 5, 0x20, "scsi_sbc.lbpws10"),
    number("lbprz", "LBPRZ, unmapped blocks read as zeros", 5, 1, 0x1C, "scsi_sbc.lbprz"),
    flag("anc_sup", "ANC_SUP, anchoring supported", 5, 0x02, "scsi_sbc.anc_sup"),
    flag("dp", "DP, descriptor present", 5, 0x01, "scsi_sbc.dp"),
    number("minimum_percentage", "Minimum percentage", 6, 1, 0xF8),
    number("provisioning_type", "Provisioning type", 6, 1, 0x07, "scsi_sbc.ptype", _PROVISIONING_TYPES),
    number("threshold_percentage", "Threshold percentage", 7),
)
_EXTENDED = (
    number("activate_microcode", "ACTIVATE_MICROCODE", 4, 1, 0xC0),
    number("spt", "SPT, supported protection types", 4, 1, 0x38),
    flag("grd_chk", "GRD_CHK", 4, 0x04),
    flag("app_chk", "APP_CHK", 4, 0x02),
    flag("ref_chk", "REF_CHK", 4, 0x01),
    flag("uask_sup", "UASK_SUP", 5, 0x20),
    flag("group_sup", "GROUP_SUP", 5, 0x10),
    flag("prior_sup", "PRIOR_SUP", 5, 0x08),
    flag("headsup", "HEADSUP, head of queue tasks", 5, 0x04),
    flag("ordsup", "ORDSUP, ordered tasks", 5, 0x02),
    flag("simpsup", "SIMPSUP, simple tasks", 5, 0x01),
    flag("wu_sup", "WU_SUP", 6, 0x08),
    flag("crd_sup", "CRD_SUP", 6, 0x04),
    flag("nv_sup", "NV_SUP, non-volatile cache", 6, 0x02),
    flag("v_sup", "V_SUP, volatile cache", 6, 0x01),
    flag("p_i_i_sup", "P_I_I_SUP", 7, 0x10),
    flag("luiclr", "LUICLR", 7, 0x01),
    flag("r_sup", "R_SUP, referrals", 8, 0x10),
    flag("cbcs", "CBCS", 8, 0x01),
    number("microcode_effect", "Multi I_T nexus microcode download", 9, 1, 0x0F),
    number("self_test_time", "Extended self-test completion (minutes)", 10, 2),
    flag("poa_sup", "POA_SUP", 12, 0x80),
    flag("hra_sup", "HRA_SUP", 12, 0x40),
    flag("vsa_sup", "VSA_SUP", 12, 0x20),
    number("max_sense_length", "Maximum supported sense data length", 13),
)
_PAGES: Final[dict[int, tuple[Field, ...]]] = {
    0x86: _EXTENDED,
    0xB0: _BLOCK_LIMITS,
    0xB1: _CHARACTERISTICS,
    0xB2: _PROVISIONING,
}


def vpd_data(data: bytes) -> list[Node]:
    """A VPD page of any length."""
    children = nodes(_HEAD, data)
    if len(data) < 4:
        return [group("Vital product data", data, 0, len(data), children, "cut short")] if data else []
    code = data[1]
    length = 4 + int.from_bytes(data[2:4], "big")
    end = min(length, len(data))
    found, text = _page(code, data, end)
    result = group(f"VPD page {VPD_PAGES(code)} (0x{code:02x})", data, 0, end, [*children, *found])
    result.text = announced(text, data, length)
    return [result, *rest("Bytes after the page", data, end)]


def _page(code: int, data: bytes, end: int) -> tuple[list[Node], str]:
    """What follows the header of a page, up to `end`: nodes and words."""
    if code == 0x00:
        pages = listed(_SUPPORTED, data, 4, end)
        return pages, f"{len(pages)} pages"
    if code == 0x80:
        serial = ascii_text(data[4:end])
        name = "scsi.inquiry.evpd.product_serial_number"
        return [Node("Unit serial number", serial, serial, 4, end - 4, 0, name)] if end > 4 else [], serial
    if code == 0x83:
        found = designations(data, 4, end)
        return found, f"{len(found)} designators"
    fields = _PAGES.get(code, ())
    found = nodes(fields, data, 0, end)
    if code == 0xB2 and end > 8:
        found += designations(data, 8, end)
    elif not fields:
        found = rest("Page data", data, 4, end)
    return found, ""
