"""4. What was negotiated, and does it hurt?"""

from __future__ import annotations

from iscsi_analyzer.analysis.answers.line import INFO, LOOK, OK, Line, sessions_named, size
from iscsi_analyzer.analysis.keys import InForce
from iscsi_analyzer.analysis.logins import COMPLETE, NOT_SEEN
from iscsi_analyzer.analysis.sessions import DISCOVERY
from iscsi_analyzer.analysis.study import Study


def negotiated(study: Study) -> list[Line]:
    """What is in force, sessions with the same values together; and the values that hurt."""
    groups: dict[str, list[int]] = {}
    for session in study.sessions:
        if session.type == DISCOVERY:
            continue
        for link in session.connections:
            if link.login.outcome == COMPLETE or (link.login.outcome == NOT_SEEN and link.in_force.digests_inferred):
                numbers = groups.setdefault(in_force_words(link.in_force), [])
                if session.session not in numbers:
                    numbers.append(session.session)
    lines = [
        Line(text=f"{sessions_named(numbers)}: {words}", severity=OK, session=numbers[0])
        for words, numbers in groups.items()
    ]
    lines += [
        Line(
            text=f"session {remark.session}: {remark.words}",
            severity=LOOK if remark.count else INFO,
            session=remark.session,
            connection=remark.connection,
            pdus=remark.pdus,
            tasks=remark.tasks,
        )
        for remark in study.remarks
        if remark.key != "MaxCmdSN"
    ]
    return lines


def in_force_words(rules: InForce) -> str:
    """The values that matter, in one line; those that are not known are left out, and that is said."""
    words = []
    for label, flag in (("InitialR2T", rules.initial_r2t), ("ImmediateData", rules.immediate_data)):
        if flag is not None:
            words.append(f"{label}={'Yes' if flag else 'No'}")
    for label, number in (
        ("MaxBurstLength", rules.max_burst_length),
        ("FirstBurstLength", rules.first_burst_length),
    ):
        if number is not None:
            words.append(f"{label} {size(number)}")
    lengths = [
        f"{side} {size(number)}"
        for side, number in (
            ("initiator", rules.initiator_max_recv_data_segment_length),
            ("target", rules.target_max_recv_data_segment_length),
        )
        if number is not None
    ]
    if lengths:
        words.append(f"MaxRecvDataSegmentLength {', '.join(lengths)}")
    if rules.max_outstanding_r2t is not None:
        words.append(f"MaxOutstandingR2T {rules.max_outstanding_r2t}")
    digests = [
        name for name, value in (("header", rules.header_digest), ("data", rules.data_digest)) if value == "CRC32C"
    ]
    unknown = rules.header_digest is None or rules.data_digest is None
    inferred = " (concluded from the bytes)" if rules.digests_inferred else ""
    words.append(f"digests {' and '.join(digests) or ('unknown' if unknown else 'none')}{inferred}")
    if rules.error_recovery_level is not None:
        words.append(f"ErrorRecoveryLevel {rules.error_recovery_level}")
    if rules.max_connections is not None and rules.max_connections > 1:
        words.append(f"MaxConnections {rules.max_connections}")
    if rules.max_burst_length is None:
        words.append("the rest is not known, as the capture lacks the login or parts of it")
    return ", ".join(words)
