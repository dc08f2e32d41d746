"""Datagrams that came in fragments are found again by the places of their fragments, with all of their bytes."""

from __future__ import annotations

from pathlib import Path
from random import Random

from dissectors.net.codes import FRAGMENT
from dissectors.net.decode import decode
from dissectors.net.segment import Segment
from iscsi_analyzer.redaction.fragments import Fragments
from iscsi_analyzer.run import Analysis
from tests.iscsi_analyzer.sources.calls import read
from tests.support.mangle_whole import fragment
from tests.support.talk_capture import write_capture
from tests.support.talk_load import mixture


def test_every_fragment_leads_to_its_datagram(tmp_path: Path) -> None:
    frames = fragment(mixture(seed=2, pdus=60).frames, Random(1), share=0.5, shuffled=True)
    path = write_capture(tmp_path / "in.pcap", frames)
    seg = Segment()
    looked = 0
    with Analysis([path], random_access=True) as analysis:
        found = Fragments(analysis.run())
        for call in read(path)[0].calls:
            if decode(seg, call.data, 0, len(call.data), call.wire, call.linktype) != FRAGMENT:
                continue
            looked += 1
            result = found.of(call.position + seg.fragment_skip, seg.fragment_captured)
            assert result is not None
            datagram, at = result
            data = call.data[seg.fragment_data : seg.fragment_data + seg.fragment_captured]
            assert datagram.buf[at : at + len(data)] == data
            assert at == 2 * datagram.address_length + seg.fragment_offset
            assert found.of(call.position + seg.fragment_skip, seg.fragment_captured - 1) is None
    assert looked > 20


def test_a_capture_without_fragments_is_not_read_again(tmp_path: Path) -> None:
    path = write_capture(tmp_path / "in.pcap", mixture(seed=2, pdus=60).frames)
    with Analysis([path], random_access=True) as analysis:
        analysis.run()
        path.unlink()
        assert Fragments(analysis).of(100, 10) is None
