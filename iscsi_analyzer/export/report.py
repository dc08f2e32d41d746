"""From an analysis to its report, as a record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from dissectors.iscsi.layout import OPCODE_MASK
from dissectors.iscsi.words import OPCODES, SCSI_RESPONSES
from dissectors.net.codes import reason
from dissectors.scsi.status import status_name
from iscsi_analyzer import build_info
from iscsi_analyzer.analysis.diagnosis import diagnose
from iscsi_analyzer.analysis.facts import Flags
from iscsi_analyzer.analysis.focus import Focus
from iscsi_analyzer.analysis.headlines import headlines
from iscsi_analyzer.analysis.study import Study
from iscsi_analyzer.export.carries import carries
from iscsi_analyzer.export.connection_record import ConnectionRecord, Endpoint
from iscsi_analyzer.export.connections import connection_records, endpoint
from iscsi_analyzer.export.findings import finding_records
from iscsi_analyzer.export.link_types import link_type_name
from iscsi_analyzer.export.report_record import (
    CommentRecord,
    DigestCounts,
    FileRecord,
    InterfaceRecord,
    LinkType,
    LinkTypeCount,
    LoginCount,
    LossRecord,
    OtherCount,
    PduCount,
    ProblemRecord,
    ReasonCount,
    ReportRecord,
    StatusCount,
)
from iscsi_analyzer.export.tally import Tally
from iscsi_analyzer.export.time_text import decimal
from iscsi_analyzer.run import Analysis
from iscsi_analyzer.sources.facts import FileFacts, InterfaceFacts
from iscsi_analyzer.store.rows import DIGEST_ABSENT, DIGEST_BAD, DIGEST_OK, DIGEST_UNKNOWN
from iscsi_analyzer.store.store import Store
from iscsi_analyzer.streams.connection import Connection

SCHEMA_VERSION = 1
"Version of the JSON Schema of all records: grows when a field changes its meaning or goes."


def report(
    analysis: Analysis,
    focus: Focus | None = None,
    *,
    limits: Sequence[str] = (),
    slowest: int | None = None,
    study: Study | None = None,
) -> ReportRecord:
    """Everything about the captures as a whole, as far as they were read, or about the part of them that `focus` has.
    `limits` says which part that is, in words; `slowest` as `Study` has it. Who has a `study` of that part gives it, so
    that nothing is computed twice."""
    engine, store = analysis.engine, analysis.store
    tally = Tally()
    if study is None:
        study = Study(store, focus, slowest=slowest)
    number = 1
    for block, first, count, _ in store.row_runs():
        if focus is None:
            tally.add(block, first, count, number)
        else:
            for place, length in runs(study.facts.wanted_pdus[number - 1 : number - 1 + count]):
                tally.add(block, first + place, length, number + place)
        number += count
    connections = list(connection_records(store, focus))
    answers = diagnose(study) if len(store) else []
    numbers = {connection.number for connection in connections}
    return ReportRecord(
        schema_version=SCHEMA_VERSION,
        analyzer=f"{build_info.__version__}, {build_info.describe()}",
        files=[_file(facts) for facts in analysis.capture.files],
        problems=[
            ProblemRecord(
                problem.path,
                problem.offset if problem.offset >= 0 else None,
                problem.severity,  # type: ignore[arg-type]
                problem.message,
                problem.remedy,
            )
            for problem in analysis.problems
        ],
        frames=engine.frames,
        tcp_frames=engine.tcp_frames,
        time=decimal(engine.first_ts) if engine.frames else None,
        time_last=decimal(engine.last_ts) if engine.frames else None,
        duration_ns=max(0, engine.last_ts - engine.first_ts) if engine.frames else 0,
        link_types=[
            LinkTypeCount(number, link_type_name(number), frames)
            for number, frames in sorted(engine.link_types.items(), key=_by_count)
        ],
        not_decoded=not_decoded(engine.not_decoded),
        ip_fragments=engine.fragments.counts(),
        bad_checksums=engine.bad_checksums,
        limits=list(limits),
        pdus=sum(tally.pdus),
        sessions=len({connection.session for connection in connections}),
        connections=connections,
        pdu_counts=_pdu_counts(tally),
        logins=_logins(connections),
        scsi_statuses=_statuses(tally),
        header_digests=_digests(tally.header_digests, tally.first_bad_header),
        data_digests=_digests(tally.data_digests, tally.first_bad_data),
        cut_pdus=tally.cut,
        unfinished_pdus=tally.unfinished,
        odd_pdus=tally.odd,
        losses=[loss for loss in _losses(store) if loss.connection in numbers],
        losses_not_listed=store.losses_not_listed,
        others_on_iscsi_ports=_others(engine.others),
        other_connections=len(engine.others) + engine.forgotten,
        findings=list(finding_records(store, focus)),
        findings_not_kept=store.verdicts.dropped,
        latency=study.latency if len(store) and study.latency.measured else None,
        load=study.load if len(store) else None,
        tcp=study.tcp if len(store) else [],
        counters=study.counters if len(store) else [],
        headlines=headlines(answers),
        answers=answers,
    )


def runs(mask: Flags) -> Iterator[tuple[int, int]]:
    """Where the runs of True begin, and how long they are."""
    edges = np.flatnonzero(np.diff(mask, prepend=False, append=False)).tolist()
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        yield start, end - start


def not_decoded(counts: dict[int, int]) -> list[ReasonCount]:
    """The engine's reasons (code << 32 | detail) in words, the most frequent first; those of one wording together."""
    by_words: Counter[str] = Counter()
    for key, frames in counts.items():
        by_words[reason(key >> 32, key & 0xFFFFFFFF)] += frames
    return [ReasonCount(words, frames) for words, frames in sorted(by_words.items(), key=_by_count)]


def _by_count(item: tuple[object, int]) -> int:
    return -item[1]


def _file(facts: FileFacts) -> FileRecord:
    return FileRecord(
        path=facts.path,
        format=facts.format,
        variant=facts.variant,
        compression=facts.compression,
        byte_order=facts.byte_order,
        size=facts.size,
        frames=facts.frames,
        time=None if facts.first_ns is None else decimal(facts.first_ns),
        time_last=None if facts.last_ns is None else decimal(facts.last_ns),
        hardware=facts.hardware,
        os=facts.os,
        application=facts.application,
        comments=list(facts.comments),
        packet_comments=[CommentRecord(comment.frame, comment.text) for comment in facts.packet_comments],
        interfaces=[_interface(interface) for interface in facts.interfaces],
    )


def _interface(facts: InterfaceFacts) -> InterfaceRecord:
    known = [count for count in (facts.dropped_interface, facts.dropped_os) if count is not None]
    dropped = max(sum(known), facts.dropped_noted)
    return InterfaceRecord(
        number=facts.number,
        name=facts.name,
        description=facts.description,
        link_type=LinkType(facts.linktype, link_type_name(facts.linktype)),
        snaplen=facts.snaplen,
        filter=facts.filter,
        resolution=facts.resolution,
        received=facts.received,
        dropped=dropped if known or dropped else None,
    )


def _pdu_counts(tally: Tally) -> list[PduCount]:
    found = []
    for place, count in enumerate(tally.pdus):
        if count:
            opcode, to_target = place & OPCODE_MASK, place > OPCODE_MASK
            name = OPCODES(opcode) + ("" if OPCODES.known(opcode) else f" (0x{opcode:02x})")
            found.append(PduCount(opcode, name, "I2T" if to_target else "T2I", count, tally.data_bytes[place]))
    return found


def _logins(connections: list[ConnectionRecord]) -> list[LoginCount]:
    outcomes = Counter("not seen" if each.login is None else each.login.outcome for each in connections)
    return [LoginCount(words, count) for words, count in sorted(outcomes.items(), key=_by_count)]


def _statuses(tally: Tally) -> list[StatusCount]:
    found = [StatusCount(code, status_name(code), count) for code, count in enumerate(tally.statuses) if count]
    failed = [
        StatusCount(None, f"{SCSI_RESPONSES(code)} (response 0x{code:02x})", count)
        for code, count in enumerate(tally.failures)
        if count
    ]
    return found + failed


def _digests(counts: list[int], first_bad: int) -> DigestCounts:
    ok, bad, unknown, absent = (counts[state] for state in (DIGEST_OK, DIGEST_BAD, DIGEST_UNKNOWN, DIGEST_ABSENT))
    return DigestCounts(ok, bad, unknown, absent, first_bad or None)


def _losses(store: Store) -> list[LossRecord]:
    return [
        LossRecord(
            loss.kind,  # type: ignore[arg-type]
            loss.connection,
            "I2T" if loss.to_target else "T2I",
            loss.length,
            decimal(loss.ts),
            loss.frame,
        )
        for loss in store.losses
    ]


def _others(connections: list[Connection]) -> list[OtherCount]:
    """Connections on iSCSI ports, by what they carry."""
    counts: Counter[str] = Counter()
    first: dict[str, Connection] = {}
    for connection in connections:
        if connection.port_known:
            words = carries(connection)
            counts[words] += 1
            first.setdefault(words, connection)
    return [
        OtherCount(carries=words, count=count, example=_example(first[words]))
        for words, count in sorted(counts.items(), key=_by_count)
    ]


def _example(connection: Connection) -> list[Endpoint]:
    sender = connection.to_target or connection.first
    return [endpoint(sender.source), endpoint(sender.destination)]
