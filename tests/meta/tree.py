"""The source tree as the meta-tests see it: its files, what they import, how to run Python on the code under test."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from iscsi_analyzer import build_info

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("dissectors", "iscsi_analyzer", "tui")
CODE_UNDER_TEST = Path(build_info.__file__).resolve().parents[1]
"The directory that holds the packages under test: the tree, or where a wheel was installed."


def python_files(*directories: str) -> list[str]:
    """Paths of all Python files below the directories of the tree, relative to its root, with slashes, sorted."""
    found = [file for directory in directories for file in (ROOT / directory).rglob("*.py")]
    return sorted(file.relative_to(ROOT).as_posix() for file in found)


def parse(path: str) -> ast.Module:
    """The syntax tree of a file of the tree."""
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), path)


@dataclass(frozen=True)
class Import:
    """One imported module."""

    module: str
    "Dotted name, absolute also where the source says it relatively."
    line: int
    lazy: bool
    "It happens in a function or only for type checkers, so importing the file does not load the module."

    @property
    def top(self) -> str:
        return self.module.partition(".")[0]


def imports(path: str, tree: ast.Module) -> Iterator[Import]:
    """Everything that the file `path` imports, by statement or by `import_module` with a literal name."""
    package = path.removesuffix(".py").split("/")[:-1]
    waiting: list[tuple[ast.AST, bool]] = [(tree, False)]
    while waiting:
        node, lazy = waiting.pop()
        for module in _named(node, package):
            yield Import(module, getattr(node, "lineno", 0), lazy)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            lazy = True
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting += [(child, True) for child in node.body]
            waiting += [(child, lazy) for child in node.orelse]
        else:
            waiting += [(child, lazy) for child in ast.iter_child_nodes(node)]


def _named(node: ast.AST, package: list[str]) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        above = package[: len(package) - node.level + 1] if node.level else []
        return [".".join([*above, *([node.module] if node.module else [])])]
    if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
        name = ast.unparse(node.func).rpartition(".")[2]
        if name in ("import_module", "__import__", "run_module") and isinstance(node.args[0].value, str):
            return [node.args[0].value]
    return []


def run_python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run this Python in a process of its own, on the same code that this process tests."""
    path = os.pathsep.join([str(CODE_UNDER_TEST), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    variables = {**os.environ, "PYTHONPATH": path, "PYTHONSAFEPATH": "1", **environment}
    return subprocess.run([sys.executable, *arguments], env=variables, capture_output=True, text=True, check=False)
