"""`Talk`: an iSCSI conversation written down like a specification, which becomes a capture.

    talk = Talk(header_digest=True)
    talk.handshake()
    talk.login()
    task = talk.command(read=8192)
    talk.data_in(task, 4096)
    talk.data_in(task, 4096, status=0)
    talk.logout()
    talk.fin()
    capture = talk.pcap()          # bytes of a pcap file
    truth = talk.pdus              # every PDU, in order, with the places in the capture that hold it

Numbers, tags, digests, acknowledgements and times are right by themselves, and each can be set to be wrong. This module
adds the exchanges of several PDUs to `talk_words` (one PDU each), `talk_speaker` (counters, `send`) and `talk_tcp`
(segments).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Self

from tests.support.talk_pdu import I2T, NONE, T2I, Pdu
from tests.support.talk_session import BLOCK, Session, Task, Terms
from tests.support.talk_tcp import (
    HEADER_APART,
    PARTS_APART,
    PER_PDU,
    STREAM,
    Segmentation,
    Wire,
    drip,
    together,
)
from tests.support.talk_words import Keys, Words

Extra = Mapping[str, str] | None


class Talk(Words):
    """One connection of an iSCSI conversation, and whole exchanges over it."""

    # Further connections

    def join(self, *, cid: int | None = None, **settings: Any) -> Self:
        """Another connection of the same session in the same capture (MC/S); not opened yet."""
        talk = self._another(session=self.session, terms=replace(self.terms), **settings)
        talk.cid = self.cid + 1 if cid is None else cid
        talk.leading = False
        return talk

    def beside(self, *, session: Session | None = None, terms: Terms | None = None, **settings: Any) -> Self:
        """The first connection of another session in the same capture; not opened yet."""
        if session is None:
            number = len(self.wire.lines)
            session = Session(isid=self.session.isid[:4] + struct.pack(">H", number), tsih=self.session.tsih + number)
        return self._another(session=session, terms=terms or replace(self.terms), **settings)

    def _another(self, **settings: Any) -> Self:
        number = len(self.wire.lines)
        first = self.wire.lines[0].initiator.port
        return type(self)(**{**self._settings, "initiator_port": first + number, "wire": self.wire, **settings})

    # Login

    def login(
        self,
        offer: Extra = None,
        answer: Extra = None,
        *,
        security: bool = True,
        discovery: bool = False,
    ) -> None:
        """A login that succeeds: a security stage with AuthMethod=None (unless left out), then the operational stage.

        `offer` and `answer` add or replace operational keys; an empty value leaves the key out. Digests are on from
        here if the terms say so.
        """
        self.discovery = discovery
        first = {"InitiatorName": self.initiator_name, "SessionType": "Discovery" if discovery else "Normal"}
        if not discovery:
            first["TargetName"] = self.target_name
        portal = {} if discovery else {"TargetPortalGroupTag": "1"}
        if security:
            self.login_request({**first, "AuthMethod": "None"}, csg=0, nsg=1)
            self.login_response({**portal, "AuthMethod": "None"})
            first, portal = {}, {}
        terms = self.terms
        shared = terms.shared()
        if discovery or not self.leading:
            leading = set(terms.leading())
            kept = {"DefaultTime2Wait", "DefaultTime2Retain", "ErrorRecoveryLevel"} if discovery else set()
            shared = {key: value for key, value in shared.items() if key not in leading or key in kept}
        mine = {"MaxRecvDataSegmentLength": str(terms.initiator_max_recv_data_segment_length)}
        its = {"MaxRecvDataSegmentLength": str(terms.target_max_recv_data_segment_length)}
        self.login_request(_filled({**first, **_offered(shared), **mine, **(offer or {})}))
        self.login_response(_filled({**portal, **shared, **its, **(answer or {})}))
        self.digests = True

    def open(self, **options: Any) -> Self:
        """Handshake and login; returns itself, so that `Talk().open()` reads on."""
        self.handshake()
        self.login(**options)
        return self

    def logout(self, reason: int = 0) -> None:
        """Logout Request and Response."""
        request = self.logout_request(reason)
        self.logout_response(tag=request.word(16))

    def close(self) -> None:
        """Logout, and both directions closed."""
        self.logout()
        self.fin()

    # Exchanges

    def text(self, keys: Keys, answer: Keys) -> None:
        """Text Request and Response."""
        request = self.text_request(keys)
        self.text_response(answer, tag=request.word(16))

    def discover(self, *targets: tuple[str, str]) -> None:
        """SendTargets=All, answered with (name, address) pairs; without any, with this target."""
        host = self._settings["target"]
        place = f"[{host}]" if ":" in host else host
        found = targets or ((self.target_name, f"{place}:{self.target.port},1"),)
        answer = [pair for name, where in found for pair in (("TargetName", name), ("TargetAddress", where))]
        self.text({"SendTargets": "All"}, answer)

    def ping(self, data: bytes = b"") -> None:
        """The initiator's NOP-Out and the target's answer with the same data."""
        request = self.nop_out(data)
        self.nop_in(data, tag=request.word(16))

    def target_ping(self) -> None:
        """The target's NOP-In and the initiator's answer."""
        request = self.nop_in()
        self.nop_out(target_tag=request.word(20))

    def tmf(self, function: int, task: Task | None = None, response: int = 0, **fields: Any) -> None:
        """Task Management Function Request and Response."""
        request = self.tmf_request(function, task, **fields)
        self.tmf_response(response, tag=request.word(16))

    def test_unit_ready(self, status: int = 0, **fields: Any) -> Task:
        """The smallest task: a command without data and its response."""
        task = self.command(**fields)
        self.response(task, status)
        return task

    def read(self, length: int = 4096, *, lba: int = 0, lun: int | bytes = 0, phase: bool = True) -> Task:
        """A whole read. With `phase` the last Data-In carries the status, otherwise a SCSI Response does."""
        task = self.command(read=length, lba=lba, lun=lun)
        self.serve(task, phase=phase)
        return task

    def serve(self, task: Task, *, phase: bool = True) -> None:
        """The target's part of a read that was commanded before."""
        step = self.terms.initiator_max_recv_data_segment_length
        while task.offset < task.length:
            # A Data-In PDU ends where its sequence does (MaxBurstLength), RFC 7143 section 11.7.
            burst = self.terms.max_burst_length - task.offset % self.terms.max_burst_length
            size = min(step, burst, task.length - task.offset)
            last = task.offset + size == task.length
            self.data_in(task, size, status=0 if last and phase else None)
        if not phase or not task.length:
            self.response(task)

    def write(self, length: int = 4096, *, lba: int = 0, lun: int | bytes = 0) -> Task:
        """A whole write, in the way that the terms ask for: immediate data, unsolicited Data-Out, R2Ts."""
        task = self.start_write(length, lba=lba, lun=lun)
        while task.written < length:
            self.solicit(task)
        self.response(task)
        return task

    def start_write(self, length: int, *, lba: int = 0, lun: int | bytes = 0) -> Task:
        """The command of a write with all the unsolicited data that the terms allow."""
        terms = self.terms
        step = terms.target_max_recv_data_segment_length
        first = min(terms.first_burst_length, length)
        now = min(first, step) if terms.immediate_data else 0
        data = self.content(now, lba * BLOCK) if now else b""
        more = not terms.initial_r2t and now < first
        task = self.command(write=length, lba=lba, lun=lun, data=data, final=not more)
        while more and task.written < first:
            self.data_out(task, min(step, first - task.written))
        return task

    def solicit(self, task: Task) -> None:
        """One R2T and the Data-Out PDUs that answer it."""
        burst = self.r2t(task)
        while burst.sent < burst.length:
            size = min(self.terms.target_max_recv_data_segment_length, burst.length - burst.sent)
            self.data_out(task, size, burst=burst)


def _offered(shared: dict[str, str]) -> dict[str, str]:
    """What an initiator offers to come to these results: digests as a list."""
    wish = {"CRC32C": "CRC32C,None", "None": "None"}
    return {key: wish[value] if key.endswith("Digest") else value for key, value in shared.items()}


def _filled(keys: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in keys.items() if value}


__all__ = [
    "HEADER_APART",
    "I2T",
    "NONE",
    "PARTS_APART",
    "PER_PDU",
    "STREAM",
    "T2I",
    "Pdu",
    "Segmentation",
    "Session",
    "Talk",
    "Task",
    "Terms",
    "Wire",
    "drip",
    "together",
]
