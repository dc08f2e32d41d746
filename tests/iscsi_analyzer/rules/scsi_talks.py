"""Conversations of SCSI tasks that nobody can object to, in every way of moving data; what the rules on tasks say of a
capture."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from iscsi_analyzer.rules import (
    data_in,
    data_in_order,
    immediate,
    level2,
    overflow,
    r2t,
    r2t_order,
    residuals,
    scsi_command,
    scsi_response,
    sense_data,
    solicited,
    unsolicited,
    write_data,
)
from iscsi_analyzer.rules.desk import Finding
from tests.iscsi_analyzer.rules.judging import Heard, found, sentence
from tests.support.talk import Talk
from tests.support.talk_load import mixture

TOPICS = (
    scsi_command,
    immediate,
    unsolicited,
    write_data,
    solicited,
    r2t,
    r2t_order,
    data_in,
    data_in_order,
    scsi_response,
    sense_data,
    residuals,
    overflow,
    level2,
)
NAMES = [rule.name for topic in TOPICS for rule in topic.RULES]
SENSE = bytes((0x70, 0, 5, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x24, 0, 0, 0, 0, 0))
"Fixed format: ILLEGAL REQUEST, invalid field in CDB."


def of_tasks(heard: Heard) -> list[Finding]:
    """The findings of the rules on SCSI tasks."""
    return [finding for finding in found(heard) if finding.rule in NAMES]


def broken(heard: Heard) -> list[str]:
    """The rules on SCSI tasks that are broken, in the order in which that was found."""
    return [finding.rule for finding in of_tasks(heard)]


def blamed(heard: Heard, rule: str) -> Finding:
    """The only finding of the rules on SCSI tasks, which must be of that rule and can be told."""
    findings = of_tasks(heard)
    assert [finding.rule for finding in findings] == [rule], [sentence(finding) for finding in findings]
    sentence(findings[0])
    return findings[0]


def with_keys(**keys: str) -> Talk:
    """An open connection with these keys as they were offered and answered."""
    return Talk().open(offer=keys, answer=keys)


def every_way(**terms: object) -> Talk:
    """Tasks of every kind under these terms, one after the other and a few at a time, all of them right."""
    talk = Talk(initiator_max_recv_data_segment_length=2048, target_max_recv_data_segment_length=1024, **terms).open()
    for length in (512, 8192, 12288):
        talk.read(length)
        talk.read(length, phase=False)
        talk.write(length)
    inquiry = talk.command(bytes((0x12, 0, 0, 0, 255, 0)), read=255)
    talk.data_in(inquiry, 96, status=0, residual_count=159)
    sense = talk.command(bytes((0x03, 0, 0, 0, 252, 0)), read=252)
    talk.data_in(sense, 18, final=True)
    talk.response(sense, underflow=234)
    luns = talk.command(bytes((0xA0, 0, 0, 0, 0, 0, 0, 0, 0, 24, 0, 0)), read=16)
    talk.data_in(luns, bytes((0, 0, 0, 16)) + bytes(12))
    talk.response(luns, overflow=8)
    failed = talk.command(read=4096)
    talk.response(failed, 2, sense=SENSE)
    half = talk.command(read=4096)
    talk.data_in(half, 1024, final=False)
    talk.response(half, 2, sense=SENSE, underflow=3072)
    refused = talk.start_write(8192)
    while refused.written < 8192:
        talk.solicit(refused)
    talk.response(refused, 2, sense=SENSE)
    several = [talk.command(read=4096) for _ in range(3)]
    first, second = talk.start_write(4096), talk.start_write(4096)
    for task in reversed(several):
        talk.serve(task)
    for write in (second, first):
        while write.written < 4096:
            talk.solicit(write)
        talk.response(write)
    talk.test_unit_ready()
    talk.close()
    return talk


HEALTHY: dict[str, Callable[[], Talk]] = {
    "InitialR2T, immediate data": cache(lambda: every_way(max_burst_length=4096, first_burst_length=4096)),
    "InitialR2T only": cache(lambda: every_way(immediate_data=False, max_burst_length=8192, first_burst_length=8192)),
    "unsolicited and immediate data": cache(
        lambda: every_way(initial_r2t=False, max_burst_length=4096, first_burst_length=4096)
    ),
    "unsolicited data only": cache(
        lambda: every_way(initial_r2t=False, immediate_data=False, max_burst_length=4096, first_burst_length=3072)
    ),
    "mixture": cache(lambda: mixture(7, pdus=200, initial_r2t=False, max_burst_length=4096, first_burst_length=2048)),
    "two connections": cache(lambda: mixture(8, pdus=200, connections=2, max_burst_length=4096)),
}
