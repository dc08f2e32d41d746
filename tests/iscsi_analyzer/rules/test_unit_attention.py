"""What a logical unit says after a logout has ended tasks of it."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import unit_attention
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, check_near, found, names
from tests.support.talk import Talk

NEAR = {
    "ua-after-implicit-termination": """
        talk = Talk(max_connections=2).open()
        second = talk.join().open()
        second.command(read=4096, lun=1)
        second.logout(1)
        second.fin()
        talk.test_unit_ready(lun=0)
        talk.test_unit_ready(lun=1, cdb=bytes((0xA0,)) + bytes(11))
        talk.response(talk.command(lun=1), 2, sense=bytes((0x72, 6, 0x29, 0, 0, 0, 0, 0)))
        talk.test_unit_ready(lun=1)
        """,
}
"What nearly breaks each rule."


@pytest.mark.parametrize("name", names(unit_attention))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


def test_it_is_told_once_for_each_logical_unit() -> None:
    talk = Talk(max_connections=2).open()
    second = talk.join().open()
    for lun in (1, 2, 2):
        second.command(read=4096, lun=lun)
    second.logout(1)
    second.fin()
    for lun in (1, 2, 1, 2):
        talk.test_unit_ready(lun=lun)
    assert [(finding.rule, int(finding.count)) for finding in found(talk)] == [("ua-after-implicit-termination", 2)]
