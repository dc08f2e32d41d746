"""The build hook compiles when it can, never fails for want of a compiler, and says in one line what it could not do.

A small project with the real pyproject.toml and the real hook stands for the whole: one hot module, in a package
without `__init__.py`, which imports a module that is not compiled.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from iscsi_analyzer import build_info, building
from tests.meta.tree import ROOT

pytest.importorskip("hatchling", reason="the build backend is not installed")

HOT = '''
"""A hot module."""
from typing import Final
from mypy_extensions import i64
from dissectors.net.cold import OFFSET
WORD: Final = "hot"

def total(data: bytes) -> i64:
    sum: i64 = OFFSET
    for byte in data:
        sum += byte
    return sum
'''

SAYS = """
from dissectors.net import hot
from iscsi_analyzer import build_info
print(hot.total(b"abc"), build_info.describe())
"""


def compiler_is_there() -> bool:
    compiler = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()[0]
    return bool(shutil.which(compiler)) and Path(sysconfig.get_path("include"), "Python.h").is_file()


needs_compiler = pytest.mark.skipif(not compiler_is_there(), reason="no C compiler, or no headers of Python")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The small project."""
    root = tmp_path / "project"
    for directory in ("dissectors/net", "iscsi_analyzer", "tui", "samples", "tests"):
        (root / directory).mkdir(parents=True)
    for path in ("pyproject.toml", "LICENSE", "iscsi_analyzer/build_info.py"):
        shutil.copy(ROOT / path, root / path)
    hook = (ROOT / "iscsi_analyzer/building.py").read_text(encoding="utf-8")
    hook, count = re.subn(r"(?s)(HOT_MODULES: Final = \().*?\)\n", r'\1"dissectors/net/hot.py",)\n', hook)
    assert count == 1
    for path, text in {
        "iscsi_analyzer/building.py": hook,
        "dissectors/__init__.py": "",
        "iscsi_analyzer/__init__.py": "",
        "tui/__init__.py": "",
        "dissectors/net/hot.py": HOT,
        "dissectors/net/cold.py": "OFFSET = 1000\n",
        "tests/test_nothing.py": "",
        "samples/small.pcap": "",
        "README.md": "",
    }.items():
        (root / path).write_text(text, encoding="utf-8")
    return root


def build(project: Path, target: str = "wheel", **environment: str) -> tuple[Path, str]:
    """Build in a process of its own. Returns the only file that was made and what was said; fails if the build does."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "ISCSI_ANALYZER"))}
    output = project.parent / "output"
    done = subprocess.run(
        [sys.executable, "-P", "-m", "hatchling", "build", "-t", target, "-d", str(output)],
        cwd=project,
        env={**variables, "PYTHONSAFEPATH": "1", "TMPDIR": str(project.parent), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert not list(project.parent.glob("iscsi-analyzer-build-*")), "the build leaves nothing behind"
    if done.returncode:
        raise ChildProcessError(done.stdout)
    [made] = output.iterdir()
    return made, done.stdout.replace(f"{made}\n", "")


def contents(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return [name for name in archive.namelist() if ".dist-info/" not in name]


def run_from(wheel: Path) -> str:
    """What the code in the wheel says."""
    place = wheel.parent / "unpacked"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(place)
    return subprocess.run(
        [sys.executable, "-P", "-c", SAYS],
        env={**os.environ, "PYTHONPATH": str(place)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


def assert_is_pure(wheel: Path) -> None:
    assert wheel.name.endswith("-py3-none-any.whl")
    assert {Path(name).suffix for name in contents(wheel)} <= {".py", ".typed"}
    assert run_from(wheel) == "1294 interpreted"


@pytest.mark.slow
@needs_compiler
def test_with_a_compiler_the_wheel_is_compiled(project: Path) -> None:
    wheel, said = build(project)
    assert "none-any" not in wheel.name
    extensions = sorted(name.partition(".")[0] for name in contents(wheel) if not name.endswith((".py", ".typed")))
    assert extensions == ["dissectors/net/hot", "iscsi_analyzer_hot_path__mypyc"]
    assert run_from(wheel) == "1294 compiled (mypyc, 1 of 1 modules)"
    assert said == ""


@pytest.mark.slow
def test_a_compiler_that_fails_costs_the_speed_and_not_the_build(project: Path) -> None:
    wheel, said = build(project, CC="false")
    assert_is_pure(wheel)
    assert len(said.splitlines()) == 1
    assert "without its compiled core" in said


@pytest.mark.slow
def test_a_machine_without_compiler_gets_a_pure_wheel(project: Path, tmp_path: Path) -> None:
    wheel, said = build(project, PATH=str(tmp_path), CC="no-such-compiler")
    assert_is_pure(wheel)
    assert "no-such-compiler" in said


@pytest.mark.slow
def test_a_module_that_mypyc_refuses_costs_the_speed_and_not_the_build(project: Path) -> None:
    hot = project / "dissectors/net/hot.py"
    hot.write_text(HOT + "wrong: int = WORD\n", encoding="utf-8")
    wheel, said = build(project)
    assert_is_pure(wheel)
    assert "dissectors/net/hot.py" in said


@pytest.mark.slow
def test_who_insists_on_compiling_hears_everything_about_the_failure(project: Path) -> None:
    hot = project / "dissectors/net/hot.py"
    hot.write_text(HOT + "wrong: int = WORD\nwronger: int = WORD\n", encoding="utf-8")
    with pytest.raises(ChildProcessError, match=r"(?s)hot.py:13: error: .*hot.py:14: error: "):
        build(project, ISCSI_ANALYZER_BUILD="compiled")


def test_who_wants_it_interpreted_gets_a_pure_wheel_without_a_word(project: Path) -> None:
    wheel, said = build(project, ISCSI_ANALYZER_BUILD="interpreted", CC="false")
    assert_is_pure(wheel)
    assert said == ""


def test_an_unknown_wish_stops_the_build(project: Path) -> None:
    with pytest.raises(ChildProcessError, match="'swift'; it must be one of auto, compiled, interpreted"):
        build(project, ISCSI_ANALYZER_BUILD="swift")


def test_the_wheel_holds_the_three_packages_and_nothing_else(project: Path) -> None:
    wheel, _ = build(project, ISCSI_ANALYZER_BUILD="interpreted")
    assert {name.partition("/")[0] for name in contents(wheel)} == {"dissectors", "iscsi_analyzer", "tui"}


def test_the_source_distribution_holds_samples_and_tests_and_can_be_built_again(project: Path, tmp_path: Path) -> None:
    made, _ = build(project, "sdist")
    with tarfile.open(made) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
        archive.extractall(tmp_path / "again", filter="data")
    assert {"samples/small.pcap", "tests/test_nothing.py", "iscsi_analyzer/building.py", "LICENSE"} <= names
    [root] = (tmp_path / "again").iterdir()
    wheel, _ = build(root, ISCSI_ANALYZER_BUILD="interpreted")
    assert_is_pure(wheel)


@pytest.fixture
def hook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """The hook itself, for a root where compiling would fail for want of everything."""
    monkeypatch.setenv("ISCSI_ANALYZER_BUILD", "compiled")
    return building.get_build_hook()(str(tmp_path), {}, None, None, str(tmp_path), "wheel")  # type: ignore[arg-type]


def test_an_editable_install_stays_interpreted(hook: building.BuildHookInterface) -> None:
    data: dict[str, object] = {"force_include": {}, "pure_python": True, "infer_tag": False}
    hook.initialize("editable", data)
    assert data == {"force_include": {}, "pure_python": True, "infer_tag": False}


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("", "no reason was given"),
        ("a.py:1: error: first\nb.py:2: error: second\nFound 2 errors", "a.py:1: error: first"),
        (
            "gcc -c x.c\nx.c:1:10: fatal error: Python.h: No such file\ncompilation terminated.",
            "x.c:1:10: fatal error: Python.h: No such file",
        ),
        (
            "Traceback (most recent call last):\n  File x\nModuleNotFoundError: No module named 'mypyc'\n",
            "ModuleNotFoundError: No module named 'mypyc'",
        ),
        ("word " * 100, "word " * 31 + "..."),
    ],
)
def test_the_reason_of_a_failure_is_one_line_that_tells_most(said: str, reason: str) -> None:
    assert building.CompilationFailed(said).reason() == reason


def test_the_hook_and_the_description_speak_of_the_same_modules() -> None:
    assert build_info.HOT_MODULES is building.HOT_MODULES
