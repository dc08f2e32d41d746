"""The build: which modules are compiled, and the hook that compiles them into the wheel.

The build backend (hatchling) loads this file by its path before anything is installed, so it imports nothing of the
project. At run time only `HOT_MODULES` is of interest, so the tools of the build are imported inside the functions.

`ISCSI_ANALYZER_BUILD` decides: `auto` (compile if possible, else a pure wheel), `compiled` (a failure is fatal),
`interpreted` (do not even try).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HOT_MODULES: Final = (
    "dissectors/net/decode.py",
    "dissectors/net/ip.py",
    "dissectors/net/link.py",
    "dissectors/net/segment.py",
    "dissectors/net/tcpopt.py",
    "dissectors/net/tunnel.py",
    "iscsi_analyzer/compare/segments.py",
    "iscsi_analyzer/engine.py",
    "iscsi_analyzer/export/quick_lines.py",
    "iscsi_analyzer/export/tally.py",
    "iscsi_analyzer/flows.py",
    "iscsi_analyzer/listener.py",
    "iscsi_analyzer/model/finder.py",
    "iscsi_analyzer/model/following.py",
    "iscsi_analyzer/model/limits.py",
    "iscsi_analyzer/model/notes.py",
    "iscsi_analyzer/model/session.py",
    "iscsi_analyzer/model/sessions.py",
    "iscsi_analyzer/model/task.py",
    "iscsi_analyzer/model/watch.py",
    "iscsi_analyzer/plain.py",
    "iscsi_analyzer/rules/blame.py",
    "iscsi_analyzer/rules/command_fields.py",
    "iscsi_analyzer/rules/data_in.py",
    "iscsi_analyzer/rules/data_in_fields.py",
    "iscsi_analyzer/rules/data_in_order.py",
    "iscsi_analyzer/rules/desk.py",
    "iscsi_analyzer/rules/digest.py",
    "iscsi_analyzer/rules/evidence.py",
    "iscsi_analyzer/rules/framing.py",
    "iscsi_analyzer/rules/framing_lengths.py",
    "iscsi_analyzer/rules/immediate.py",
    "iscsi_analyzer/rules/judge.py",
    "iscsi_analyzer/rules/nop.py",
    "iscsi_analyzer/rules/nop_answers.py",
    "iscsi_analyzer/rules/notes.py",
    "iscsi_analyzer/rules/numbering.py",
    "iscsi_analyzer/rules/numbering_data.py",
    "iscsi_analyzer/rules/numbering_order.py",
    "iscsi_analyzer/rules/numbering_status.py",
    "iscsi_analyzer/rules/numbering_tags.py",
    "iscsi_analyzer/rules/numbering_window.py",
    "iscsi_analyzer/rules/overflow.py",
    "iscsi_analyzer/rules/r2t.py",
    "iscsi_analyzer/rules/r2t_order.py",
    "iscsi_analyzer/rules/recovery_retry.py",
    "iscsi_analyzer/rules/residuals.py",
    "iscsi_analyzer/rules/scsi.py",
    "iscsi_analyzer/rules/scsi_command.py",
    "iscsi_analyzer/rules/scsi_response.py",
    "iscsi_analyzer/rules/sense_data.py",
    "iscsi_analyzer/rules/solicited.py",
    "iscsi_analyzer/rules/status_fields.py",
    "iscsi_analyzer/rules/unsolicited.py",
    "iscsi_analyzer/rules/write_data.py",
    "iscsi_analyzer/sources/pcap.py",
    "iscsi_analyzer/sources/pcapng.py",
    "iscsi_analyzer/sources/pcapng_sections.py",
    "iscsi_analyzer/sources/recovery.py",
    "iscsi_analyzer/sources/sink.py",
    "iscsi_analyzer/store/places.py",
    "iscsi_analyzer/store/rows.py",
    "iscsi_analyzer/streams/connection.py",
    "iscsi_analyzer/streams/context.py",
    "iscsi_analyzer/streams/damage.py",
    "iscsi_analyzer/streams/fragments.py",
    "iscsi_analyzer/streams/framer.py",
    "iscsi_analyzer/streams/pdu.py",
    "iscsi_analyzer/streams/plausible.py",
    "iscsi_analyzer/streams/resync.py",
    "iscsi_analyzer/streams/serial.py",
    "iscsi_analyzer/streams/spans.py",
    "iscsi_analyzer/streams/tally.py",
    "iscsi_analyzer/streams/tcp.py",
    "iscsi_analyzer/streams/usual.py",
    "iscsi_analyzer/turns.py",
)
"""The hot path, compiled by mypyc in one call so that calls between these modules are native. Sorted; one a line."""

PACKAGES: Final = ("dissectors", "iscsi_analyzer")
"""What mypy must see to follow the imports of the hot modules."""

SHARED_LIBRARY: Final = "iscsi_analyzer_hot_path"
"""The extension that holds all compiled code (mypyc adds `__mypyc`); every compiled module is a few lines that open it.
It lies beside the packages, because mypyc derives the `__file__` of the modules from its place."""

MODES: Final = ("auto", "compiled", "interpreted")


class CompilationFailed(Exception):
    """The hot modules could not be compiled; the message is everything that the compilers said."""

    def reason(self) -> str:
        """The one line that says most about the failure: the first complaint of a compiler, else the last of Python."""
        from textwrap import shorten

        lines = [line.strip() for line in str(self).splitlines() if line.strip()]
        complaints = [line for line in lines if "error: " in line]
        line = complaints[0] if complaints else lines[-1] if lines else "no reason was given"
        return shorten(line, 160, placeholder=" ...")


def mode() -> str:
    """The wish of the person who builds; anything but a known mode is a mistake worth stopping for."""
    wish = os.environ.get("ISCSI_ANALYZER_BUILD", "") or "auto"
    if wish not in MODES:
        raise ValueError(f"ISCSI_ANALYZER_BUILD is {wish!r}; it must be one of {', '.join(MODES)}")
    return wish


def compile_hot_modules(root: Path, work: Path) -> dict[str, str]:
    """Compile copies of the hot modules of the tree `root` in the empty directory `work`.

    Returns where each extension file is (absolute path) and where in the wheel it belongs (relative, with slashes).
    Raises CompilationFailed.
    """
    import shutil
    import subprocess

    for package in PACKAGES:
        unwanted = shutil.ignore_patterns("__pycache__", "*.so", "*.pyd")
        shutil.copytree(root / package, work / "source" / package, ignore=unwanted)
    # A process of its own: mypyc ends the process when it is unhappy, and compiling patches setuptools.
    # -P keeps the directory of this file, whose modules have everyday names, off the import path.
    command = [sys.executable, "-P", str(Path(__file__).resolve()), str(work)]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    except OSError as error:
        raise CompilationFailed(str(error)) from error
    if done.returncode:
        raise CompilationFailed(done.stdout or f"error: the compiling process ended with {done.returncode}")
    built = work / "built"
    return {str(file): file.relative_to(built).as_posix() for file in sorted(built.rglob("*")) if file.is_file()}


def _compile_in(work: Path) -> None:
    """The compiling process: `work/source` holds the packages, `work/built` receives the extension files."""
    from setuptools import Distribution  # before mypyc, which looks whether it is there
    from setuptools.command.build_ext import build_ext

    from mypyc.build import mypycify  # isort: skip

    os.chdir(work / "source")
    os.environ.pop("MYPYPATH", None)
    # Other modules are followed for their types but neither compiled nor judged; what is not installed is Any.
    # Packages may lack an __init__.py, so module names are told from the directory and not from those files.
    options = ["--config-file=", "--namespace-packages", "--explicit-package-bases"]
    options += ["--follow-imports=silent", "--ignore-missing-imports", f"--cache-dir={work / 'cache'}"]
    extensions = mypycify(
        [*options, *HOT_MODULES],
        opt_level="3",
        debug_level="0",
        target_dir=str(work / "c"),
        group_name=SHARED_LIBRARY,
    )
    if os.name != "nt":
        for extension in extensions:
            # A new compiler's new warning is not our failure.
            extension.extra_compile_args = [*extension.extra_compile_args, "-Wno-error"]
    command = build_ext(Distribution({"name": "iscsi-analyzer", "ext_modules": extensions}))
    command.build_lib = str(work / "built")
    command.build_temp = str(work / "objects")
    command.parallel = os.cpu_count()
    command.ensure_finalized()
    command.run()


def get_build_hook() -> type[BuildHookInterface[Any]]:
    """The hook, as hatchling asks for it."""
    import shutil
    import tempfile

    from hatchling.builders.hooks.plugin.interface import BuildHookInterface

    class CompileHook(BuildHookInterface[Any]):
        """Adds the compiled hot modules to a wheel. Editable installs and source distributions stay as they are."""

        work: Path | None = None

        def initialize(self, version: str, build_data: dict[str, Any]) -> None:
            wish = mode()
            if version == "editable" or wish == "interpreted":
                return
            self.work = Path(tempfile.mkdtemp(prefix="iscsi-analyzer-build-"))
            try:
                files = compile_hot_modules(Path(self.root), self.work)
            except CompilationFailed as failure:
                if wish == "compiled":
                    self.finalize(version, build_data, "")
                    raise RuntimeError(f"the hot modules could not be compiled:\n{failure}") from None
                self.app.display_warning(
                    f"iscsi-analyzer is built without its compiled core, it will run slower: {failure.reason()} "
                    "(ISCSI_ANALYZER_BUILD=compiled tells everything)"
                )
                return
            build_data["force_include"].update(files)
            build_data["pure_python"] = False
            build_data["infer_tag"] = True

        def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
            if self.work is not None:
                shutil.rmtree(self.work, ignore_errors=True)

    return CompileHook


if __name__ == "__main__":
    _compile_in(Path(sys.argv[1]).resolve())
