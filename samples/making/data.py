"""Digests, reads and writes: every way that data takes."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable

from samples.making.stage import QEMU, TGT, Scenario, Stage, with_initiator, with_tgt
from tests.support import talk_pdu as wire
from tests.support.initiator import Initiator, read10, write10
from tests.support.peers import IQN, MEGABYTE, Target, qemu_io
from tests.support.programs import Process, run

BOTH = {"HeaderDigest": "CRC32C", "DataDigest": "CRC32C"}
DIGESTS_ALLOWED = {"HeaderDigest": "CRC32C,None", "DataDigest": "CRC32C,None"}

OURS = TGT
WITH_QEMU = (*TGT, *QEMU)


def header_digest(target: Target) -> None:
    disk = {"driver": "iscsi", "transport": "tcp", "portal": target.portal, "target": IQN, "lun": 1}
    where = json.dumps({"driver": "raw", "file": {**disk, "header-digest": "crc32c"}})
    words = [word for command in ("write -P 1 0 64k", "read -P 1 0 64k", "read 1M 4k") for word in ("-c", command)]
    run("qemu-io", *words, f"json:{where}")


def with_digests(initiator: Initiator) -> None:
    """Three reads share the first full-feature segment; then a write with R2T, and one whose data needs padding."""
    reads = [
        initiator.command(read10(8 * number, blocks), reads=blocks * 512) for number, blocks in enumerate((8, 8, 1))
    ]
    initiator.send(*reads)
    for _ in reads:
        initiator.finish()
    data = bytes(range(256)) * 64
    initiator.send(initiator.command(write10(32, 32), writes=len(data)))
    initiator.finish(data)
    # MODE SELECT(6) whose parameter list of five bytes needs three bytes of padding, which the data digest covers.
    initiator.send(initiator.command(b"\x15\x10\0\0\x05\0", writes=5, data=bytes(5)))
    initiator.finish()
    initiator.logout()


def spoilt(part: str) -> Callable[[Initiator], None]:
    """A write with immediate data and one wrong digest, of the header or of the data; whatever the target does then."""

    def talk(initiator: Initiator) -> None:
        initiator.send(initiator.command(write10(0, 1), writes=512, data=b"x" * 512, spoil=part))
        try:
            initiator.finish()
        except ConnectionError:
            return

    return talk


def write_all_sizes(target: Target) -> None:
    sizes = (("0", "512"), ("4k", "4k"), ("64k", "64k"), ("1M", "256k"), ("2M", "1M"))
    qemu_io(target.url(), *(f"write -P {n} {offset} {size}" for n, (offset, size) in enumerate(sizes, start=1)))


def writes(initial_r2t: str, immediate_data: str) -> Callable[[Stage], None]:
    return with_tgt(write_all_sizes, settings={"InitialR2T": initial_r2t, "ImmediateData": immediate_data})


def read_all_sizes(target: Target) -> None:
    sizes = (("0", "512"), ("4k", "4k"), ("64k", "64k"), ("1M", "1M"))
    qemu_io(target.url(), *(f"read {offset} {size}" for offset, size in sizes))


def large_both_ways(target: Target) -> None:
    qemu_io(target.url(), "write -P 7 0 4M", "read -P 7 0 4M")


def sixteen_reads_at_once(target: Target) -> None:
    qemu_io(target.url(), *(f"aio_read {number * 64}k 64k" for number in range(16)), "aio_flush")


def one_large_data_in(initiator: Initiator) -> None:
    # tgt answers the first command of a session with the unit attention of power-on.
    initiator.send(initiator.command(bytes(6)))
    initiator.finish()
    initiator.send(initiator.command(read10(0, 1024), reads=1024 * 512))
    initiator.finish()
    initiator.logout()


def two_at_once(target: Target) -> None:
    commands = [word for n in range(8) for word in ("-c", f"write -P 9 {n * 64}k 64k", "-c", "sleep 20")]
    both = [
        Process(["qemu-io", "-f", "raw", *commands, target.url(lun)], target.directory / f"initiator-{lun}.log")
        for lun in (1, 2)
    ]
    for process in both:
        process.wait()


def discards(stage: Stage) -> None:
    with stage.tgt() as target:
        target.serve()
        target.disk(8 * MEGABYTE, lun=2, params="thin_provisioning=1")
        with stage.capture(target):
            qemu_io(target.url(2), "discard 0 64k", "write -z 64k 64k", "write -z -u 128k 64k", "read 0 4k", "flush")


def beyond_two_terabytes(stage: Stage) -> None:
    with stage.tgt() as target:
        target.serve(3 << 40)
        with stage.capture(target):
            run("iscsi-readcapacity16", target.url())
            qemu_io(target.url(), "write -P 6 2748779069440 4k", "read -P 6 2748779069440 4k")


def device_types(stage: Stage) -> None:
    with stage.tgt() as target:
        target.serve(MEGABYTE)
        disc = target.directory / "disc"
        disc.write_bytes(bytes(MEGABYTE))
        target.admin("logicalunit", "new", tid=1, lun=2, device_type="cd", backing_store=str(disc))
        tape = target.directory / "tape"
        words = ["--op", "new", "--device-type", "tape", "--barcode", "A00001", "--size", "8", "--type", "data"]
        run("tgtimg", *words, f"--file={tape}")
        target.admin("logicalunit", "new", tid=1, lun=3, device_type="tape", bstype="ssc", backing_store=str(tape))
        target.disk(MEGABYTE, lun=300)
        with stage.capture(target):
            run("iscsi-ls", "-s", target.url(None))


def full_speed(target: Target) -> None:
    run("iscsi-perf", "-t", "1", "-m", "32", "-b", "8", "-r", target.url())


def nop_out(initiator: Initiator, tag: int, data: bytes = b"", *, immediate: bool = True) -> None:
    fields: dict[str, int | bytes] = {"target_transfer_tag": wire.NONE, "initiator_task_tag": tag}
    initiator.send(initiator.pdu(wire.NOP_OUT, immediate=immediate, data=data, fields=fields))


def ping(initiator: Initiator) -> None:
    """A ping whose tag is 0, which is a tag like any other; then one that is not immediate."""
    nop_out(initiator, 0, b"are you there?")
    initiator.receive()
    nop_out(initiator, 7, immediate=False)
    initiator.receive()
    initiator.logout()


def ping_without_answer(initiator: Initiator) -> None:
    """A NOP-Out with the reserved tag wants no answer; tgt then answers nothing else either."""
    nop_out(initiator, 7)
    initiator.receive()
    nop_out(initiator, wire.NONE)
    nop_out(initiator, 8)
    with contextlib.suppress(TimeoutError):
        initiator.receive()


def idle(milliseconds: int) -> Callable[[Target], object]:
    return lambda target: qemu_io(target.url(), "read 0 4k", f"sleep {milliseconds}", "read 4k 4k")


SCENARIOS = (
    Scenario(
        "m20_header_digest",
        "HeaderDigest=CRC32C by QEMU: write, read",
        with_tgt(header_digest, settings=DIGESTS_ALLOWED),
        WITH_QEMU,
    ),
    Scenario(
        "m21_both_digests",
        "header and data digests; the first full-feature segment carries three commands",
        with_initiator(with_digests, settings=DIGESTS_ALLOWED, keys=BOTH),
        OURS,
    ),
    Scenario(
        "m22_data_digest",
        "data digests alone, otherwise as m21",
        with_initiator(with_digests, settings=DIGESTS_ALLOWED, keys={**BOTH, "HeaderDigest": "None"}),
        OURS,
    ),
    Scenario(
        "m23_bad_data_digest",
        "immediate data with a wrong digest: tgt drops the connection",
        with_initiator(spoilt("data"), settings=DIGESTS_ALLOWED, keys=BOTH),
        OURS,
    ),
    Scenario(
        "m24_bad_header_digest",
        "the very first header digest is wrong: tgt drops the connection",
        with_initiator(spoilt("header"), settings=DIGESTS_ALLOWED, keys=BOTH),
        OURS,
    ),
    *(
        Scenario(
            f"m{30 + number}_write_initialr2t_{r2t.lower()}_immediate_{immediate.lower()}",
            f"writes of 512 B to 1 MiB with InitialR2T={r2t}, ImmediateData={immediate}",
            writes(r2t, immediate),
            WITH_QEMU,
        )
        for number, (r2t, immediate) in enumerate((("Yes", "Yes"), ("Yes", "No"), ("No", "Yes"), ("No", "No")))
    ),
    Scenario("m34_read_sizes", "reads of 512 B to 1 MiB", with_tgt(read_all_sizes), WITH_QEMU),
    Scenario(
        "m35_bursts_256k",
        "4 MiB written and read in bursts of 256 KiB, the target receiving 256 KiB in one PDU",
        with_tgt(large_both_ways, settings={"MaxRecvDataSegmentLength": 262144, "MaxBurstLength": 262144}),
        WITH_QEMU,
    ),
    Scenario(
        "m36_queue_depth_16", "sixteen reads of 64 KiB outstanding at once", with_tgt(sixteen_reads_at_once), WITH_QEMU
    ),
    Scenario(
        "m37_data_in_512k",
        "one Data-In of 512 KiB, legal with the initiator's MaxRecvDataSegmentLength of 1 MiB",
        with_initiator(
            one_large_data_in,
            settings={"MaxBurstLength": MEGABYTE},
            keys={"MaxRecvDataSegmentLength": str(MEGABYTE), "MaxBurstLength": str(MEGABYTE)},
        ),
        OURS,
    ),
    Scenario(
        "m38_two_sessions",
        "two initiators write to two LUNs at the same time",
        with_tgt(two_at_once, disks=2),
        WITH_QEMU,
    ),
    Scenario("m39_discard", "UNMAP, WRITE SAME(16), SYNCHRONIZE CACHE on a thin disk", discards, WITH_QEMU),
    Scenario(
        "m40_three_terabytes",
        "a disk of 3 TiB: READ CAPACITY(16), READ(16) and WRITE(16) beyond 2 TiB",
        beyond_two_terabytes,
        (*WITH_QEMU, "iscsi-readcapacity16"),
    ),
    Scenario(
        "m41_device_types",
        "disk, CD, tape and a flat-addressed LUN 300 behind one target",
        device_types,
        (*TGT, "tgtimg", "iscsi-ls"),
    ),
    Scenario(
        "m42_initiator_pings",
        "NOP-Out with tag 0 and data; NOP-Out that is not immediate",
        with_initiator(ping),
        OURS,
    ),
    Scenario(
        "m45_target_falls_silent",
        "a NOP-Out that wants no answer (reserved tag) is legal, but tgt then answers nothing more",
        with_initiator(ping_without_answer, patience=2.0),
        OURS,
    ),
    Scenario("m43_qemu_pings", "QEMU is silent for 11 s and pings every 5 s", with_tgt(idle(11_000)), WITH_QEMU),
    Scenario(
        "m44_target_pings", "tgt pings after each second of silence", with_tgt(idle(3500), nop_interval=1), WITH_QEMU
    ),
    Scenario(
        "m90_full_speed",
        "random reads of 4 KiB, 32 at a time, as fast as it goes for a second: some 100 MB, good for benchmarks",
        with_tgt(full_speed),
        (*TGT, "iscsi-perf"),
        kept=False,
    ),
)
