"""The finding that stands for a fault of the analyzer itself: a rule that raised. Nobody on the wire is to blame."""

from __future__ import annotations

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.rules.desk import CAPTURE, Desk
from iscsi_analyzer.rules.rule import WARNING, Rule

RULES = (
    Rule(
        "rule-crashed",
        WARNING,
        CAPTURE,
        "",
        "{where} failed with {error}: what it should have judged was not judged to the end",
    ),
)


def rule_crashed(follower: Follower, number: int, error: Exception, desk: Desk, plugin: str = "") -> None:
    """A rule failed on a PDU: a fault of the analyzer or of a plug-in, not of anybody in the capture.

    ## What it means
    While the rules looked at this PDU, one of them raised an exception. The rules that come after it did not see the
    PDU; everything else of the analysis is as it would be.

    ## Why it matters
    Violations may have been missed. Please report it, with the capture if it may leave the building (`iscsi-analyzer
    redact` takes names and data out).

    ## Example
    A plug-in with a rule that divides by zero.

    ## When it is silent
    Never, but one finding gathers all crashes on a connection. A plug-in that cannot even be loaded is one finding
    without a connection.

    ## Reference
    None: no protocol is involved.
    """
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = "a rule" if place is None else place.tb_frame.f_code.co_name.replace("_", "-")
    if plugin:
        where += f" of plug-in {plugin}"
    facts: dict[str, object] = {"where": where, "error": f"{type(error).__name__}: {error}"}
    desk.found("rule-crashed", CAPTURE, follower.session.number, follower.number, number, facts)


def unusable(plugin: str, problem: str, desk: Desk) -> None:
    """An installed plug-in cannot be used: its rules judge nothing."""
    facts: dict[str, object] = {"where": f"Plug-in {plugin}", "error": problem}
    desk.found("rule-crashed", CAPTURE, 0, 0, 0, facts)
