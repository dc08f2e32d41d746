"""The screens, in the order of their number keys. A screen is added by its line here, its actions in `tui.actions`,
and its module and style sheet in this directory."""

from __future__ import annotations

from tui.screens.base import View
from tui.screens.pdus import PdusScreen
from tui.screens.sessions import SessionsScreen

SCREENS: tuple[type[View], ...] = (SessionsScreen, PdusScreen)
