"""Stores for tests, without files: conversations fed to the engine frame by frame, also only as far as a test wants."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import numpy as np

from iscsi_analyzer.options import Options
from iscsi_analyzer.plain import new_engine
from iscsi_analyzer.query import compile_filter
from iscsi_analyzer.store.store import Store
from tests.support.talk import Talk
from tests.support.talk_capture import Frame
from tests.support.talk_load import mixture


class Feeding:
    """A store that grows as frames are fed."""

    def __init__(self, options: Options | None = None) -> None:
        self._file = bytearray()
        self.engine = new_engine(options or Options())
        self.engine.listener.read_span = self._read
        self.store = Store(self.engine, self._read)

    def feed(self, frames: Iterable[Frame]) -> None:
        for frame in frames:
            position = len(self._file)
            self._file += frame.data
            self.engine.frame(frame.data, 0, len(frame.data), frame.orig_len, frame.ts_ns, frame.linktype, position, 0)

    def _read(self, position: int, length: int) -> bytes:
        return bytes(self._file[position : position + length])


def store_of(frames: Iterable[Frame]) -> Store:
    """The store of a whole capture."""
    feeding = Feeding()
    feeding.feed(frames)
    feeding.engine.finish()
    return feeding.store


def sliced(frames: Iterable[Frame], snaplen: int) -> list[Frame]:
    """The frames as a capture with that snap length holds them."""
    return [frame._replace(data=frame.data[:snaplen]) for frame in frames]


SENSE = bytes.fromhex("70000500000000 0a 00000000 2100 00000000")
"ILLEGAL REQUEST: LOGICAL BLOCK ADDRESS OUT OF RANGE, fixed format."
INQUIRY = bytes.fromhex("120000006000").ljust(16, b"\0")
DISK = bytes.fromhex("00000602 1f000000") + b"ACME    Virtual disk    0001"
TAPE = bytes.fromhex("01800602 1f000000") + b"ACME    Virtual tape    0001"


def every_kind() -> Talk:
    """A conversation with every PDU that there is, failures included, over two connections and a discovery session."""
    talk = Talk(max_connections=2, data_digest=True).open()
    other = talk.join().open()
    talk.read(8192, lba=2048, lun=1)
    talk.read(512, lba=7, lun=0, phase=False)
    talk.write(4096, lba=99, lun=2)
    task = talk.command(write=8192, lba=100, lun=2)
    talk.r2t(task)
    for _ in range(2):
        talk.data_out(task, 4096)
    talk.response(task)
    other.read(1024, lba=0x12345, lun=0x4100.to_bytes(2, "big").ljust(8, b"\0"))
    for lun, data in ((1, DISK), (5, TAPE)):
        task = talk.command(INQUIRY, lun=lun, flags=0xC1, expected_data_transfer_length=96)
        talk.data_in(task, data, status=0, residual_count=60, final=True)
    for lun in (1, 5):  # READ(6): blocks of a disk, records of a tape
        task = talk.command(bytes.fromhex("080000420200"), lun=lun, flags=0xC1, expected_data_transfer_length=1024)
        talk.data_in(task, 1024, status=0)
    task = talk.command(bytes.fromhex("8800000000010000000000000010 0000"), lun=3, read=8192)
    talk.serve(task, phase=False)
    talk.response(talk.command(read=512, lba=0xFFFFFFFF, lun=1), 2, sense=SENSE, underflow=512)
    talk.response(talk.command(lun=1), 8)
    talk.response(talk.command(lun=1), response=1)
    lost = talk.command(read=512, lun=2)
    talk.tmf(1, lost)
    talk.tmf(5, lun=2, response=5)
    talk.ping(b"hello")
    talk.target_ping()
    talk.snack(1, begin=3, run=2)
    talk.async_message(1, parameter3=10)
    talk.reject(talk.text_request({"X-com.example.Odd": "1"}), 9)
    talk.text({"SendTargets": "All"}, [("TargetName", "iqn.a"), ("TargetName", "iqn.b")])
    talk.command(read=512, lun=9)  # never answered
    other.logout(1)
    other.fin()
    talk.logout()
    talk.fin()
    seeker = talk.beside()
    seeker.handshake()
    seeker.login(discovery=True)
    seeker.discover(("iqn.2005-03.com.example:one", "192.0.2.7:3260,1"))
    seeker.close()
    refused = talk.beside()
    refused.handshake()
    refused.login_request({"InitiatorName": "iqn.x", "CHAP_R": "0x1234"}, more=True)
    refused.login_response(status=0x0201)
    refused.fin()
    return talk


@cache
def varied() -> Store:
    """The store of `every_kind`."""
    return store_of(every_kind().frames)


@cache
def cut_short() -> Store:
    """The same, captured with a snap length that keeps half of each header."""
    return store_of(sliced(every_kind().frames, 54 + 12 + 40))


@cache
def busy() -> Store:
    """A few hundred PDUs of healthy mixture over two connections."""
    return store_of(mixture(seed=5, pdus=400, connections=2, immediate_data=False).frames)


def found(text: str, store: Store) -> list[int]:
    """The numbers of the PDUs that a filter finds."""
    return (np.flatnonzero(compile_filter(text).pdus(store)) + 1).tolist()


def found_tasks(text: str, store: Store) -> list[int]:
    """The numbers of the tasks that a filter finds."""
    return (np.flatnonzero(compile_filter(text).tasks(store)) + 1).tolist()
