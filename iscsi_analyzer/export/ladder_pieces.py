"""`export --format text-ladder`: the conversation as ladders of text, one for each session, task or finding.

$ iscsi-analyzer export samples/k24_kernel_abort_lunreset_recovery.pcap.zst --format text-ladder --task 163 --width 100
task 163, session 1: 2 PDUs
connection 1, session 1: 127.0.0.1:56814 -> 127.0.0.1:3260

PDU      time      since             connection 1
                         127.0.0.1:56814       127.0.0.1:3260
182  1.613497            │────────── SCSI Command ─────────▶│ READ(10) LUN 0 LBA 0, 8 blocks ITT
                         │                                  │ 0x5b000000 CmdSN 90 EDTL 4096
189 11.336072    +9.72 s │────────────── TMF ──────────────▶│ ABORT TASK LUN 0 of ITT 0x5b000000
                         │                                  │ RefCmdSN 90 ITT 0x5f000000 CmdSN 91
                         │                                  │ immediate
                         │                                  │ ▲ tmf-response-missing
    26.393739    +15.1 s │╌╌╌╌╌╌╌╌╌╌╌╌╌ closed ╌╌╌╌╌╌╌╌╌╌╌╌▶│ FIN, frame 714
"""

from __future__ import annotations

from collections.abc import Iterator

from iscsi_analyzer.analysis.facts import Facts
from iscsi_analyzer.export.formats import Part
from iscsi_analyzer.export.ladder import Ladder, ladder_of_pdus, ladder_of_sessions, ladder_of_task
from iscsi_analyzer.export.ladder_text import ladder_text
from iscsi_analyzer.export.part import findings_of, tasks_of
from iscsi_analyzer.run import Analysis


def pieces(analysis: Analysis, part: Part) -> Iterator[bytes]:
    """The ladders, line by line, an empty line between two of them. See `formats.Maker`."""
    ladders = list(_ladders(analysis, part))
    for place, ladder in enumerate(ladders):
        if place:
            yield b"\n"
        for line in ladder_text(ladder, part.width):
            yield f"{line}\n".encode("utf-8", "backslashreplace")


def _ladders(analysis: Analysis, part: Part) -> Iterator[Ladder]:
    facts = Facts(analysis.store, part.focus)
    if part.tasks:
        for number in tasks_of(facts, Part(tasks=part.tasks)):
            yield ladder_of_task(facts, number)
    for record in findings_of(analysis.store, part):
        title = f"finding {record.number}, {record.rule}: {record.message}"
        yield ladder_of_pdus(facts, [*record.related, *record.pdus], title)
    if not part.numbered:
        among = None if part.focus is None else part.focus.pdus()
        chosen = None if part.focus is None else part.focus.sessions()
        for session in facts.sessions:
            if chosen is None or session.number in chosen:
                yield ladder_of_sessions(facts, [int(session.number)], among=among)
