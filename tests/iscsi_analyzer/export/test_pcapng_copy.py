"""A capture that is written once more is the same capture, and an editor changes what it wants and nothing else."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

import pytest

from iscsi_analyzer.export import pcapng_order as order
from iscsi_analyzer.export.pcapng_copy import UNCHANGED, Editor, Options, rewritten
from iscsi_analyzer.options import Options as AnalysisOptions
from iscsi_analyzer.run import Analysis
from iscsi_analyzer.sources.capture import open_capture
from iscsi_analyzer.sources.problems import SourceError
from tests.iscsi_analyzer.sources.calls import read, run
from tests.support import capturefiles as files
from tests.support.capturefiles import NOW, Record, pcap_file, pcapng_file, some_records


def again(paths: Sequence[Path], editor: Editor | None = None, **more: object) -> bytes:
    """The captures written once more."""
    with Analysis(paths, AnalysisOptions(judge=False), **more) as analysis:  # type: ignore[arg-type]
        return b"".join(rewritten(analysis.run(), editor or Editor()))


def everything(sign: str) -> bytes:
    """A section with every kind of block, and options in each that can have them."""
    frame = Record(NOW, b"frame", 60)
    return b"".join(
        (
            files.section([(1, b"a file"), (4, b"program")], sign),
            files.interface([(2, b"eth0"), (1, b"a wire")], sign),
            files.interface([(2, b"eth1"), files.resolution(9)], sign, linktype=113),
            files.packet(frame, [(1, b"said"), (2, bytes(4))], sign),
            files.block(order.NAMES, struct.pack(sign + "HH", 1, 6) + b"\xc0\0\2\1h\0\0\0" + bytes(4), sign),
            files.packet(Record(NOW, b"xy", interface=1), (), sign, units=NOW),
            files.block(order.SECRETS, struct.pack(sign + "II", 0x544C534B, 4) + b"keys", sign),
            files.old_packet(frame, [(1, b"old")], sign, drops=3),
            files.block(order.CUSTOM, struct.pack(sign + "I", 32473) + b"mine", sign),
            files.simple_packet(Record(NOW, b"simple"), sign),
            files.block(0x4711, b"what is this", sign),
            files.statistics(1, NOW, [files.counter(4, 9, sign)], sign),
        )
    )


class Telling(Editor):
    """Says something of every frame."""

    def comments(self, number: int) -> Sequence[str]:
        return [f"frame {number}", "and more"]


class Odd(Editor):
    """Keeps odd frames, shortened, and no names, comments or secrets."""

    def frame(
        self, number: int, buf: bytes, start: int, captured: int, wire: int, linktype: int, position: int
    ) -> bytes | None:
        return buf[start : start + 3] if number % 2 else None

    def options(self, kind: int, found: Options) -> Options:
        return [(code, value) for code, value in found if code != 1]

    def keeps_block(self, kind: int) -> bool:
        return kind not in (order.NAMES, order.SECRETS)


@pytest.mark.parametrize("sign", ["<", ">"])
def test_a_file_with_every_block_stays_as_it_is_to_the_last_byte(sign: str, tmp_path: Path) -> None:
    path = tmp_path / "every.pcapng"
    path.write_bytes(everything(sign) + everything("<") + everything(sign))
    assert again([path]) == path.read_bytes()


@pytest.mark.parametrize("kind", ["us", "ns", "modified"])
@pytest.mark.parametrize("sign", ["<", ">"])
def test_a_pcap_file_becomes_pcapng_with_the_same_frames(kind: str, sign: str, tmp_path: Path) -> None:
    path, out = tmp_path / "in.pcap", tmp_path / "out"
    path.write_bytes(pcap_file(some_records(20), kind=kind, order=sign, linktype=113, snaplen=77))
    out.write_bytes(again([path]))
    (before, _), (after, problems) = read(path), read(out)
    assert after.plain == before.plain
    assert {call.linktype for call in after.calls} == {113}
    assert problems == []
    with open_capture([out]) as capture:
        run(capture)
        assert capture.interfaces[0].snaplen == 77
        assert capture.files[0].format == "pcapng"


def test_files_of_both_formats_and_orders_become_one_by_time(tmp_path: Path) -> None:
    """With the interfaces, comments and counters of all."""
    paths = [tmp_path / name for name in ("a.pcapng", "b.pcap", "c.pcapng")]
    paths[0].write_bytes(everything(">"))
    paths[1].write_bytes(pcap_file(some_records(4, start=NOW - 1_500_000)))
    paths[2].write_bytes(everything("<"))
    out = tmp_path / "out.pcapng"
    editor = Editor()
    out.write_bytes(again(paths, editor))
    (before, _), (after, problems) = read(*paths), read(out)
    assert [call[:4] for call in after.calls] == [call[:4] for call in before.calls]
    assert all("Simple Packet" in problem for problem in problems)
    with open_capture([out]) as capture:
        run(capture)
        assert [each.name for each in capture.interfaces] == ["", "eth0", "eth1", "eth0", "eth1"]
        assert capture.files[0].comments == ["a file", "a file"]
        assert capture.files[0].application == "program"
        assert [each.received for each in capture.interfaces] == [None, None, 9, None, 9]
        assert [each.text for each in capture.files[0].packet_comments] == ["said", "old", "said", "old"]
    assert editor.lost_blocks == 1


@pytest.mark.parametrize("sign", ["<", ">"])
def test_comments_are_added_to_every_kind_of_packet(sign: str, tmp_path: Path) -> None:
    path, out = tmp_path / "in.pcapng", tmp_path / "out.pcapng"
    path.write_bytes(everything(sign))
    out.write_bytes(again([path], Telling()))
    with open_capture([out]) as capture:
        after = run(capture)
        said = [(each.frame, each.text) for each in capture.files[0].packet_comments]
    assert after.plain == read(path)[0].plain
    assert [text for frame, text in said if frame == 1] == ["said", "frame 1", "and more"]
    assert [text for frame, text in said if frame == 3] == ["old", "frame 3", "and more"]
    assert [text for frame, text in said if frame == 4] == ["frame 4", "and more"]


def test_an_editor_leaves_out_frames_blocks_and_options_and_shortens(tmp_path: Path) -> None:
    path, out = tmp_path / "in.pcapng", tmp_path / "out.pcapng"
    path.write_bytes(everything("<"))
    out.write_bytes(again([path], Odd()))
    with open_capture([out]) as capture:
        after = run(capture)
        assert capture.files[0].comments == capture.files[0].packet_comments == []
    assert [call.data for call in after.calls] == [b"fra", b"fra"]
    assert [call.wire for call in after.calls] == [60, 60]
    assert b"keys" not in out.read_bytes()
    assert b"mine" in out.read_bytes()


def test_what_is_left_of_a_damaged_file_is_written(tmp_path: Path) -> None:
    """Wherever it is cut."""
    path, out = tmp_path / "in.pcapng", tmp_path / "out.pcapng"
    whole = everything("<") + everything(">")
    for end in range(28, len(whole), 37):
        path.write_bytes(whole[:end])
        out.write_bytes(again([path]))
        assert read(out)[0].plain == read(path)[0].plain


def test_no_more_frames_are_written_than_were_read(tmp_path: Path) -> None:
    path, out = tmp_path / "in.pcapng", tmp_path / "out.pcapng"
    path.write_bytes(pcapng_file(some_records(9)))
    out.write_bytes(again([path], max_frames=4))
    assert len(read(out)[0].calls) == 4


def test_a_capture_without_frames_becomes_a_file(tmp_path: Path) -> None:
    path = tmp_path / "in.pcap"
    path.write_bytes(pcap_file([]))
    assert again([path]) == files.section()


def test_the_plain_editor_changes_nothing() -> None:
    editor = Editor()
    assert editor.frame(1, b"x", 0, 1, 1, 1, 0) == UNCHANGED
    assert (list(editor.comments(1)), editor.options(6, [(1, b"")]), editor.keeps_block(4)) == ([], [(1, b"")], True)


def test_a_capture_that_shrinks_in_between_is_refused(tmp_path: Path) -> None:
    """No half of a capture passes for a whole one."""
    path = tmp_path / "in.pcap"
    path.write_bytes(pcap_file(some_records(20)))
    with Analysis([path], AnalysisOptions(judge=False)) as analysis:
        analysis.run()
        path.write_bytes(pcap_file(some_records(9)))
        with pytest.raises(SourceError, match="9 frames are left of 20"):
            list(rewritten(analysis, Editor()))
