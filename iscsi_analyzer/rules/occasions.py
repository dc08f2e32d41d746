"""Occasions that many rules of one kind share: display filters on what is said of keys.

Interpreted, stateless.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from dissectors.iscsi import keytable as table

I2T: Final = "I2T"
T2I: Final = "T2I"
TEXTS: Final = "iscsi.opcode in {login, text} && iscsi.datasegmentlength > 0"
"A PDU with text."


def _of(*, form: str = "", result: str = "") -> tuple[str, ...]:
    """The keys with values of that form, or with that way to a result."""
    return tuple(key.name for key in table.KEYS.values() if form in ("", key.form) and result in ("", key.result))


NUMBERS: Final = _of(form=table.NUMBER)
BOOLEANS: Final = _of(form=table.BOOLEAN)
LISTS: Final = _of(form=table.LIST)
MINIMUM: Final = _of(result=table.MINIMUM)
MAXIMUM: Final = _of(result=table.MAXIMUM)
AND: Final = _of(result=table.AND)
OR: Final = _of(result=table.OR)
NEGOTIATED: Final = tuple(key.name for key in table.KEYS.values() if key.kind == table.NEGOTIATED)


def said(keys: Iterable[str], by: str = "") -> str:
    """A PDU in which one of these keys is said, by either side or in one direction only (I2T, T2I)."""
    sender = f"iscsi.pdu.direction == {by} && " if by else ""
    return f'{sender}iscsi.keyvalue matches "^({"|".join(keys)})="'
