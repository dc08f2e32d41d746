"""The screen of PDUs: nothing is hidden, everything can be sorted, filtered, timed, compared."""

from __future__ import annotations

from tests.tui.screen_text import SMALL, AppPilot, run_app, sample, screen_of, settled, text_of, typed
from tui.app import IscsiAnalyzerApp
from tui.screens.pdus import PdusScreen


def view_of(app: IscsiAnalyzerApp) -> PdusScreen:
    view = app.view
    assert isinstance(view, PdusScreen)
    return view


def test_three_panes_fit_a_small_terminal() -> None:
    lines = screen_of(sample("k01"), start="pdus", size=SMALL).splitlines()
    assert lines[:6] == [
        " PDUs  k01_discovery.pcap · 4 PDUs",
        "        PDU         time cn   what",
        ">         1     0.017470  1 → Login Request T LoginOperationalNegotiation->Full",
        "          2     0.035914  1 ← Login Response Success T LoginOperationalNegotiat",
        "          3     0.041296  1 → Text Request F ITT 0x1 CmdSN 1 SendTargets=All",
        "          4     0.043901  1 ← Text Response F ITT 0x1 StatSN 3782013017 TargetN",
    ]
    assert lines[11:14] == [
        "─" * 80,
        "  PDU 1: Login Request, 288 bytes, frames 4-6",
        ">   I: immediate delivery (1)",
    ]
    assert lines[17:19] == ["─" * 80, " 00000  43 87 00 00 00 00 00 ed  00 02 3d 00 00 00 00 00  C.........=....."]


def test_lost_pieces_are_shown_where_they_were_lost() -> None:
    lines = screen_of(sample("f41"), start="pdus").splitlines()
    place = next(place for place, line in enumerate(lines) if "the capture lacks" in line)
    assert lines[place - 1].split()[0] == "8"
    assert lines[place + 1].split()[0] == "9"


def test_the_detail_of_a_lost_piece_says_what_it_is() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        view_of(app).rows.go_to_item(-1)
        await settled(app, pilot)
        assert "bytes that the capture lacks, sent by the initiator" in text_of(app)

    run_app(sample("f41"), script, start="pdus")


def test_a_filter_leaves_what_passes_it_and_the_header_says_so() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        await pilot.press("slash")
        await typed(app, pilot, "iscsi.opcode == 4")
        await pilot.press("enter")
        await settled(app, pilot)
        shown = text_of(app)
        assert "Text Request" in shown
        assert "Login Request" not in shown
        assert "filter iscsi.opcode == 4" in shown.splitlines()[0]

    run_app(sample("k01"), script, start="pdus")


def test_a_filter_that_nothing_passes_leaves_an_empty_list_that_says_why() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        app.set_filter("iscsi.opcode == 0x3f")
        await settled(app, pilot)
        assert "no PDU passes the filter" in text_of(app)
        app.set_filter("")
        await settled(app, pilot)
        assert "Login Request" in text_of(app)

    run_app(sample("k01"), script, start="pdus")


def test_sorting_by_a_column_turns_the_list_round_and_back() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        rows = view_of(app).rows
        await pilot.press("greater_than_sign", "less_than_sign")
        await settled(app, pilot)
        assert rows.sorted_by == ("number", True)
        assert [rows.item_at(place) for place in range(4)] == [3, 2, 1, 0]
        assert "▼" in text_of(app)
        await pilot.press("less_than_sign")
        await settled(app, pilot)
        assert [rows.item_at(place) for place in range(4)] == [0, 1, 2, 3]

    run_app(sample("k01"), script, start="pdus")


def test_times_can_be_told_in_several_ways() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        await pilot.press("t")
        await settled(app, pilot)
        assert text_of(app).splitlines()[3].split()[1] == "0.018444"
        await pilot.press("m", "t")
        await settled(app, pilot)
        assert text_of(app).splitlines()[4].split()[1] == "0.023826"
        await pilot.press("t", "t")
        await settled(app, pilot)
        assert "2026-" in text_of(app).splitlines()[3]

    run_app(sample("k01"), script, start="pdus")


def test_columns_can_be_chosen() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        await pilot.press("C")
        await pilot.pause()
        assert "number of the connection" in text_of(app)
        await pilot.press("space", "enter")
        await settled(app, pilot)
        keys = [column.key for column in view_of(app).rows.columns]
        assert keys == ["number", "time", "connection", "direction", "summary"]

    run_app(sample("k01"), script, start="pdus")


def test_two_marked_pdus_are_compared() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        await pilot.press("m", "m", "d")
        await settled(app, pilot)
        await pilot.pause()
        shown = text_of(app)
        assert "PDU 1: Login Request" in shown
        assert "PDU 2: Login Response" in shown
        assert "≠" in shown

    run_app(sample("k01"), script, start="pdus")


def test_a_pane_can_stand_alone() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        view = view_of(app)
        await pilot.press("tab", "backslash")
        await pilot.pause()
        assert (view.rows.region.height, view.bytes.region.height) == (0, 0)
        assert view.fields.region.height == 38
        await pilot.press("backslash")
        await pilot.pause()
        assert view.rows.region.height > 10

    run_app(sample("k01"), script, start="pdus")


def test_a_jump_arrives_where_losses_stand_between_the_pdus_too() -> None:
    """The first look at such a list takes a moment: the jump must not be forgotten meanwhile."""

    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        app.go_to_pdu(15)
        await settled(app, pilot)
        assert app.view is not None and app.view.main_list is not None
        assert app.view.main_list.item == 14

    run_app(sample("b01"), script)
