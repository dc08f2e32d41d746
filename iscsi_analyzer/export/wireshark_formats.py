"""How `tshark -T fields` prints the fields that our declarations show in another way: the facts scripts rely on.

Hexadecimal numbers have two digits for each byte of the type that Wireshark gives the field, which may be wider than
the field itself. Tables only.
"""

from __future__ import annotations

HEX_BYTES = {
    "iscsi.asyncevent": 1,
    "iscsi.cid": 2,
    "iscsi.expdatasn": 4,
    "iscsi.headerdigest32": 4,
    "iscsi.datadigest32": 4,
    "iscsi.isid.a": 1,
    "iscsi.isid.b": 2,
    "iscsi.isid.c": 1,
    "iscsi.isid.d": 2,
    "iscsi.isid.t": 1,
    "iscsi.login.csg": 1,
    "iscsi.login.nsg": 1,
    "iscsi.login.status": 2,
    "iscsi.logout.reason": 1,
    "iscsi.logout.response": 1,
    "iscsi.parameter1": 2,
    "iscsi.parameter2": 2,
    "iscsi.parameter3": 2,
    "iscsi.scsicommand.attr": 1,
    "iscsi.snack.begrun": 4,
    "iscsi.taskmanfun.function": 1,
    "iscsi.taskmanfun.response": 1,
    "iscsi.time2retain": 2,
    "iscsi.time2wait": 2,
    "scsi.bus": 1,
    "scsi.cdb.control.obs1": 1,
    "scsi.cdb.control.obs2": 1,
    "scsi.cdb.control.vendorspecific": 1,
    "scsi.inquiry.evpd.devid.association": 1,
    "scsi.inquiry.evpd.devid.code_set": 1,
    "scsi.inquiry.evpd.devid.identifier_type": 1,
    "scsi.inquiry.qualifier": 1,
    "scsi.log.param_ptr": 1,
    "scsi.log.pf.tmc": 1,
    "scsi.lun": 2,
    "scsi.lun.address_mode": 1,
    "scsi.lun.extended_address_method": 1,
    "scsi.lun_long": 8,
    "scsi.mode.mrie": 1,
    "scsi.mode.qmod": 1,
    "scsi.mode.spc.pagecode": 1,
    "scsi.naa.ieee_company_id": 4,
    "scsi.naa.vendor_specific": 4,
    "scsi.persresv.scope": 1,
    "scsi.persresv.type": 1,
    "scsi.report_opcodes.options": 1,
    "scsi.sns.ascascq": 2,
    "scsi.sns.sks.fp.cd": 3,
    "scsi.sns.sks_info": 3,
    "scsi.spc.modepage.autoload_mode": 1,
    "scsi.spc.opcode": 1,
    "scsi.spc.senddiag.code": 1,
    "scsi.status": 1,
    "scsi.target": 1,
    "scsi_mmc.agid": 1,
    "scsi_mmc.closetrack.func": 1,
    "scsi_mmc.getconf.rt": 1,
    "scsi_mmc.key_class": 1,
    "scsi_mmc.key_format": 1,
    "scsi_mmc.opcode": 1,
    "scsi_mmc.readtoc.format": 1,
    "scsi_mmc.rti.address_type": 1,
    "scsi_mmc.setcdspeed.rc": 1,
    "scsi_sbc.group": 1,
    "scsi_sbc.opcode": 1,
    "scsi_sbc.rdprotect": 1,
    "scsi_sbc.ssu.pwr": 1,
    "scsi_sbc.vrprotect": 1,
    "scsi_sbc.wrprotect": 1,
    "scsi_smc.action_code": 1,
    "scsi_smc.opcode": 1,
    "scsi_ssc.dest_type": 1,
    "scsi_ssc.format": 1,
    "scsi_ssc.lbi": 8,
    "scsi_ssc.opcode": 1,
    "scsi_ssc.partition": 1,
    "scsi_ssc.space6.code": 1,
}
"Fields that are printed in hexadecimal, and how many bytes wide."

DECIMAL = frozenset(("scsi.report_opcodes.service_action", "scsi_ssc.readposition.service_action"))
"Fields that are printed in decimal although our declarations show them in hexadecimal."

BYTES = {
    "iscsi.isid": 6,
    "scsi.persresv.reskey": 8,
    "scsi.persresv.sareskey": 8,
    "scsi.sns.command_specific_information": 4,
    "scsi.spc.resv.key": 8,
    "scsi.spc.resv.scopeaddr": 4,
    "scsi_sbc.rdwr16.lba": 8,
}
"Numbers that are printed as that many bytes, in hexadecimal without a prefix."

ALWAYS = frozenset(
    (
        "iscsi.login.T",
        "iscsi.refcmdsn",
        "iscsi.scsiresponse.bidireadresidualcount",
        "iscsi.scsiresponse.residualcount",
    )
)
"Fields that are printed whether they mean something in the PDU or not."

OPERATION_CODES = frozenset(
    ("scsi.spc.opcode", "scsi_mmc.opcode", "scsi_sbc.opcode", "scsi_smc.opcode", "scsi_ssc.opcode")
)
"The operation code of a command, by command set: printed for every PDU of the task."
