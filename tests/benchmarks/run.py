"""The analyzer measured beside tshark and tcpdump, in one run: `python -m tests.benchmarks.run`.

Every tool reads the same capture, in turns, as often as `--runs` says; the table shows medians, ratios to tshark, and
the bars of the design. The analyzer is measured in each of the builds named by `--python`:

    --python compiled=.venv/bin/python       an interpreter with the package installed
    --python interpreted=.                   a source tree, run by the interpreter that runs this
    --python here                            whatever this very process would import

Captures are generated where `--cache` says and found there the next time; delete them when the generator changes.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.benchmarks import bars
from tests.benchmarks.measure import Sample, measure, total, typical, warm

ROOT = Path(__file__).resolve().parents[2]

SCENARIOS: dict[str, list[str]] = {
    "reads4k": ["reads4k"],
    "reads256k": ["reads256k"],
    "writes256k": ["writes256k"],
    "reads4k-stream": ["reads4k", "--segmentation", "stream"],
    "reads4k-digests": ["reads4k", "--header-digest", "--data-digest"],
    "reads4k-sessions": ["reads4k", "--connections", "16", "--period", "8"],
    "reads256k-8k": ["reads256k", "--max-recv-data-segment-length", "8192"],
    "reads256k-digests": ["reads256k", "--header-digest", "--data-digest"],
    "writes256k-linux": ["writes256k", "--segmentation", "linux", "--immediate-data", "--no-initial-r2t"],
}
"Arguments of the generator. The first three have bars; the others show where time goes."
PLAIN = ("reads4k", "reads256k", "writes256k")
PATIENCE = 20.0
"Seconds: what takes longer is run once."


@dataclass(frozen=True, slots=True)
class Build:
    """One way to run the analyzer."""

    name: str
    command: tuple[str, ...]
    environment: dict[str, str]
    version: str
    "What it says of itself."

    @property
    def compiled(self) -> bool:
        """Whether the bars of the compiled core apply."""
        return "interpreted" not in f"{self.name} {self.version}"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the result."""

    capture: str
    task: str
    tool: str
    sample: Sample
    ratio: float | None
    "Times faster than tshark at the same task."
    verdicts: list[str]


def build(text: str) -> Build:
    """A build from `NAME=PATH`: an interpreter, or a directory for PYTHONPATH. Without a path: as this very process
    runs."""
    name, _, where = text.partition("=")
    path = Path(where).expanduser().absolute()
    python, environment = sys.executable, {}
    if where and path.is_dir():
        environment = {"PYTHONPATH": str(path)}
    elif where:
        python, environment = str(path), {"PYTHONPATH": ""}
    command = (python, "-m", "iscsi_analyzer")
    # Not from the source tree: there, Python would find the tree before what is installed.
    with tempfile.TemporaryDirectory() as nowhere:
        asked = subprocess.run(
            [*command, "--version"], env={**os.environ, **environment}, cwd=nowhere, capture_output=True, text=True
        )
    version = " ".join((asked.stdout or "does not start: " + asked.stderr.strip()[-200:]).split())
    return Build(name, command, environment, version)


def default_builds() -> list[str]:
    """What the import path gives, and the source tree beside it if that is something else."""
    inherited = build("here").version
    here = [] if inherited.startswith("does not start") else ["here"]
    return here if "interpreted" in inherited else [*here, f"tree={ROOT}"]


class Bench:
    """Captures, tools and results of one run."""

    def __init__(self, options: argparse.Namespace, directory: Path) -> None:
        self.options = options
        self.directory = directory
        self.builds = [build(text) for text in options.python]
        self.rows: list[Row] = []
        self.tshark, self.tcpdump = shutil.which("tshark"), shutil.which("tcpdump")

    def capture(self, scenario: str, size: str) -> Path:
        """A generated capture, from the cache or new. A process of its own makes it, to keep this one small."""
        path = self.directory / f"{scenario}_{size.lower()}.pcap"
        if not path.exists():
            say(f"generating {path}")
            part = path.with_suffix(".part")
            command = [sys.executable, "-m", "tests.benchmarks.generate", *SCENARIOS[scenario]]
            command += ["--bytes", size, "-o", str(part)]
            environment = {**os.environ, "PYTHONPATH": str(ROOT)}
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
            part.rename(path)
        return path

    def compare(self, name: str, task: str, files: Sequence[Path], arguments: str, rivals: dict[str, str]) -> None:
        """Run one task of the analyzer in every build, and the rivals (tool -> command), in turns. tshark's is the
        measure."""
        contestants: dict[str, tuple[tuple[str, ...], str, dict[str, str]]] = {
            f"iscsi-analyzer {each.name}": (each.command, arguments, each.environment) for each in self.builds
        }
        for tool, command in rivals.items():
            found = shutil.which(command.split()[0])
            if found:
                contestants[tool] = ((found,), command.partition(" ")[2], {})
        for path in files:
            warm(path)
        samples: dict[str, list[Sample]] = {tool: [] for tool in contestants}
        for _ in range(self.options.runs):
            for tool, (program, text, environment) in contestants.items():
                if samples[tool] and samples[tool][0].seconds > PATIENCE:
                    continue
                say(f"{name}: {task}: {tool}")
                samples[tool].append(total([_once(program, text, environment, path) for path in files]))
        self._judge(name, task, sum(path.stat().st_size for path in files), len(files) == 1, samples)

    def _judge(self, name: str, task: str, size: int, single: bool, samples: dict[str, list[Sample]]) -> None:
        result = {tool: typical(each) for tool, each in samples.items()}
        yard = next((sample for tool, sample in result.items() if tool.startswith("tshark") and not sample.code), None)
        compiled = {f"iscsi-analyzer {each.name}": each.compiled for each in self.builds}
        for tool, sample in result.items():
            ratio = None if yard is None or sample.code or sample is yard else yard.seconds / sample.seconds
            found: list[bars.Bar | None] = []
            if tool in compiled and not sample.code:
                if ratio is not None:
                    found.append(bars.speed(task, name, ratio, compiled=compiled[tool]))
                if single:
                    found.append(bars.memory(size, sample.memory))
            verdicts = [f"{bar.text} {bar.verdict}" for bar in found if bar is not None]
            if sample.code:
                verdicts.append(f"failed ({sample.code}): {sample.complaint[:100]}")
            self.rows.append(Row(name, task, tool, sample, ratio, verdicts))

    def start(self) -> None:
        """How long `--help` takes."""
        for each in self.builds:
            runs = [_once(each.command, "--help", each.environment, None) for _ in range(max(5, self.options.runs))]
            sample = typical(runs)
            bar = bars.start(sample.seconds)
            verdict = (
                f"failed ({sample.code}): {sample.complaint[:100]}" if sample.code else f"{bar.text} {bar.verdict}"
            )
            self.rows.append(Row("-", "--help", f"iscsi-analyzer {each.name}", sample, None, [verdict]))

    def run(self) -> None:
        """Everything that the options ask for."""
        options = self.options
        self.start()
        srt = {"tshark scsi,srt": "tshark -q -z scsi,srt,0 -r {file}", "tcpdump": "tcpdump -r {file} -w /dev/null"}
        ek = {"tshark ek": "tshark -Y iscsi -T ek -r {file}"}
        if options.captures:
            files = [Path(each) for each in options.captures]
            self.compare("captures", "first pass", files, options.first_pass, srt)
            self.compare("captures", "report", files, options.report, {"tshark scsi,srt": srt["tshark scsi,srt"]})
            self.compare("captures", "pdus", files, options.pdus, ek)
            return
        for scenario in options.scenario:
            path = self.capture(scenario, options.bytes)
            self.compare(scenario, "first pass", [path], options.first_pass, srt)
            self.compare(scenario, "report", [path], options.report, {"tshark scsi,srt": srt["tshark scsi,srt"]})
            self.compare(scenario, "pdus, all", [path], options.pdus, {})
        scenario = options.scenario[0]
        self.compare(scenario, "pdus", [self.capture(scenario, options.small)], options.pdus, ek)

    def table(self) -> Iterator[str]:
        """The result, line by line."""
        for each in self.builds:
            yield f"{each.name}: {each.version}"
        yield ""
        form = "{:<17} {:<11} {:<28} {:>8} {:>8} {:>8} {:>9}  {}"
        yield form.format("capture", "task", "tool", "wall s", "cpu s", "MB peak", "vs tshark", "bar")
        for row in self.rows:
            sample = row.sample
            ratio = "" if row.ratio is None else f"{row.ratio:.2f}x"
            numbers = f"{sample.seconds:.3f}", f"{sample.cpu:.3f}", f"{sample.memory / 1e6:.0f}"
            yield form.format(row.capture, row.task, row.tool, *numbers, ratio, "; ".join(row.verdicts)).rstrip()


def _once(command: tuple[str, ...], arguments: str, environment: dict[str, str], path: Path | None) -> Sample:
    words = [word.replace("{file}", str(path.absolute()) if path else "") for word in shlex.split(arguments)]
    return measure([*command, *words], environment=environment, directory=tempfile.gettempdir())


def say(text: str) -> None:
    """Progress, for whoever waits."""
    print(text, file=sys.stderr, flush=True)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.run", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--scenario", action="append", choices=SCENARIOS, help=f"default: {', '.join(PLAIN)}")
    made.add_argument("--captures", nargs="+", metavar="FILE", help="measure on these files, all of them as one task")
    made.add_argument(
        "--python", action="append", metavar="NAME=PATH", help="a build to measure; default: here and the tree"
    )
    made.add_argument("--bytes", default="1G", help="size of the generated captures (default 1G)")
    made.add_argument("--small", default="200M", help="size of the capture for tshark -T ek (default 200M)")
    made.add_argument("--runs", type=int, default=3, help="runs of every tool, in turns (default 3)")
    made.add_argument(
        "--cache", type=Path, help="directory that keeps the generated captures; default: a temporary one"
    )
    made.add_argument("--first-pass", default="connections {file} -T json", help="arguments of the first task")
    made.add_argument("--report", default="report {file}", help="arguments of the full analysis")
    made.add_argument("--pdus", default="pdus {file} -T jsonl", help="arguments of every PDU as JSON Lines")
    made.add_argument("--json", type=Path, metavar="FILE", help="write the result there as well")
    return made


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print. Says nothing by its exit code: bars are for people to judge."""
    options = parser().parse_args(arguments)
    options.scenario = options.scenario or list(PLAIN)
    options.python = options.python or default_builds()
    with tempfile.TemporaryDirectory() as temporary:
        directory = options.cache or Path(temporary)
        directory.mkdir(parents=True, exist_ok=True)
        bench = Bench(options, directory)
        bench.run()
    print("\n".join(bench.table()))
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in bench.rows], indent=1) + "\n")


if __name__ == "__main__":
    main()
