"""What runs without a compiler takes short ways; they lead to the same rows, tasks, pieces, counts and findings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from iscsi_analyzer.engine import Engine
from iscsi_analyzer.interpreted import INTERPRETED
from iscsi_analyzer.model import task
from iscsi_analyzer.options import Options
from iscsi_analyzer.plain import PlainEngine, new_engine
from iscsi_analyzer.run import Analysis
from iscsi_analyzer.sources import pcap, pcapng
from iscsi_analyzer.store import rows
from iscsi_analyzer.store.store import Row
from iscsi_analyzer.streams import spans, usual
from iscsi_analyzer.streams.connection import Direction
from tests.mangling.talks import NAMES, talk_of
from tests.support.mangle import lossless, lossy
from tests.support.mangle_whole import encapsulate
from tests.support.samples import sample
from tests.support.talk_capture import SLL, Frame, read_pcap, to_pcap, to_pcapng

SHORT_WAYS = (rows, spans, usual, task)
"The modules that do something else without a compiler, beside the engine."
TALLIED = (
    *(
        "frames",
        "segments",
        "offset",
        "data_bytes",
        "duplicates",
        "largest",
        "next_seq",
        "acked",
        "heard_ts",
        "last_ts",
    ),
    *("rtt_count", "rtt_sum", "rtt_min", "rtt_max", "rtt_buckets", "zero_windows", "holes", "losses", "ring"),
)


def engine_of(frames: Sequence[Frame], plain: bool, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """The engine after the whole capture, with short ways or without."""
    with monkeypatch.context() as patch:
        for module in SHORT_WAYS:
            patch.setattr(module, "INTERPRETED", plain)
        engine = PlainEngine(Options()) if plain else Engine(Options())
        position = 0
        for frame in frames:
            size = len(frame.data)
            engine.frame(frame.data, 0, size, frame.orig_len, frame.ts_ns, frame.linktype, position, 0)
            position += size
        engine.finish()
    return engine


def _tallied(direction: Direction) -> list[object]:
    found: list[object] = [getattr(direction, name) for name in TALLIED]
    if direction.framer is not None:
        found += [direction.framer.spans.blocks, direction.framer.spans.tail(), direction.framer.pdus]
    return found


def told(engine: Engine) -> dict[str, object]:
    """All that an analysis knows, to be compared."""
    listener = engine.listener
    tasks = listener.sessions.tasks
    return {
        "frames": (engine.frames, engine.tcp_frames, engine.first_ts, engine.last_ts, engine.not_decoded),
        "rows": (listener.rows.blocks, listener.rows.tail()),
        "tasks": (tasks.blocks, tasks.tail()),
        "kept": (listener.kept_data, listener.ahs),
        "losses": [(loss.kind, loss.length, loss.frame) for loss in listener.losses],
        "events": [(event.what, event.length, event.frame) for event in listener.tcp_events],
        "directions": [
            _tallied(direction)
            for connection in listener.connections
            for direction in (connection.first, connection.second)
        ],
        "findings": [(each.rule, each.party, each.pdus, each.facts) for each in engine.desk.findings],
    }


def agree(frames: Sequence[Frame], monkeypatch: pytest.MonkeyPatch) -> None:
    always = told(engine_of(frames, False, monkeypatch))
    short = told(engine_of(frames, True, monkeypatch))
    assert always["rows"] != ([], b"")
    for name, value in always.items():
        assert short[name] == value, name


@pytest.mark.parametrize("name", NAMES)
def test_short_ways_lead_to_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As captured; in every order, with copies and pieces that lose nothing; and with losses."""
    frames = talk_of(name).frames
    agree(frames, monkeypatch)
    for seed in range(4):
        agree(lossless(seed)(frames), monkeypatch)
        agree(lossy(seed)(frames), monkeypatch)


@pytest.mark.parametrize("vlans", [(), (7,)])
def test_any_link_layer_leads_to_the_same(vlans: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    frames = talk_of(NAMES[0]).frames
    agree(encapsulate(frames, vlans=vlans), monkeypatch)
    agree(encapsulate(frames, SLL), monkeypatch)
    agree([*frames, *encapsulate(frames, SLL)], monkeypatch)


@pytest.mark.parametrize("name", ["k24_kernel_abort_lunreset_recovery", "k84_erl2_snack_and_digest_recovery"])
def test_real_captures_lead_to_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    agree(read_pcap(sample(name)), monkeypatch)


def test_the_engine_that_suits_is_the_short_one_where_nothing_is_compiled() -> None:
    assert isinstance(new_engine(Options()), PlainEngine) == INTERPRETED


@pytest.mark.parametrize("big_endian", [False, True])
@pytest.mark.parametrize("form", [to_pcap, to_pcapng])
def test_records_are_read_the_same(
    form: Callable[..., bytes], big_endian: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "capture"
    path.write_bytes(form(talk_of(NAMES[0]).frames, big_endian=big_endian))

    def read(plain: bool) -> list[Row]:
        with monkeypatch.context() as patch:
            for module in (pcap, pcapng):
                patch.setattr(module, "INTERPRETED", plain)
            with Analysis([str(path)]) as analysis:
                return list(analysis.run().store.rows())

    assert read(True) == read(False) != []
