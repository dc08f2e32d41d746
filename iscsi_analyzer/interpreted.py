"""Whether the hot modules run without a compiler. Calls, and numbers of more than 30 bits, are dear then: one `struct`
call that reads or writes many fields takes the place of arithmetic. May be imported by everything."""

from __future__ import annotations

from importlib.machinery import EXTENSION_SUFFIXES
from importlib.util import find_spec
from typing import Final

_SPEC = find_spec("iscsi_analyzer.streams.serial")

INTERPRETED: Final[bool] = _SPEC is None or not str(_SPEC.origin).endswith(tuple(EXTENSION_SUFFIXES))
"Either all hot modules are compiled, or none is."
