"""The report fits a terminal, says what matters, and is quiet where there is nothing to say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from iscsi_analyzer.export.report import report
from iscsi_analyzer.export.report_text import report_text
from iscsi_analyzer.run import Analysis
from tests.support.command import analysed
from tests.support.samples import SAMPLES, captures
from tests.support.talk import Talk


def analysed_together(paths: list[Path]) -> Analysis:
    with Analysis(paths) as analysis:
        return analysis.run()


def text(source: Talk | str, **options: bool) -> str:
    analysis = analysed(source if isinstance(source, Talk) else SAMPLES / source)
    return "\n".join(report_text(report(analysis), **options))


@pytest.mark.parametrize("capture", captures(), ids=lambda path: path.name.partition(".")[0])
def test_lines_of_a_sample_fit_eighty_columns(capture: object) -> None:
    lines = list(report_text(report(analysed(capture))))  # type: ignore[arg-type]
    wide = [line for line in lines if len(line) > 80 and str(SAMPLES) not in line]
    assert wide == []
    assert all(line == line.rstrip() for line in lines)


def test_a_healthy_conversation_has_no_warnings() -> None:
    talk = Talk().open()
    talk.read(4096)
    talk.close()
    said = text(talk)
    for word in ("missing", "TCP", "cannot be told", "not looked into", "bad", "not iSCSI"):
        assert word not in said
    assert "1 iSCSI connection, 1 session, " in said
    assert re.search(r"GOOD +1", said)


def test_a_gap_is_called_missing_from_the_capture() -> None:
    said = text("f41_drop_2pct.pcap.zst")
    assert "missing from the capture" in said
    assert "violation" not in said


def test_many_connections_are_a_table_and_its_end_says_how_to_see_all() -> None:
    said = text("b01_badpdu_tgtd.pcap.zst")
    assert "... the first 20 of 36; all: iscsi-analyzer connections FILE" in said
    assert "refused: Unsupported version (0x0205)" in said
    everything = text("b01_badpdu_tgtd.pcap.zst", everything=True)
    assert "the first 20" not in everything
    assert len(everything) > len(said)


def test_a_capture_without_iscsi_says_so_and_what_to_try() -> None:
    talk = Talk(target_port=9000)
    talk.handshake()
    said = text(talk)
    assert "no iSCSI found" in said
    assert "--port N" in said


def test_bad_digests_are_told_and_coloured() -> None:
    talk = Talk(data_digest=True).open()
    talk.data_in(talk.command(read=512), 512, status=0, data_digest="bad")
    record = report(analysed(talk))
    plain, coloured = ("\n".join(report_text(record, colour=colour)) for colour in (False, True))
    assert "0 ok, 1 bad" in plain
    assert "\x1b[31m1 bad\x1b[0m" in coloured
    assert re.sub(r"\x1b\[\d+m", "", coloured) == plain


def test_files_of_a_ring_buffer_tell_their_origin_once() -> None:
    analysis = analysed_together(sorted(SAMPLES.glob("f14_ring_*")))
    said = "\n".join(report_text(report(analysis), everything=True))
    assert said.count("written by Dumpcap") == 1


def test_digests_that_are_not_in_use_are_not_spoken_of() -> None:
    assert "\ndigests\n" not in text("f10_mid_session_no_login.pcap.zst")


def test_a_capture_of_one_direction_says_so() -> None:
    assert "only what the target sent was captured" in text("f44_one_direction_only.pcap.zst")


def test_names_in_the_capture_cannot_break_lines() -> None:
    talk = Talk(initiator_name="iqn.2026-01.example:\x1b[2Jevil\nname").open()
    said = text(talk)
    assert "\x1b" not in said
    assert "iqn.2026-01.example:\\x1b[2Jevil\\nname" in said


def test_the_report_begins_with_what_to_know_first() -> None:
    said = text("k24_kernel_abort_lunreset_recovery.pcap.zst")
    first = said[said.index("in short") : said.index("2 iSCSI connections")]
    assert "! session 1 (kernel -> io) was closed by the initiator" in first
    assert "ABORT TASK had no answer for 15.1 s (1)" in " ".join(first.split())
    assert "nothing stands out; 191 SCSI tasks: median" in text("k02_login_scan_logout.pcap.zst")


def test_long_statements_are_cut_in_the_first_lines_and_whole_below() -> None:
    said = text("k46_netem_loss3.pcap.zst")
    first = said[said.index("in short") : said.index("2 iSCSI connections")]
    assert "of ... (6)" in first
    assert "sent again after having been captured: 4 of the initiator and 2 of the target" in " ".join(said.split())


def test_broken_rules_are_named_at_the_top() -> None:
    assert "! broken rules: expcmdsn-acks-unsent (findings)" in text("i01_istgt_discovery.pcap.zst")
