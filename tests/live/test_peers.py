"""Real targets and initiators talk on loopback, tcpdump listens, and the analyzer understands what they said.

What it says is compared with what was done, and with a walk over the same streams that shares no code with it.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from samples import expect
from tests.live.reading import ROOT, Record, environment, following, opcodes, pdus
from tests.support import talk_pdu as wire
from tests.support.capturing import Capturing
from tests.support.initiator import Initiator, read10, write10
from tests.support.peers import MEGABYTE, Istgt, Server, Target, qemu_io
from tests.support.programs import run
from tests.support.samples import expected
from tests.support.tools import CAPTURING, QEMU_ISCSI, need

pytestmark = pytest.mark.live

TGT = ("tshark", CAPTURING, "tgtd", "tgtadm")
QEMU = ("qemu-io", QEMU_ISCSI)

DIGESTS = {"HeaderDigest": "CRC32C", "DataDigest": "CRC32C"}


def understood(capture: Path, server: Server) -> list[Record]:
    """The analyzer's PDUs, which are as many of each opcode, and have as many good digests, as a walk finds."""
    records = pdus(capture, server.port)
    walk = expect.by_walk(capture, [server.port])
    assert walk.lost == []
    assert {expect.NAMES[opcode]: count for opcode, count in opcodes(records).items()} == dict(walk.pdus)
    for part in ("header", "data"):
        seen = [record[f"{part}_digest"] for record in records]
        assert (seen.count("ok"), seen.count("bad")) == (walk.digests[part]["ok"], walk.digests[part]["bad"])
    return records


def of(records: list[Record], opcode: int) -> list[Record]:
    return [record for record in records if record["opcode"] == opcode]


def login_statuses(records: list[Record]) -> list[tuple[int, int]]:
    return [(record["status_class"], record["status_detail"]) for record in of(records, wire.LOGIN_RESPONSE)]


def payload(records: list[Record], opcode: int) -> int:
    """Bytes of data in all PDUs of an opcode."""
    return sum(record["data_segment_length"] for record in of(records, opcode))


def test_a_session_begins_with_login_and_ends_with_logout(tmp_path: Path) -> None:
    need(*TGT, "iscsi-inq")
    with Target() as target:
        target.serve()
        with Capturing(tmp_path / "inquiry.pcap", target.port) as capturing:
            run("iscsi-inq", target.url())
    records = understood(capturing.path, target)
    assert login_statuses(records) == [(0, 0)]
    assert (records[0]["direction"], records[1]["direction"]) == ("I2T", "T2I")
    assert [record["opcode"] for record in records[-2:]] == [wire.LOGOUT_REQUEST, wire.LOGOUT_RESPONSE]
    answered = {record["initiator_task_tag"] for record in of(records, wire.RESPONSE) + of(records, wire.DATA_IN)}
    assert {record["initiator_task_tag"] for record in of(records, wire.COMMAND)} == answered


def test_discovery_over_ipv6_names_the_target_and_its_portal(tmp_path: Path) -> None:
    need(*TGT, "iscsi-ls")
    with Target(address="::1") as target:
        target.serve(iqn="iqn.2026-11.example.live:six")
        with Capturing(tmp_path / "discovery.pcap", target.port) as capturing:
            run("iscsi-ls", target.url(None))
    [answer] = of(understood(capturing.path, target), wire.TEXT_RESPONSE)
    assert ["TargetName", "iqn.2026-11.example.live:six"] in answer["keys"]
    assert ["TargetAddress", f"{target.portal},1"] in answer["keys"]


def test_a_wrong_secret_shows_as_the_status_that_the_target_sent(tmp_path: Path) -> None:
    need(*TGT, "iscsi-inq")
    with Target() as target:
        target.serve()
        target.account("alice", "open-sesame-12")
        with Capturing(tmp_path / "chap.pcap", target.port) as capturing:
            said = run("iscsi-inq", target.url(user="alice%not-the-secret"), ok=())
    assert "Authentication" in said
    assert login_statuses(understood(capturing.path, target))[-1] == (2, 1)


@pytest.mark.parametrize(("initial_r2t", "immediate_data"), [("Yes", "No"), ("No", "Yes")])
def test_every_byte_that_was_written_and_read_is_seen(tmp_path: Path, initial_r2t: str, immediate_data: str) -> None:
    """Immediate, unsolicited and solicited data together are what QEMU wrote; Data-In is at least what it read."""
    need(*TGT, *QEMU)
    with Target() as target:
        target.serve(settings={"InitialR2T": initial_r2t, "ImmediateData": immediate_data})
        with Capturing(tmp_path / "rw.pcap", target.port) as capturing:
            qemu_io(target.url(), "write -P 7 0 1M", "read -P 7 0 1M", "write -P 8 2M 4k")
    records = understood(capturing.path, target)
    assert payload(records, wire.COMMAND) + payload(records, wire.DATA_OUT) == MEGABYTE + 4096
    assert payload(records, wire.DATA_IN) >= MEGABYTE
    solicited = sum(record["desired_data_transfer_length"] for record in of(records, wire.R2T))
    assert (solicited == MEGABYTE + 4096) is (immediate_data == "No" and initial_r2t == "Yes")
    assert bool(payload(records, wire.COMMAND)) is (immediate_data == "Yes")


def test_digests_that_a_real_target_computes_are_right(tmp_path: Path) -> None:
    """With both digests agreed every PDU after the login has them, and several PDUs in one segment confuse nobody."""
    need(*TGT)
    with Target() as target:
        target.serve(settings={"HeaderDigest": "CRC32C,None", "DataDigest": "CRC32C,None"})
        capturing = Capturing(tmp_path / "digests.pcap", target.port)
        with capturing, Initiator(target.address, target.port) as initiator:
            initiator.login(**DIGESTS)
            initiator.send(*(initiator.command(read10(lba, 3), reads=3 * 512) for lba in range(4)))
            for _ in range(4):
                initiator.finish()
            initiator.send(initiator.command(write10(8, 20), writes=20 * 512))
            initiator.finish(bytes(range(256)) * 40)
            initiator.logout()
    records = understood(capturing.path, target)
    after_login = [record for record in records if record["opcode"] not in (wire.LOGIN_REQUEST, wire.LOGIN_RESPONSE)]
    assert {record["header_digest"] for record in after_login} == {"ok"}
    assert {record["data_digest"] for record in after_login if record["data_segment_length"]} == {"ok"}


@pytest.mark.parametrize(("part", "digests"), [("header", ("bad", None)), ("data", ("ok", "bad"))])
def test_a_spoilt_digest_is_seen_to_be_bad(tmp_path: Path, part: str, digests: tuple[str, str | None]) -> None:
    """Whether the data digest behind a header that cannot be trusted is right is nobody's business."""
    need(*TGT)
    with Target() as target:
        target.serve(settings={"HeaderDigest": "CRC32C,None", "DataDigest": "CRC32C,None"})
        capturing = Capturing(tmp_path / "spoilt.pcap", target.port)
        with capturing, Initiator(target.address, target.port) as initiator:
            initiator.login(**DIGESTS)
            initiator.send(initiator.command(write10(0, 1), writes=512, data=bytes(512), spoil=part))
            with pytest.raises(ConnectionError):
                initiator.finish()
    [command] = of(pdus(capturing.path, target.port), wire.COMMAND)
    assert command["header_digest"] == digests[0]
    assert digests[1] is None or command["data_digest"] == digests[1]


def test_pings_of_the_target_and_their_answers_carry_the_same_tag(tmp_path: Path) -> None:
    need(*TGT, *QEMU)
    with Target(nop_interval=1) as target:
        target.serve()
        with Capturing(tmp_path / "pings.pcap", target.port) as capturing:
            qemu_io(target.url(), "read 0 4k", "sleep 2500", "read 4k 4k")
    records = understood(capturing.path, target)
    pings = [record["target_transfer_tag"] for record in of(records, wire.NOP_IN)]
    answers = [record["target_transfer_tag"] for record in of(records, wire.NOP_OUT)]
    pings, answers = ([tag for tag in tags if tag != wire.NONE] for tags in (pings, answers))
    # The last one may come too late to be answered.
    assert len(answers) >= 2
    assert answers == pings[: len(answers)]


def test_another_target_another_file_format(tmp_path: Path) -> None:
    """istgt, captured by dumpcap as pcapng."""
    need("tshark", CAPTURING, "istgt", "dumpcap", *QEMU)
    with Istgt() as target, Capturing(tmp_path / "istgt.pcapng", target.port, tool="dumpcap") as capturing:
        qemu_io(target.url(0), "write -P 7 0 512k", "read -P 7 0 512k")
    records = understood(capturing.path, target)
    assert payload(records, wire.COMMAND) + payload(records, wire.DATA_OUT) == MEGABYTE // 2


def test_a_capture_is_understood_while_it_grows(tmp_path: Path) -> None:
    """The analyzer follows the file that tcpdump writes: it shows the login while the session lasts; Ctrl-C ends it."""
    need(*TGT)
    capture = tmp_path / "growing.pcap"
    with Target() as target:
        target.serve()
        with (
            Capturing(capture, target.port),
            following(capture, target.port, tmp_path / "records.jsonl") as analyzer,
            Initiator(target.address, target.port) as initiator,
        ):
            initiator.login()
            assert login_statuses(analyzer.wait_for(wire.LOGIN_RESPONSE)) == [(0, 0)]
            initiator.logout()
            analyzer.wait_for(wire.LOGOUT_RESPONSE)
            assert analyzer.interrupt() == 130
            followed = analyzer.so_far()
    assert followed == pdus(capture, target.port)


def test_a_sample_made_again_shows_what_its_expectation_says(tmp_path: Path) -> None:
    """The recipe of a sample still makes that sample: samples/make.py, on any free port."""
    name = "m05_chap"
    need(*TGT, "iscsi-inq", "zstd")
    make = [sys.executable, str(ROOT / "samples" / "make.py"), name, "--out", str(tmp_path), "--port", "0"]
    done = subprocess.run(make, capture_output=True, text=True, env=environment(), timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    [capture] = tmp_path.glob(f"{name}.pcap*")
    synchronised = ["-Y", "tcp.flags.syn == 1 && tcp.flags.ack == 1", "-T", "fields", "-e", "tcp.srcport"]
    [port] = {int(line) for line in expect.tshark(capture, [], *synchronised)}
    found = {expect.NAMES[opcode]: count for opcode, count in opcodes(pdus(capture, port)).items()}
    assert found == expected()[f"{name}.pcap.zst"]["pdus"]
