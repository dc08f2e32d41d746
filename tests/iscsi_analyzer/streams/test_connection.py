"""What a connection carries is found out from its bytes; until then they are held back, within bounds, and nothing of
an iSCSI connection is lost by that."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from iscsi_analyzer.listener import Listener
from iscsi_analyzer.options import Options
from iscsi_analyzer.streams import connection as module
from iscsi_analyzer.streams.connection import (
    ISCSI,
    MAX_HELD,
    MAX_HELD_BYTES,
    MAX_HELD_IN_ALL,
    MAX_HELD_UNKNOWN_PORT,
    MAX_PASSED,
    OTHER,
    SIGN,
    UNDECIDED,
    Connection,
    Direction,
)
from iscsi_analyzer.streams.tcp import AFAR_FOLLOWING, FAR
from tests.iscsi_analyzer.stores import Feeding, store_of
from tests.support.mangle_loss import one_direction
from tests.support.talk import I2T, STREAM, T2I, Talk
from tests.support.talk_pdu import COMMAND, DATA_IN, LOGIN_REQUEST, LOGIN_RESPONSE, NOP_OUT, header

LOGIN = header(LOGIN_REQUEST, 0x87, immediate=True, isid=b"\x40\0\1\x37\0\0", cmd_sn=1)
LOGIN_ANSWER = header(LOGIN_RESPONSE, 0x87, isid=b"\x40\0\1\x37\0\0", tsih=1, stat_sn=1, exp_cmd_sn=1, max_cmd_sn=9)
PING = header(NOP_OUT, 0x80, initiator_task_tag=5, target_transfer_tag=0xFFFFFFFF, cmd_sn=7, exp_stat_sn=9)
TEXT = b"the quick brown fox jumps over the lazy dog, and over the fence "


class Said:
    """A connection by itself, and what it was told."""

    def __init__(self, *, known: bool, opened: bool) -> None:
        self.listener = Listener(Options(judge=False))
        a, b = b"\x0a\0\0\1\x9c\x40", b"\x0a\0\0\2\x0c\xbc"
        self.connection = Connection(self.listener, self.listener.rows, a, b, b"k", b"r")
        self.connection.port_known = known
        if known or opened:
            self.connection.to_target = self.connection.first
        for half in (self.connection.first, self.connection.second):
            half.next_seq = 1
            if opened:
                half.isn = 0
        self.frames = 0

    def say(self, data: bytes, *, back: bool = False) -> int:
        """The next bytes of one direction, whole and in order; returns the verdict so far."""
        half = self.half(back)
        self.frames += 1
        half.data(data, 0, len(data), len(data), half.next_seq, self.frames, self.frames, 0, True, -1)
        return self.connection.verdict

    def miss(self, length: int, *, back: bool = False) -> None:
        self.half(back).gap(length, self.frames, self.frames)

    def half(self, back: bool) -> Direction:
        return self.connection.second if back else self.connection.first

    @property
    def pdus(self) -> int:
        return int(self.listener.rows.count)


def test_a_connection_that_begins_with_a_login_is_iscsi_on_any_port() -> None:
    said = Said(known=False, opened=True)
    assert said.say(LOGIN) == ISCSI and said.pdus == 1


@pytest.mark.parametrize("size", [1, 7, 23, 24, 47])
@pytest.mark.parametrize("known", [True, False])
def test_a_login_in_small_pieces_is_recognised(known: bool, size: int) -> None:
    said = Said(known=known, opened=True)
    for at in range(0, 48, size):
        said.say(LOGIN[at : at + size])
    assert said.connection.verdict == ISCSI and said.pdus == 1


def test_a_login_without_its_answer_s_direction_is_enough_and_the_answer_alone_as_well() -> None:
    said = Said(known=False, opened=True)
    assert said.say(LOGIN_ANSWER, back=True) == ISCSI
    assert said.connection.to_target is said.connection.first


@pytest.mark.parametrize("known", [True, False])
def test_what_begins_with_something_else_is_not_iscsi(known: bool) -> None:
    """On a port of iSCSI both sides are heard first."""
    said = Said(known=known, opened=True)
    assert said.say(b"GET / HTTP/1.1\r\nHost: example\r\n\r\n") == (UNDECIDED if known else OTHER)
    assert said.say(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", back=True) == OTHER
    assert said.listener.held_back == 0 and said.pdus == 0


def test_a_connection_that_begins_with_another_header_is_iscsi_on_a_known_port_only() -> None:
    """No login: it may be the middle of one whose beginning looks like a beginning, or an offence; both are shown."""
    assert Said(known=True, opened=True).say(PING) == ISCSI
    assert Said(known=False, opened=True).say(PING) == OTHER


def test_in_the_middle_of_a_connection_a_header_on_a_known_port_is_enough() -> None:
    said = Said(known=True, opened=False)
    assert said.say(TEXT) == UNDECIDED
    assert said.say(PING) == ISCSI and said.pdus == 1
    assert [(loss.kind, loss.length) for loss in said.listener.losses] == [("skipped", len(TEXT))]


def test_in_the_middle_of_a_connection_on_another_port_several_headers_are_asked_for() -> None:
    said = Said(known=False, opened=False)
    verdicts = [said.say(PING) for _ in range(3)]
    assert verdicts[0] == UNDECIDED and verdicts[-1] == ISCSI
    assert said.pdus == 3, "none of those that were held back is lost"


@pytest.mark.parametrize(("known", "most"), [(True, MAX_PASSED // len(TEXT)), (False, MAX_HELD_UNKNOWN_PORT)])
def test_without_a_sign_of_iscsi_a_connection_is_given_up(known: bool, most: int) -> None:
    said = Said(known=known, opened=False)
    piece = TEXT if not known else TEXT * 512
    while said.say(piece) == UNDECIDED and said.frames <= most:
        assert said.listener.held_back <= MAX_HELD_BYTES + len(piece)
        assert len(said.connection._held) <= MAX_HELD + 1
    assert said.connection.verdict == OTHER
    assert said.listener.held_back == 0 and said.connection._held == []


def test_a_known_port_is_looked_at_for_longer_than_bytes_are_held_back() -> None:
    """PDUs of a megabyte, of which one begins within a segment: it is found, and what was passed over is told."""
    said = Said(known=True, opened=False)
    before = 0
    while before < 2 * MAX_HELD_BYTES:
        assert said.say(TEXT * 20) == UNDECIDED
        before += 20 * len(TEXT)
    assert said.say(TEXT + PING + PING) == ISCSI
    assert said.pdus == 2
    assert [(loss.kind, loss.length) for loss in said.listener.losses] == [("skipped", before + len(TEXT))]
    framer = said.connection.first.framer
    assert framer is not None and framer.spans.end == said.connection.first.offset


@pytest.mark.parametrize("direction", [I2T, T2I])
def test_one_direction_from_the_middle_of_long_pdus_on_is_iscsi(direction: str) -> None:
    """Of 256 KiB each, as a stream in which headers stand anywhere: no more is lost than the first of them."""
    size = 1 << 18
    talk = Talk(
        segmentation=STREAM,
        initiator_max_recv_data_segment_length=size,
        target_max_recv_data_segment_length=size,
        max_burst_length=size,
    ).open()
    before = len(talk.frames)
    for number in range(5):
        if direction == T2I:
            talk.read(size, lba=number, phase=False)
        else:
            task = talk.command(write=size, lba=number)
            talk.solicit(task)
            talk.response(task)
    store = store_of(one_direction(talk.frames[before + 20 :], direction))
    there = sum(pdu.direction == direction and pdu.spans[0][0] >= before + 20 for pdu in talk.pdus)
    assert len(store.connections) == 1
    assert len(store) >= there - 2


def test_all_undecided_connections_share_one_bound() -> None:
    said = Said(known=False, opened=False)
    said.listener.held_back = MAX_HELD_IN_ALL
    assert said.say(TEXT) == OTHER
    assert said.listener.held_back == MAX_HELD_IN_ALL
    assert said.listener.crowded == 1, "and it is told that they do"


@pytest.mark.parametrize("known", [True, False])
def test_many_gaps_are_no_sign_of_iscsi(known: bool) -> None:
    said = Said(known=known, opened=False)
    for _ in range(2 * MAX_HELD + 1):
        said.miss(1000)
    assert said.connection.verdict == OTHER


def test_a_gap_before_the_first_header_stays_a_gap() -> None:
    said = Said(known=True, opened=False)
    said.say(TEXT)
    said.miss(100)
    said.say(PING)
    assert [(loss.kind, loss.length) for loss in said.listener.losses] == [("gap", 100), ("skipped", len(TEXT))]
    framer = said.connection.first.framer
    assert framer is not None
    assert framer.spans.pieces(0, 0, 1 << 20) == [(0, len(TEXT)), (-1, 100), (0, 48)]


def test_bytes_on_both_sides_of_an_unknown_distance_are_never_joined() -> None:
    """The stream went on far away while the connection was undecided: half a header here, half of another there."""
    said = Said(known=True, opened=False)
    half = said.connection.first
    said.say(TEXT + PING[:24])
    far = (half.next_seq + FAR + 5000) & 0xFFFFFFFF
    for number in range(AFAR_FOLLOWING):
        data = PING[24:] if number == AFAR_FOLLOWING - 1 else TEXT[:24]
        half.data(data, 0, 24, 24, (far + 24 * number) & 0xFFFFFFFF, 9, 9, 0, True, -1)
    said.say(PING)
    assert said.connection.verdict == ISCSI
    assert said.pdus == 1


def test_the_first_bytes_of_each_direction_tell_what_else_it_may_be() -> None:
    said = Said(known=True, opened=True)
    said.say(b"SSH-2.0-OpenSSH_9.7\r\n")
    said.say(TEXT * 2, back=True)
    assert said.connection.first.sign == b"SSH-2.0-OpenSSH_9.7\r\n"
    assert said.connection.second.sign == (TEXT * 2)[:SIGN]


def test_who_sends_what_decides_who_is_who_where_no_port_tells() -> None:
    said = Said(known=False, opened=False)
    answer = header(DATA_IN, 0x80, initiator_task_tag=5, target_transfer_tag=0xFFFFFFFF, exp_cmd_sn=3, max_cmd_sn=9)
    for _ in range(4):
        said.say(answer)
    assert said.connection.verdict == ISCSI
    assert said.connection.to_target is said.connection.second


@pytest.mark.parametrize(
    "end", [lambda talk: talk.fin(), lambda talk: talk.rst(), lambda talk: None], ids=["FIN", "RST", "end of capture"]
)
def test_a_connection_that_never_said_enough_is_no_iscsi_and_holds_nothing(end: Callable[[Talk], None]) -> None:
    talk = Talk()
    talk.handshake()
    talk.raw(I2T, b"\x43\x87\0\0")
    end(talk)
    feeding = Feeding()
    feeding.feed(talk.frames)
    feeding.engine.finish()
    assert len(feeding.store.connections) == 0 and len(feeding.engine.others) == 1
    assert feeding.engine.listener.held_back == 0


def test_known_ports_are_held_to_less_proof_not_to_none() -> None:
    """A port scan, and a browser on port 3260, are not iSCSI."""
    talk = Talk()
    talk.handshake()
    talk.raw(I2T, b"GET / HTTP/1.1\r\n\r\n")
    talk.raw(T2I, b"HTTP/1.1 400 Bad Request\r\n\r\n")
    scan = talk.beside()
    scan.handshake()
    scan.rst(I2T)
    store = store_of(talk.frames)
    assert store.connections == [] and len(store) == 0


def test_the_bounds_are_told() -> None:
    """Every one of them has a name and is finite."""
    assert 0 < module.MAX_HELD_UNKNOWN_PORT < MAX_HELD < MAX_HELD_BYTES < MAX_PASSED <= MAX_HELD_IN_ALL
    assert module.ENOUGH_HEADERS > 1 and SIGN == 48 and COMMAND != NOP_OUT
