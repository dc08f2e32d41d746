"""What is running here: the version, and whether the hot modules are compiled. Imports none of them to find out."""

from __future__ import annotations

from importlib.machinery import EXTENSION_SUFFIXES
from importlib.util import find_spec

from iscsi_analyzer.building import HOT_MODULES

__version__ = "0.1.0"
"The version, stated here and nowhere else."


def compiled_modules() -> list[str]:
    """Those of the hot modules that an import gives (or gave) as compiled code, in the order of `HOT_MODULES`."""
    return [path for path in HOT_MODULES if _origin(_module_name(path)).endswith(tuple(EXTENSION_SUFFIXES))]


def describe() -> str:
    """One phrase for `--version` and bug reports: `compiled (mypyc, 12 of 12 modules)` or `interpreted`."""
    compiled = len(compiled_modules())
    return f"compiled (mypyc, {compiled} of {len(HOT_MODULES)} modules)" if compiled else "interpreted"


def _module_name(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".")


def _origin(module: str) -> str:
    """The file that the import system takes for `module`; empty if there is none."""
    try:
        spec = find_spec(module)
    except ImportError:
        return ""
    return (spec.origin or "") if spec else ""
