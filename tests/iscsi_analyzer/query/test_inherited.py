"""Data and responses show what their command shows; nothing else does."""

from __future__ import annotations

import numpy as np

from iscsi_analyzer.query import compile_filter
from iscsi_analyzer.query.inherited import HEIRS
from tests.iscsi_analyzer.stores import busy, found, varied


def test_the_operation_code_of_data_and_responses_is_that_of_their_command() -> None:
    for store in (varied(), busy()):
        reads = set(found("iscsi.opcode == 1 && scsi_sbc.opcode == 0x28", store))
        assert reads
        expected = sorted(
            number
            for number, row in enumerate(store.rows(), 1)
            if number in reads or (row.opcode in HEIRS and row.request in reads)
        )
        assert found("scsi_sbc.opcode == 0x28", store) == expected


def test_it_is_the_same_when_the_command_is_not_among_those_asked_about() -> None:
    store = busy()
    heirs = [number for number, row in enumerate(store.rows(), 1) if row.opcode in HEIRS]
    compiled = compile_filter('scsi_sbc.opcode == "READ(10)"')
    whole = compiled.pdus(store)
    for chosen in (heirs, heirs[::40], heirs[-1:]):
        numbers = np.array(chosen)
        assert compiled.pdus_among(store, numbers).tolist() == whole[numbers - 1].tolist()
    for start in (2, len(store) // 2, len(store)):
        assert compiled.pdus(store, start).tolist() == whole[start - 1 :].tolist()
