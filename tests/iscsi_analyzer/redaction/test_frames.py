"""Frames keep their lengths and their checksums as good as they were; what is private is nowhere in them."""

from __future__ import annotations

import struct
from pathlib import Path
from random import Random

import pytest

from dissectors.net.checksum import Checksum
from dissectors.net.checksum import tcp as tcp_checksum
from dissectors.net.decode import decode
from dissectors.net.segment import Segment
from iscsi_analyzer.options import Options
from iscsi_analyzer.redaction.redact import Account, redacted
from iscsi_analyzer.redaction.what import What
from iscsi_analyzer.run import Analysis
from iscsi_analyzer.sources.capture import open_capture
from tests.iscsi_analyzer.sources.calls import read
from tests.support.capturefiles import Record, interface, packet, section
from tests.support.command import analysed
from tests.support.frames import ethernet, fragments, ipv4, vxlan
from tests.support.mangle_whole import fragment
from tests.support.talk import Talk
from tests.support.talk_capture import Frame, write_capture
from tests.support.talk_net import checksum

SECRET = b"this is what nobody may read"


def written(frames: list[Frame], path: Path, **what: bool) -> tuple[list[bytes], Account]:
    """The frames of the redacted capture."""
    account = Account()
    source = write_capture(path.with_suffix(".source"), frames)
    with Analysis([source], random_access=True) as analysis:
        path.write_bytes(b"".join(redacted(analysis.run(), What(**what), account)))
    return [call.data for call in read(path)[0].calls], account


def a_talk() -> Talk:
    talk = Talk()
    talk.open()
    talk.login()
    talk.read(4096)
    return talk


def states(frames: list[bytes]) -> list[Checksum]:
    seg = Segment()
    found = []
    for data in frames:
        decode(seg, data, 0, len(data), len(data), 1)
        found.append(tcp_checksum(data, seg))
    return found


def test_checksums_stay_as_they_were(tmp_path: Path) -> None:
    """Good, bad, and left to the adapter."""
    frames = a_talk().frames
    for place, change in ((-1, b"\x12\x34"), (-2, bytes(2))):
        data = bytearray(frames[place].data)
        data[50:52] = change
        frames[place] = frames[place]._replace(data=bytes(data))
    before = states([frame.data for frame in frames])
    assert set(before) == {Checksum.OK, Checksum.BAD, Checksum.OFFLOADED}
    for addresses in (False, True):
        found, _ = written(frames, tmp_path / "out", addresses=addresses)
        assert states(found) == before
        assert [len(data) for data in found] == [len(frame.data) for frame in frames]


def test_what_comes_twice_becomes_the_same_twice(tmp_path: Path) -> None:
    """And is as private the second time."""
    frames = a_talk().frames
    longest = max(frames, key=lambda frame: len(frame.data))
    later = longest._replace(ts_ns=frames[-1].ts_ns + 1_000_000)
    found, _ = written([*frames, later], tmp_path / "out")
    assert found[-1] == found[frames.index(longest)]


def test_frames_without_iscsi_are_left_out_and_counted(tmp_path: Path) -> None:
    frames = a_talk().frames
    other = frames[0]._replace(data=b"\xff" * 12 + b"\x08\x06" + SECRET)
    found, account = written([*frames, other], tmp_path / "out")
    assert len(found) == len(frames)
    assert account.left_out == {"ARP": 1}
    found, account = written([*frames, other], tmp_path / "out", keep_undecoded=True)
    assert found[-1] == other.data
    assert account.left_out == {}


def test_what_follows_the_packet_in_its_frame_becomes_zero(tmp_path: Path) -> None:
    frames = a_talk().frames
    frames[0] = frames[0]._replace(data=frames[0].data + SECRET)
    found, _ = written(frames, tmp_path / "out")
    assert found[0] == frames[0].data[: -len(SECRET)] + bytes(len(SECRET))


def test_user_data_at_the_end_of_a_frame_can_be_cut_off(tmp_path: Path) -> None:
    frames = a_talk().frames
    whole, _ = written(frames, tmp_path / "whole")
    cut, _ = written(frames, tmp_path / "cut", cut=True)
    assert all(one.startswith(two) for one, two in zip(whole, cut, strict=True))
    assert sum(map(len, cut)) < sum(map(len, whole)) - 4000
    calls = read(tmp_path / "cut")[0].calls
    assert [call.wire for call in calls] == [len(data) for data in whole]


def test_comments_names_and_keys_of_the_file_are_left_out(tmp_path: Path) -> None:
    from tests.support.capturefiles import block

    frames = a_talk().frames
    path, out = tmp_path / "in.pcapng", tmp_path / "out.pcapng"
    records = [packet(Record(frame.ts_ns, frame.data), [(1, SECRET), (3, SECRET)]) for frame in frames]
    head = section([(1, SECRET), (2, b"hardware")]) + interface([(1, SECRET), (2, b"eth0"), (11, SECRET)])
    path.write_bytes(head + block(4, SECRET) + block(10, SECRET) + block(0x4711, SECRET) + b"".join(records))
    account = Account()
    out.write_bytes(b"".join(redacted(analysed(path), What(), account)))
    assert SECRET not in out.read_bytes()
    assert (account.blocks, account.options) == (3, 3 + 2 * len(frames))
    with open_capture([out]) as capture:
        assert capture.step(read(out)[0])
        assert capture.interfaces[0].name == "eth0"
        assert capture.files[0].hardware == "hardware"
    out.write_bytes(b"".join(redacted(analysed(path), What(names=True), Account())))
    assert b"eth0" not in out.read_bytes() and b"hardware" not in out.read_bytes()


def test_addresses_go_from_frames_that_end_before_the_checksum(tmp_path: Path) -> None:
    frames = a_talk().frames
    frames[-1] = frames[-1]._replace(data=frames[-1].data[:48])
    found, _ = written(frames, tmp_path / "out", addresses=True)
    assert len(found[-1]) == 48
    assert frames[-1].data[26:30] not in found[-1] and frames[-1].data[30:34] not in found[-1]


def carried(frame: Frame, port: int = 4789, *, with_sum: bool = True) -> Frame:
    """A frame in a tunnel over UDP, with or without a checksum around it."""
    inner = vxlan(frame.data)
    head = struct.pack(">HHHH", 54321, port, 8 + len(inner), 0)
    outer = ipv4(head + inner, protocol=17)
    if with_sum:
        pseudo = outer[12:20] + struct.pack(">HH", 17, 8 + len(inner))
        total = checksum(pseudo + head + inner) or 0xFFFF
        outer = ipv4(head[:6] + total.to_bytes(2, "big") + inner, protocol=17)
    data = ethernet(outer)
    return frame._replace(data=data, orig_len=len(data))


def udp_sum(data: bytes) -> int:
    """What is left of the sum over a datagram of UDP in IPv4 with its pseudo header: 0 if it is right."""
    length = int.from_bytes(data[38:40], "big")
    return checksum(data[26:34] + struct.pack(">HH", 17, length) + data[34 : 34 + length])


def test_checksums_of_tunnels_are_as_good_as_they_were(tmp_path: Path) -> None:
    frames = [carried(frame) for frame in a_talk().frames]
    spoiled = len(frames) - 2
    data = frames[spoiled].data
    frames[spoiled] = frames[spoiled]._replace(data=data[:40] + bytes((data[40] ^ 1,)) + data[41:])
    found, account = written(frames, tmp_path / "out")
    assert account.zeroed >= 4096
    assert found != [frame.data for frame in frames]
    assert [udp_sum(data) == 0 for data in found] == [place != spoiled for place in range(len(frames))]
    without, _ = written([carried(frame, with_sum=False) for frame in a_talk().frames], tmp_path / "other")
    assert {data[40:42] for data in without} == {bytes(2)}


@pytest.mark.parametrize("shuffled", [False, True])
@pytest.mark.parametrize("addresses", ["192.0.2.1 192.0.2.2", "2001:db8::1 2001:db8::2"])
def test_fragments_stay_and_give_the_same_segments(tmp_path: Path, shuffled: bool, addresses: str) -> None:
    initiator, target = addresses.split()
    talk = Talk(initiator=initiator, target=target, data_digest=True).open()
    for _ in range(3):
        talk.read(8192)
        talk.write(8192)
    frames = fragment(talk.frames, Random(4), share=0.7, shuffled=shuffled)
    assert len(frames) > len(talk.frames) + 10
    _, whole = written(talk.frames, tmp_path / "plain")
    for what in ({}, {"names": True, "addresses": True}):
        path = tmp_path / "out"
        found, account = written(frames, path, **what)
        assert (len(found), account.left_out, account.overwritten) == (len(frames), {}, 0)
        with Analysis([path], Options(verify_checksums=True), random_access=True) as analysis:
            analysis.run()
            assert analysis.engine.bad_checksums == 0
            assert len(analysis.store) == len(talk.pdus)
            assert not any(row.data_digest == "bad" for row in analysis.store.rows())
            assert not list(analysis.findings())
        assert account.zeroed == whole.zeroed


def test_tunnels_in_fragments_are_redacted_unless_addresses_are_to_go(tmp_path: Path) -> None:
    out: list[Frame] = []
    for frame in a_talk().frames:
        outer = carried(frame).data[14:]
        cuts = [1024] if len(outer) > 1200 else []
        out += [frame._replace(data=(data := ethernet(part)), orig_len=len(data)) for part in fragments(outer, *cuts)]
    found, account = written(out, tmp_path / "out")
    assert (len(found), account.left_out) == (len(out), {})
    with Analysis([tmp_path / "out"], Options(verify_checksums=True)) as analysis:
        assert analysis.run().engine.bad_checksums == 0
        assert len(analysis.store) == len(a_talk().pdus)
    _, account = written(out, tmp_path / "other", addresses=True)
    assert sum(account.left_out.values()) == len(out)


def test_fragments_that_nobody_put_together_are_left_out(tmp_path: Path) -> None:
    frames = fragment(a_talk().frames, Random(4), share=1.0)
    place = next(at for at, frame in enumerate(frames) if frame.data[20:22] == b"\x20\x00")
    found, account = written([*frames[:place], *frames[place + 1 :]], tmp_path / "out")
    assert account.left_out["IP fragments"] >= 1
    assert len(found) + account.left_out["IP fragments"] == len(frames) - 1
