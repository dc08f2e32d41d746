"""Frames keep their lengths and their checksums as good as they were; what is private is nowhere in them."""

from __future__ import annotations

from pathlib import Path

from dissectors.net.checksum import Checksum
from dissectors.net.checksum import tcp as tcp_checksum
from dissectors.net.decode import decode
from dissectors.net.segment import Segment
from iscsi_analyzer.redaction.redact import Account, redacted
from iscsi_analyzer.redaction.what import What
from iscsi_analyzer.run import Analysis
from iscsi_analyzer.sources.capture import open_capture
from tests.iscsi_analyzer.sources.calls import read
from tests.support.capturefiles import Record, interface, packet, section
from tests.support.command import analysed
from tests.support.talk import Talk
from tests.support.talk_capture import Frame, write_capture

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
