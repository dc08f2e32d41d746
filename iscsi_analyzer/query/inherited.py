"""Fields that PDUs have from the SCSI command that they belong to: Data-In, Data-Out and SCSI Response show what their
command's header says, as Wireshark's do."""

from __future__ import annotations

from typing import Final

import numpy as np

from dissectors.iscsi import layout as at
from iscsi_analyzer.query import field as f
from iscsi_analyzer.query.header import one_of, opcodes
from iscsi_analyzer.query.scope import Level, Scope
from iscsi_analyzer.query.values import Values
from iscsi_analyzer.store.columns import Numbers

HEIRS: Final = frozenset((at.OP_DATA_OUT, at.OP_SCSI_RESPONSE, at.OP_DATA_IN))
_REQUEST_AT: Final = 40
_OPCODE_AT: Final = 48


def inherited(own: f.Reader) -> f.Reader:
    """What `own` reads, and where it finds nothing in an heir, what it reads of the heir's command. `own` gives one
    number for each PDU."""

    def read(scope: Scope) -> Values:
        values = own(scope)
        present = values.present
        assert present is not None
        heirs = np.flatnonzero(~present & one_of(opcodes(scope), HEIRS))
        command = scope.column(_REQUEST_AT, "<u4")[heirs].astype(np.int64) - 1
        known = command >= 0
        heirs, command = heirs[known], command[known]
        is_command = scope.moment.pdus.gather(_OPCODE_AT, "u1", command) & at.OPCODE_MASK == at.OP_SCSI_COMMAND
        heirs, command = heirs[is_command], command[is_command]
        if not len(heirs):
            return values
        source, place = _read(own, values, scope, command)
        data, present = values.data.copy(), present.copy()
        assert source.present is not None
        data[heirs], present[heirs] = source.data[place], source.present[place]
        return Values(data, present, None, values.table)

    return read


def _read(own: f.Reader, values: Values, scope: Scope, command: Numbers) -> tuple[Values, Numbers]:
    """The values of the commands, and where in them each one is."""
    chosen = scope.chosen
    if isinstance(chosen, slice) and chosen.start <= int(command.min()) and int(command.max()) < chosen.stop:
        return values, command - chosen.start
    different, place = np.unique(command, return_inverse=True)
    return own(Scope(scope.moment, Level.PDU, different)), place
