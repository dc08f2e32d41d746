"""PDUs read well as text: one line says what matters, the tree and the bytes say the rest."""

from __future__ import annotations

from iscsi_analyzer.export.pdu_text import TextLines, dump_lines
from iscsi_analyzer.export.pdu_view import Views
from iscsi_analyzer.export.tables import Style
from iscsi_analyzer.run import Analysis
from tests.support.command import analysed
from tests.support.samples import SAMPLES
from tests.support.talk import I2T, Talk


def text(source: Talk | Analysis, *, secrets: bool = False, **options: object) -> str:
    analysis = source if isinstance(source, Analysis) else analysed(source)
    views = Views(analysis.store, secrets=secrets, bytes_too=bool(options.get("tree")))
    writer = TextLines(views, lambda ts: "TIME", **options)  # type: ignore[arg-type]
    return (writer.more() + writer.end()).decode()


def chap() -> Talk:
    talk = Talk()
    talk.handshake()
    talk.login_request([("CHAP_N", "alice"), ("CHAP_R", "0xdeadbeef")], csg=0, nsg=1)
    return talk


def test_a_line_has_number_time_connection_direction_and_words() -> None:
    talk = Talk().open()
    talk.read(4096, lba=2048)
    lines = text(talk).splitlines()
    assert lines[0].startswith("     1 TIME   1 → Login Request")
    assert lines[1].startswith("     2 TIME   1 ← Login Response Success")
    assert "SCSI Command READ(10) LUN 0 LBA 2048, 8 blocks" in lines[4]


def test_arrows_can_be_plain() -> None:
    assert text(Talk().open(), arrows=(">", "<")).splitlines()[0].startswith("     1 TIME   1 > Login")


def test_what_is_wrong_stands_at_the_end_of_the_line() -> None:
    talk = Talk(data_digest=True).open()
    talk.data_in(talk.command(read=512), 512, status=0, data_digest="bad")
    talk.test_unit_ready(patch={3: b"\x01"})
    lines = text(talk).splitlines()
    assert [line for line in lines if line.endswith("[bad data digest]")] != []
    assert [line for line in lines if line.endswith("[reserved-not-zero]")] != []


def test_missing_bytes_are_not_called_wrong() -> None:
    lines = text(analysed(SAMPLES / "f02_snaplen96.pcap.zst")).splitlines()
    assert all("30 of 48 header bytes captured" in line for line in lines)
    assert "0 of 414 data bytes captured" in lines[0]


def test_a_colour_never_carries_the_meaning_alone() -> None:
    talk = Talk(header_digest=True).open()
    talk.test_unit_ready(header_digest="bad")
    plain, coloured = text(talk), text(talk, style=Style(True))
    import re

    assert re.sub(r"\x1b\[\d+m", "", coloured) == plain
    assert "\x1b[31mbad" not in plain
    assert "[bad header digest]" in plain


def test_the_tree_shows_every_field_and_hides_secrets() -> None:
    shown = text(chap(), tree=True)
    assert "    CSG: SecurityNegotiation (0)" in shown
    assert "    CHAP_N: alice" in shown
    assert "deadbeef" not in shown
    assert "0xdeadbeef" in text(chap(), tree=True, secrets=True)


def test_the_bytes_are_shown_sixteen_a_line_without_secrets() -> None:
    shown = text(chap(), dump=True)
    assert "    0000  43 81 00 00" in shown
    assert "CHAP_N=alice" in shown.replace("\n", "")
    assert "dead" not in shown
    assert "**" in shown
    assert "deadbee" in text(chap(), dump=True, secrets=True).replace("\n", "")


def test_bytes_that_the_capture_lacks_are_dashes() -> None:
    talk = Talk().open()
    talk.send(I2T, 0x00, initiator_task_tag=5, target_transfer_tag=0xFFFFFFFF, data=b"x" * 64)
    frames = [frame._replace(data=frame.data[: 66 + 48 + 10]) for frame in talk.frames]
    view = Views(analysed(frames).store).more()[-1]
    lines = list(dump_lines(view))
    assert lines[3] == "0030  78 78 78 78 78 78 78 78  78 78 -- -- -- -- -- --  xxxxxxxxxx"
    assert len(lines) == 7


def test_text_of_strangers_cannot_break_a_line() -> None:
    talk = Talk().open()
    talk.text_request({"X": "evil\x1b[2J\nline"})
    shown = text(talk)
    assert "\x1b" not in shown
    assert len(shown.splitlines()) == len(talk.pdus)


def test_an_encoding_without_some_letters_gets_escapes() -> None:
    views = Views(analysed(Talk().open()).store)
    writer = TextLines(views, lambda ts: "TIME", encoding="ascii")
    assert b"\\u2192" in writer.more()
