"""What the two ends of a made-up conversation have agreed on and remember: terms, session, tasks, bursts."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from random import Random

from tests.support.talk_pdu import NONE

M32 = 0xFFFFFFFF
BLOCK = 512
"Bytes of a logical block."


@dataclass(slots=True)
class Terms:
    """What login negotiates. The names are those of the keys (RFC 7143 section 13)."""

    header_digest: bool = False
    data_digest: bool = False
    initiator_max_recv_data_segment_length: int = 65536
    "Declared by the initiator: limits Data-In."
    target_max_recv_data_segment_length: int = 65536
    "Declared by the target: limits Data-Out and immediate data."
    max_burst_length: int = 262144
    first_burst_length: int = 65536
    initial_r2t: bool = True
    immediate_data: bool = True
    max_outstanding_r2t: int = 1
    max_connections: int = 1
    error_recovery_level: int = 0

    def shared(self) -> dict[str, str]:
        """The operational keys that both sides state, apart from what each declares for itself."""
        return {
            "HeaderDigest": "CRC32C" if self.header_digest else "None",
            "DataDigest": "CRC32C" if self.data_digest else "None",
            **self.leading(),
        }

    def leading(self) -> dict[str, str]:
        """Those of them that only the leading login of a session may carry."""
        return {
            "DefaultTime2Wait": "2",
            "DefaultTime2Retain": "0",
            "InitialR2T": _yes(self.initial_r2t),
            "ImmediateData": _yes(self.immediate_data),
            "MaxBurstLength": str(self.max_burst_length),
            "FirstBurstLength": str(self.first_burst_length),
            "MaxOutstandingR2T": str(self.max_outstanding_r2t),
            "MaxConnections": str(self.max_connections),
            "DataPDUInOrder": "Yes",
            "DataSequenceInOrder": "Yes",
            "ErrorRecoveryLevel": str(self.error_recovery_level),
        }


def _yes(value: bool) -> str:
    return "Yes" if value else "No"


@dataclass(slots=True)
class Session:
    """The numbering that the connections of one session share."""

    isid: bytes = b"\x40\x00\x01\x37\x00\x00"
    tsih: int = 1
    "What the target assigns."
    cmd_sn: int = 1
    "CmdSN of the next command."
    exp_cmd_sn: int = -1
    "What the target expects next; starts as `cmd_sn` if not given."
    queue_depth: int = 128
    "Commands that the target's window admits: MaxCmdSN = ExpCmdSN + queue_depth - 1."
    next_tag: int = 1
    "Initiator task tag of the next task."
    next_target_tag: int = 0x1000
    heard: dict[int, int] = field(default_factory=dict)
    "By CID what the initiator expects next there: ExpStatSN."
    hole: int = -1
    "CmdSN of a command that was rejected, which the next one takes; -1: none."
    ahead: set[int] = field(default_factory=set)
    "CmdSNs that the target has before their turn."

    def __post_init__(self) -> None:
        if self.exp_cmd_sn < 0:
            self.exp_cmd_sn = self.cmd_sn

    @property
    def max_cmd_sn(self) -> int:
        """MaxCmdSN as the target would state it now."""
        return (self.exp_cmd_sn + self.queue_depth - 1) & M32

    def arrive(self, cmd_sn: int) -> None:
        """A non-immediate command has reached the target: ExpCmdSN moves over everything that is there in turn."""
        if (cmd_sn - self.exp_cmd_sn) & M32 < 1 << 31:
            self.ahead.add(cmd_sn)
        while self.exp_cmd_sn in self.ahead:
            self.ahead.remove(self.exp_cmd_sn)
            self.exp_cmd_sn = (self.exp_cmd_sn + 1) & M32

    def rejected(self, cmd_sn: int) -> None:
        """The latest command was rejected: it counts as not received, and the next one fills the hole (RFC 7143 section
        7.3)."""
        if self.exp_cmd_sn == self.cmd_sn == (cmd_sn + 1) & M32:
            self.exp_cmd_sn = self.hole = cmd_sn

    def next_cmd_sn(self) -> int:
        """The CmdSN of the next command that is not immediate."""
        if self.hole >= 0:
            hole, self.hole = self.hole, -1
            return hole
        now, self.cmd_sn = self.cmd_sn, (self.cmd_sn + 1) & M32
        return now

    def tag(self) -> int:
        """A fresh initiator task tag; the reserved value is skipped."""
        tag = self.next_tag
        self.next_tag = (tag + 1) % NONE
        return tag

    def target_tag(self) -> int:
        """A fresh target transfer tag."""
        tag = self.next_target_tag
        self.next_target_tag = (tag + 1) % NONE
        return tag


@dataclass(slots=True)
class Burst:
    """One sequence of Data-Out PDUs: unsolicited, or the answer to an R2T."""

    tag: int
    "Target transfer tag; NONE for unsolicited data."
    offset: int
    length: int
    sent: int = 0
    data_sn: int = 0


@dataclass(slots=True)
class Task:
    """One SCSI command as both ends remember it."""

    tag: int
    "Initiator task tag."
    lun: int | bytes
    cdb: bytes
    length: int
    "Expected Data Transfer Length."
    cmd_sn: int
    lba: int = 0
    offset: int = 0
    "Data-In bytes sent so far."
    target_sn: int = 0
    "DataSN or R2TSN of the target's next data-related PDU."
    written: int = 0
    "Bytes asked for by R2T or sent unsolicited so far."
    burst: Burst | None = None
    "The latest burst of Data-Out."


@lru_cache(maxsize=1)
def _noise() -> bytes:
    return Random(7143).randbytes(1 << 20)


@lru_cache(maxsize=256)
def payload(length: int, place: int = 0) -> bytes:
    """`length` bytes of data that look like nothing; equal for equal arguments. `place` is where on the disk they
    are."""
    noise = _noise()
    start = place * 31 % (1 << 19)
    out = noise[start : start + length]
    while len(out) < length:
        out += noise[: length - len(out)]
    return out
