"""Link types have names, also those that nobody knows."""

from __future__ import annotations

from iscsi_analyzer.export.link_types import link_type_name


def test_known_types_have_their_names_and_others_their_number() -> None:
    assert link_type_name(1) == "Ethernet"
    assert link_type_name(113) == "Linux cooked"
    assert link_type_name(60000) == "link type 60000"
