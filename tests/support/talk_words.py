"""One method for each PDU of RFC 7143 section 11. Each sends one PDU and keeps the books; exchanges of several are in
`talk`.

Every method takes further header fields as keywords, which overrule what it would have written (see `Speaker.send`).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

from tests.support import talk_pdu as p
from tests.support.talk_pdu import I2T, NONE, T2I, Pdu
from tests.support.talk_session import BLOCK, Burst, Task
from tests.support.talk_speaker import Speaker

Keys = Mapping[str, str] | list[tuple[str, str]] | bytes
FINAL = 0x80


def _keys(keys: Keys | None) -> bytes:
    return b"" if keys is None else keys if isinstance(keys, bytes) else p.keys(keys)


class Words(Speaker):
    """The vocabulary: every PDU that an initiator or a target can send."""

    # Login and text

    def login_request(
        self,
        keys: Keys | None = None,
        *,
        csg: int = 1,
        nsg: int = 3,
        transit: bool = True,
        more: bool = False,
        **fields: Any,
    ) -> Pdu:
        """Login Request; `more` is the C bit. Stages: 0 security, 1 operational, 3 full feature phase."""
        self._stages = (csg, nsg, transit)
        fields.setdefault("initiator_task_tag", 0)
        fields.setdefault("isid", self.session.isid)
        fields.setdefault("tsih", 0 if self.leading else self.session.tsih)
        fields.setdefault("cid", self.cid)
        fields.setdefault("immediate", True)
        flags = transit << 7 | more << 6 | csg << 2 | (nsg if transit else 0)
        return self.send(I2T, p.LOGIN_REQUEST, flags, data=_keys(keys), **fields)

    def login_response(
        self,
        keys: Keys | None = None,
        *,
        csg: int | None = None,
        nsg: int | None = None,
        transit: bool | None = None,
        more: bool = False,
        status: int = 0,
        **fields: Any,
    ) -> Pdu:
        """Login Response; stages are those of the latest request. `status` is class << 8 | detail; any but 0 sends no
        transit."""
        was = self._stages
        transit = (was[2] and not status) if transit is None else transit
        csg, nsg = was[0] if csg is None else csg, was[1] if nsg is None else nsg
        fields.setdefault("initiator_task_tag", 0)
        fields.setdefault("isid", self.session.isid)
        final = transit and nsg == 3 and not status
        fields.setdefault("tsih", self.session.tsih if final or not self.leading else 0)
        fields.setdefault("status_class", status >> 8)
        fields.setdefault("status_detail", status & 0xFF)
        flags = transit << 7 | more << 6 | csg << 2 | (nsg if transit else 0)
        return self.send(T2I, p.LOGIN_RESPONSE, flags, data=_keys(keys), **fields)

    _stages: tuple[int, int, bool] = (1, 3, True)

    def text_request(
        self, keys: Keys | None = None, *, tag: int | None = None, more: bool = False, **fields: Any
    ) -> Pdu:
        """Text Request."""
        fields.setdefault("initiator_task_tag", self.next_tag(tag))
        fields.setdefault("target_transfer_tag", NONE)
        return self.send(I2T, p.TEXT_REQUEST, more << 6 if more else FINAL, data=_keys(keys), **fields)

    def text_response(self, keys: Keys | None = None, *, tag: int, more: bool = False, **fields: Any) -> Pdu:
        """Text Response; with `more`, C is set, F is not, and a target transfer tag asks for the next request."""
        fields.setdefault("initiator_task_tag", tag)
        fields.setdefault("target_transfer_tag", self.session.target_tag() if more else NONE)
        return self.send(T2I, p.TEXT_RESPONSE, more << 6 if more else FINAL, data=_keys(keys), **fields)

    def logout_request(self, reason: int = 0, *, tag: int | None = None, **fields: Any) -> Pdu:
        """Logout Request: reason 0 closes the session, 1 the connection, 2 removes the connection for recovery. One
        that names another connection has the ExpStatSN of that one (RFC 7143 section 11.14.4)."""
        fields.setdefault("initiator_task_tag", self.next_tag(tag))
        fields.setdefault("cid", self.cid if reason else 0)
        if reason and fields["cid"] in self.session.heard:
            fields.setdefault("exp_stat_sn", self.session.heard[fields["cid"]])
        return self.send(I2T, p.LOGOUT_REQUEST, FINAL | reason, **fields)

    def logout_response(self, response: int = 0, *, tag: int, **fields: Any) -> Pdu:
        """Logout Response."""
        fields.setdefault("initiator_task_tag", tag)
        return self.send(T2I, p.LOGOUT_RESPONSE, response=response, **fields)

    # Tasks

    def command(
        self,
        cdb: bytes | None = None,
        *,
        read: int = 0,
        write: int = 0,
        lba: int = 0,
        lun: int | bytes = 0,
        data: bytes = b"",
        tag: int | None = None,
        final: bool = True,
        attribute: int = 1,
        flags: int | None = None,
        **fields: Any,
    ) -> Task:
        """SCSI Command. `read` and `write` are bytes to move; without a CDB it is READ(10), WRITE(10) or TEST UNIT
        READY.

        `data` is immediate data. `final=False` announces unsolicited Data-Out. `attribute` 1 is SIMPLE.
        """
        length = read or write
        if cdb is None:
            cdb = bytes(6)
            if length:
                cdb = struct.pack(">BBIBHB", 0x28 if read else 0x2A, 0, lba, 0, length // BLOCK, 0)
        if flags is None:
            flags = final << 7 | bool(read) << 6 | bool(write) << 5 | attribute
        tag = self.next_tag(tag)
        fields.setdefault("initiator_task_tag", tag)
        fields.setdefault("expected_data_transfer_length", write if read and write else length)
        pdu = self.send(I2T, p.COMMAND, flags, cdb=cdb, lun=lun, data=data, **fields)
        task = Task(tag, lun, cdb, length, pdu.word(24), lba, written=len(data))
        if not final:
            rest = min(self.terms.first_burst_length, length) - len(data)
            task.burst = Burst(NONE, len(data), rest)
        return task

    def data_in(
        self,
        task: Task,
        data: int | bytes,
        *,
        status: int | None = None,
        final: bool | None = None,
        offset: int | None = None,
        flags: int | None = None,
        **fields: Any,
    ) -> Pdu:
        """Data-In of that many bytes (or of those bytes), next in the task; `status` also ends the task (S bit).

        F is set at the end of the transfer and of every MaxBurstLength, unless `final` says otherwise. A residual count
        that is given sets U (or O with its own `flags`).
        """
        at = task.offset if offset is None else offset
        data = self.content(data, task.lba * BLOCK + at) if isinstance(data, int) else data
        end = at + len(data)
        if final is None:
            final = status is not None or end >= task.length or end % self.terms.max_burst_length == 0
        if flags is None:
            flags = final << 7 | (status is not None) | bool(fields.get("residual_count")) << 1
        fields.setdefault("initiator_task_tag", task.tag)
        fields.setdefault("target_transfer_tag", NONE)
        fields.setdefault("status", status or 0)
        if "data_sn" not in fields:
            fields["data_sn"] = task.target_sn
            task.target_sn += 1
        if offset is None:
            task.offset = end
        carries = True if status is not None else None
        return self.send(T2I, p.DATA_IN, flags, data=data, buffer_offset=at, carries_status=carries, **fields)

    def r2t(self, task: Task, length: int | None = None, *, offset: int | None = None, **fields: Any) -> Burst:
        """R2T for the next part of the transfer: as much as MaxBurstLength allows, or `length`."""
        at = task.written if offset is None else offset
        length = min(task.length - at, self.terms.max_burst_length) if length is None else length
        fields.setdefault("initiator_task_tag", task.tag)
        fields.setdefault("lun", task.lun)
        if "target_transfer_tag" not in fields:
            fields["target_transfer_tag"] = self.session.target_tag()
        if "r2t_sn" not in fields:
            fields["r2t_sn"] = task.target_sn
            task.target_sn += 1
        if offset is None:
            task.written = at + length
        self.send(T2I, p.R2T, buffer_offset=at, desired_data_length=length, carries_status=False, **fields)
        task.burst = Burst(fields["target_transfer_tag"], at, length)
        return task.burst

    def data_out(
        self,
        task: Task,
        data: int | bytes,
        *,
        burst: Burst | None = None,
        final: bool | None = None,
        offset: int | None = None,
        flags: int | None = None,
        **fields: Any,
    ) -> Pdu:
        """Data-Out of that many bytes (or of those bytes), next in a burst: the task's latest unless another is
        given."""
        burst = burst or task.burst or Burst(NONE, task.written, task.length - task.written)
        task.burst = task.burst or burst
        at = burst.offset + burst.sent if offset is None else offset
        data = self.content(data, task.lba * BLOCK + at) if isinstance(data, int) else data
        if final is None:
            final = at + len(data) >= burst.offset + burst.length
        fields.setdefault("initiator_task_tag", task.tag)
        fields.setdefault("target_transfer_tag", burst.tag)
        fields.setdefault("lun", task.lun if burst.tag != NONE else 0)
        if "data_sn" not in fields:
            fields["data_sn"] = burst.data_sn
            burst.data_sn += 1
        if offset is None:
            burst.sent += len(data)
        if burst.tag == NONE:
            task.written = max(task.written, at + len(data))
        flags = final << 7 if flags is None else flags
        return self.send(I2T, p.DATA_OUT, flags, data=data, buffer_offset=at, **fields)

    def response(
        self, task: Task, status: int = 0, *, sense: bytes = b"", underflow: int = 0, overflow: int = 0, **fields: Any
    ) -> Pdu:
        """SCSI Response; sense data gets its two-byte length (RFC 7143 section 11.4.7.1)."""
        data = len(sense).to_bytes(2, "big") + sense if sense else b""
        fields.setdefault("flags", FINAL | (2 if underflow else 0) | (4 if overflow else 0))
        fields.setdefault("initiator_task_tag", task.tag)
        fields.setdefault("exp_data_sn", task.target_sn)
        fields.setdefault("residual_count", underflow or overflow)
        fields.setdefault("data", data)
        return self.send(T2I, p.RESPONSE, status=status, **fields)

    def tmf_request(
        self, function: int, task: Task | None = None, *, lun: int | bytes = 0, tag: int | None = None, **fields: Any
    ) -> Pdu:
        """Task Management Function Request: 1 ABORT TASK (with the task), 2 ABORT TASK SET, 5 LUN RESET, 6 and 7 target
        resets ..."""
        fields.setdefault("initiator_task_tag", self.next_tag(tag))
        fields.setdefault("referenced_task_tag", task.tag if task else NONE)
        fields.setdefault("ref_cmd_sn", task.cmd_sn if task else 0)
        fields.setdefault("lun", task.lun if task else lun)
        fields.setdefault("immediate", True)
        return self.send(I2T, p.TMF_REQUEST, FINAL | function, **fields)

    def tmf_response(self, response: int = 0, *, tag: int, **fields: Any) -> Pdu:
        """Task Management Function Response."""
        fields.setdefault("initiator_task_tag", tag)
        return self.send(T2I, p.TMF_RESPONSE, response=response, **fields)

    # The rest

    def nop_out(self, data: bytes = b"", *, tag: int | None = None, target_tag: int = NONE, **fields: Any) -> Pdu:
        """NOP-Out: a ping, or with `target_tag` the answer to one (ITT 0xffffffff, immediate)."""
        answer = target_tag != NONE and tag is None
        fields.setdefault("initiator_task_tag", NONE if answer else self.next_tag(tag))
        fields.setdefault("immediate", answer)
        return self.send(I2T, p.NOP_OUT, data=data, target_transfer_tag=target_tag, **fields)

    def nop_in(self, data: bytes = b"", *, tag: int = NONE, target_tag: int | None = None, **fields: Any) -> Pdu:
        """NOP-In: with `tag` the answer to that ping; without, a ping with a fresh target transfer tag."""
        if target_tag is None:
            target_tag = self.session.target_tag() if tag == NONE else NONE
        fields.setdefault("carries_status", tag != NONE)
        fields.setdefault("target_transfer_tag", target_tag)
        return self.send(T2I, p.NOP_IN, data=data, initiator_task_tag=tag, **fields)

    def snack(self, kind: int, *, task: Task | None = None, begin: int = 0, run: int = 0, **fields: Any) -> Pdu:
        """SNACK Request: 0 Data/R2T, 1 Status, 2 DataACK, 3 R-Data."""
        fields.setdefault("initiator_task_tag", task.tag if task else NONE)
        fields.setdefault("target_transfer_tag", NONE)
        return self.send(I2T, p.SNACK, FINAL | kind, beg_run=begin, run_length=run, **fields)

    def reject(self, pdu: Pdu, reason: int = 4, **fields: Any) -> Pdu:
        """Reject of a PDU, whose header it carries. If it is the latest command, the next one takes its CmdSN, unless
        ExpCmdSN or another header is set."""
        requests = (p.NOP_OUT, p.COMMAND, p.TMF_REQUEST, p.TEXT_REQUEST, p.LOGOUT_REQUEST)
        numbered = pdu.opcode in requests and not pdu.header[0] & 0x40
        if numbered and "exp_cmd_sn" not in fields and fields.get("data", pdu.header).startswith(pdu.header):
            self.session.rejected(pdu.word(24))
        fields.setdefault("initiator_task_tag", NONE)
        fields.setdefault("data", pdu.header)
        return self.send(T2I, p.REJECT, reason=reason, **fields)

    def async_message(self, event: int, *, data: bytes = b"", lun: int | bytes = 0, **fields: Any) -> Pdu:
        """Asynchronous Message: 0 SCSI event, 1 logout request, 2 and 3 connection or session drop, 4 renegotiation,
        255 vendor."""
        fields.setdefault("initiator_task_tag", NONE)
        return self.send(T2I, p.ASYNC, async_event=event, data=data, lun=lun, **fields)
