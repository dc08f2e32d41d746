"""The screens, in the order of their number keys. A screen is added by its line here, its actions in `tui.actions`,
and its module and style sheet in this directory."""

from __future__ import annotations

from tui.screens.base import View
from tui.screens.findings import FindingsScreen
from tui.screens.keys import KeysScreen
from tui.screens.ladder import LadderScreen
from tui.screens.latency import LatencyScreen
from tui.screens.pdus import PdusScreen
from tui.screens.report import ReportScreen
from tui.screens.sessions import SessionsScreen
from tui.screens.tasks import TasksScreen
from tui.screens.tcp import TcpScreen

SCREENS: tuple[type[View], ...] = (
    SessionsScreen,
    PdusScreen,
    TasksScreen,
    LadderScreen,
    FindingsScreen,
    KeysScreen,
    LatencyScreen,
    TcpScreen,
    ReportScreen,
)
