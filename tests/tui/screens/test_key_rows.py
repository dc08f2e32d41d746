"""Rows of keys: every key of every connection, secrets never, what hurts with its remark."""

from __future__ import annotations

from tests.iscsi_analyzer.analysis.studies import sample
from tui.screens.jumps import ToPdu
from tui.screens.key_rows import rows_of, titles
from tui.widgets.row_list import Row


def rows(name: str, *, defaults: bool = True) -> list[Row]:
    study = sample(name)
    return list(rows_of(study.keys, study.remarks, defaults=defaults))


def test_every_key_has_a_row() -> None:
    study = sample("k20")
    assert len(rows("k20")) == len(study.keys) + sum(len(each.states) for each in study.keys)
    assert {len(row.cells) for row in rows("k20")} == {1, len(titles(80))}


def test_remarks_stand_at_their_key() -> None:
    for name in ("v05", "v06"):
        study = sample(name)
        for remark in study.remarks:
            shown = [row for row in rows_of(study.keys, study.remarks, defaults=True) if remark.words in row.cells[-1]]
            assert {row.cells[0].strip() for row in shown} == {remark.key}
            assert shown[0].style == "warning"


def test_rows_lead_to_the_pdu_that_offered() -> None:
    row = next(row for row in rows("k24") if row.cells[0].strip() == "InitialR2T")
    assert row.target == ToPdu(1)


def test_secrets_are_not_shown() -> None:
    text = " ".join(cell for row in rows("k04") for cell in row.cells)
    assert "CHAP_R" in text
    study = sample("k04")
    said = next(each for login in study.facts.followers for each in login.login.said if each.key == "CHAP_R")
    assert said.value not in text
