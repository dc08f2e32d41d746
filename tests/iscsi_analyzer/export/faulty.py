"""A conversation with faults of every severity on two connections, and what is found in it."""

from __future__ import annotations

from functools import cache

from iscsi_analyzer.options import Options
from iscsi_analyzer.run import Analysis
from tests.support.command import analysed
from tests.support.talk import Talk


def conversation() -> Talk:
    """A note, an error that comes three times, an error with a related PDU; on another connection the error again, and
    a note without a PDU."""
    talk = Talk().open()
    talk.tmf(6, lun=1)
    for _ in range(3):
        talk.tmf(1, referenced_task_tag=0xFFFFFFFF, response=1)
    talk.test_unit_ready()
    talk.tmf(1, talk.command(read=4096), ref_cmd_sn=0)
    talk.close()
    other = talk.beside().open()
    other.tmf(1, referenced_task_tag=0xFFFFFFFF, response=1)
    other.fin()
    return talk


RULES = ["tmf-lun-reserved", "tmf-rtt-missing", "tmf-refcmdsn-wrong", "tmf-rtt-missing", "conn-closed-in-ffp"]
"What is found in it, in order."


@cache
def faulty() -> Analysis:
    """Its analysis."""
    return analysed(conversation(), Options(plugins=()))
