"""What every form of output promises: it is there in whole or not at all, never in the place of what is read; a full
disk is said in words; and the same input gives the same bytes."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from iscsi_analyzer.cli import export as export_command
from iscsi_analyzer.export.formats import FORMATS
from iscsi_analyzer.redaction import redact
from tests.meta.tree import run_python
from tests.support.command import Done, command
from tests.support.samples import sample

ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
"For processes of their own: the code that this process tests."
SAMPLE = "k20_mcs_two_connections"
SMALL = 4096
"Bytes that a full disk still has: less than any of the outputs."


class Form(NamedTuple):
    """One way to write something of a capture."""

    name: str
    words: tuple[str, ...]
    is_directory: bool = False
    needs: str = ""

    def __call__(self, source: Path | str, out: Path) -> Done:
        """Writes it."""
        if self.words[0] == "redact":
            return command(*self.words, "-q", source, out)
        return command(*self.words, "-q", source, "-o", out)


FORMS = [
    *(Form(each.name, ("export", "--format", each.name), each.tables, each.needs) for each in FORMATS),
    *(
        Form(f"{each.name} of one table", ("export", "--format", each.name, "--table", "pdus"), False, each.needs)
        for each in FORMATS
        if each.tables
    ),
    Form("redact", ("redact",)),
    Form("redact all", ("redact", "--all", "--cut")),
]


@pytest.fixture(params=FORMS, ids=[form.name for form in FORMS])
def form(request: pytest.FixtureRequest) -> Form:
    """Each of the ways."""
    found: Form = request.param
    if found.needs and find_spec(found.needs) is None:
        pytest.skip(f"needs {found.needs}")
    return found


def content(path: Path) -> dict[str, bytes]:
    """The files below a path, by name; its own without a name."""
    if path.is_file():
        return {"": path.read_bytes()}
    return {str(each.relative_to(path)): each.read_bytes() for each in sorted(path.rglob("*")) if each.is_file()}


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    """A copy of a real capture, which may be damaged."""
    return Path(shutil.copy(sample(SAMPLE), tmp_path / "capture.pcap.zst"))


# --- a full disk ---


@pytest.fixture(scope="module")
def small_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path | None]:
    """A file system with little room; None where none can be mounted."""
    place = tmp_path_factory.mktemp("disk")
    words = ["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(place)]
    mounted = os.geteuid() == 0 and shutil.which("mount") is not None
    mounted = mounted and subprocess.run(words, capture_output=True, check=False).returncode == 0
    yield place if mounted else None
    if mounted:
        subprocess.run(["umount", str(place)], capture_output=True, check=True)


@contextmanager
def small_files() -> Iterator[None]:
    """No file of this process may become larger than a little."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def refused(done: Done, words: str) -> None:
    assert (done.code, done.out) == (1, "")
    [line] = done.err.splitlines()
    assert words in line
    assert "nothing was written (" in line


def test_a_full_disk_is_said_in_a_line_and_nothing_is_left(form: Form, capture: Path, small_disk: Path | None) -> None:
    if small_disk is None:
        pytest.skip("no file system can be mounted here")
    refused(form(capture, small_disk / "out"), "no space left on device")
    assert os.listdir(small_disk) == []


def test_a_file_that_may_not_grow_is_said_in_a_line_and_what_was_there_stays(
    form: Form, capture: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    before = {"": b"before"}
    if form.is_directory:
        out.mkdir()
        before = {"pdus.csv": b"before", "pdus.parquet": b"before"}
    for name, data in before.items():
        (out / name if name else out).write_bytes(data)
    with small_files():
        done = form(capture, out)
    refused(done, "file too large")
    assert content(out) == before
    assert sorted(os.listdir(tmp_path)) == ["capture.pcap.zst", "out"]


def test_a_directory_that_is_not_there_is_named(form: Form, capture: Path, tmp_path: Path) -> None:
    refused(form(capture, tmp_path / "no" / "out"), "no such file or directory")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no device that is always full")
def test_standard_output_on_a_full_disk_is_said_in_a_line(capture: Path) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "iscsi_analyzer", "-q", str(capture)],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60, env=ENVIRONMENT,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "iscsi-analyzer: standard output: no space left on device: the output is not complete "
        "(make room, or write to another disk)"
    ]


# --- in whole or not at all ---


def interrupted(pieces: Callable[..., Iterator[bytes]], out: Path) -> Callable[..., Iterator[bytes]]:
    """The same, interrupted when all of it was made; until then nothing may stand at `out`."""

    def some(*arguments: Any) -> Iterator[bytes]:
        for piece in pieces(*arguments):
            assert not out.exists()
            yield piece
        raise KeyboardInterrupt

    return some


def test_what_is_interrupted_leaves_nothing(
    form: Form, capture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    watched = out / "pdus.csv" if form.is_directory else out
    real = export_command.maker

    class Maker:
        """A format that is interrupted."""

        def __init__(self, name: str) -> None:
            self.pieces = interrupted(real(name).pieces, watched)

    monkeypatch.setattr(export_command, "maker", Maker)
    monkeypatch.setattr(redact, "redacted", interrupted(redact.redacted, watched))
    assert form(capture, out).code == 130
    assert os.listdir(tmp_path) == ["capture.pcap.zst"]


# --- never over what is read ---


@pytest.mark.parametrize("way", ["itself", "link", "hard link"])
def test_what_is_read_is_never_written_over(form: Form, way: str, capture: Path, tmp_path: Path) -> None:
    source, out = capture, capture
    if form.is_directory:  # a capture with the name of a table
        out = tmp_path / "tables"
        out.mkdir()
        name = out / f"tasks.{form.words[-1]}"
    else:
        name = tmp_path / "other"
    if way == "link":
        name.symlink_to(capture)
    elif way == "hard link":
        name.hardlink_to(capture)
    elif form.is_directory:
        source = Path(shutil.copy(capture, name))
    out = out if form.is_directory or way == "itself" else name
    before = source.read_bytes()
    done = form(source, out)
    assert (done.code, done.out) == (1, "")
    assert "this is the capture that is read" in done.err
    assert source.read_bytes() == before


def test_a_file_on_the_standard_input_is_not_written_over(capture: Path) -> None:
    before = capture.read_bytes()
    with capture.open("rb") as stream:
        done = subprocess.run(
            [sys.executable, "-m", "iscsi_analyzer", "redact", "-", str(capture)],
            stdin=stream, capture_output=True, text=True, check=False, timeout=60, env=ENVIRONMENT,
        )  # fmt: skip
    assert done.returncode == 1
    assert "this is the capture that is read" in done.stderr
    assert capture.read_bytes() == before


# --- the same bytes ---


class Elsewhere(NamedTuple):
    """What another process made of a capture, which hashes otherwise: what comes out of sets must be put in order."""

    source: Path
    out: Path


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Elsewhere:
    """Every form of a capture."""
    place = tmp_path_factory.mktemp("elsewhere")
    made = Elsewhere(Path(shutil.copy(sample(SAMPLE), place / "capture.pcap.zst")), place / "out")
    script = (
        "import sys; from pathlib import Path\n"
        "from tests.iscsi_analyzer.export.test_formats_promises import make_all\n"
        "make_all(Path(sys.argv[1]), Path(sys.argv[2]))\n"
    )
    here = os.pathsep.join(filter(None, sys.path))
    done = run_python("-c", script, str(made.source), str(made.out), PYTHONHASHSEED="1", PYTHONPATH=here)
    assert done.returncode == 0, done.stderr
    return made


def make_all(source: Path, out: Path) -> None:
    """Every form of a capture, into a directory."""
    out.mkdir()
    for each in FORMS:
        if not each.needs or find_spec(each.needs) is not None:
            done = each(source, out / each.name)
            assert done.code == 0, done.err


def test_the_same_input_gives_the_same_bytes_in_every_process(form: Form, elsewhere: Elsewhere, tmp_path: Path) -> None:
    assert form(elsewhere.source, tmp_path / "out").code == 0
    made = content(tmp_path / "out")
    assert made == content(elsewhere.out / form.name)
    assert all(made.values())
