"""A redacted capture gives the same report, PDUs, tasks and findings as the original, and holds nothing private."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import Any

import msgspec
import pytest

from iscsi_analyzer.export.pcapng_copy import Editor, rewritten
from iscsi_analyzer.export.tasks import Tasks
from iscsi_analyzer.redaction.redact import Account, redacted
from iscsi_analyzer.redaction.what import What
from iscsi_analyzer.run import Analysis
from iscsi_analyzer.sources import spans
from iscsi_analyzer.sources.problems import SourceError
from tests.support.samples import captures, sample
from tests.support.tools import need

THE_FILE = ("files", "problems")
"What a report says of the file, not of the traffic."


def write(path: Path, out: Path, **what: bool) -> Account:
    """Redacts a capture."""
    account = Account()
    with Analysis([path], random_access=True) as analysis, out.open("wb") as stream:
        stream.writelines(redacted(analysis.run(), What(**what), account))
    return account


def told(path: Path) -> dict[str, Any]:
    """All that is said of the traffic in a capture."""
    with Analysis([path], random_access=True) as analysis:
        report = msgspec.to_builtins(analysis.run().report())
        for name in THE_FILE:
            report.pop(name, None)
        return {
            "report": report,
            "pdus": [msgspec.to_builtins(record) for record in analysis.pdus()],
            "tasks": [msgspec.to_builtins(record) for record in Tasks(analysis.store).records()],
            "findings": [msgspec.to_builtins(record) for record in analysis.findings()],
        }


def without_digests(value: Any) -> Any:
    """Without the values of data digests that are wrong: they are those of other data now."""
    if isinstance(value, dict):
        if "data digest" in str(value.get("message", "")):
            value = {key: each for key, each in value.items() if key not in ("message", "facts")}
        return {key: without_digests(each) for key, each in value.items()}
    return [without_digests(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("path", captures(), ids=lambda path: path.name.partition(".")[0])
def test_every_sample_tells_the_same_when_it_is_redacted(path: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.pcapng"
    write(path, out, keep_undecoded=True)
    before, after = told(path), told(out)
    for name, part in before.items():
        assert without_digests(after[name]) == without_digests(part), name


@pytest.mark.parametrize("name", ["m21_both_digests", "f43_every_5th_duplicated", "m35_bursts_256k"])
def test_nothing_of_what_was_read_and_written_is_left(name: str, tmp_path: Path) -> None:
    """Whatever is as long as a line, and no zeros."""
    out = tmp_path / "out.pcapng"
    write(sample(name), out)
    left = out.read_bytes()
    private = 0
    with Analysis([sample(name)], random_access=True) as analysis:
        store = analysis.run().store
        for number, row in enumerate(store.rows(), 1):
            if row.opcode in (0x01, 0x05, 0x25) and store.kept_data(number) is None:
                data = store.data(number)
                for line in (data[at : at + 64] for at in range(0, len(data) - 63, 4096)):
                    if any(line):
                        private += 1
                        assert line not in left
    assert private


@pytest.mark.parametrize("name", ["m06_chap_mutual", "k04_chap_ok"])
def test_nothing_of_a_login_with_secrets_is_left(name: str, tmp_path: Path) -> None:
    out = tmp_path / "out.pcapng"
    account = write(sample(name), out, names=True, addresses=True, serials=True)
    left = out.read_bytes()
    private = ("CHAP_C", "CHAP_R", "CHAP_N", "InitiatorName", "TargetName", "InitiatorAlias")
    with Analysis([sample(name)]) as analysis:
        found = [getattr(record, "keys", None) or () for record in analysis.run().pdus(secrets=True)]
    values = {value for pairs in found for key, value in pairs if key in private}
    assert len(values) > 4
    assert account.values >= len(values)
    assert not any(value.encode() in left for value in values)


def test_the_same_input_gives_the_same_output(tmp_path: Path) -> None:
    for out in (tmp_path / "one", tmp_path / "two"):
        write(sample("m06_chap_mutual"), out, names=True, addresses=True)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.parametrize("name", ["m21_both_digests", "k20_mcs_two_connections", "f04_any_sll2"])
def test_wireshark_sees_the_same_pdus_and_checksums(name: str, tmp_path: Path) -> None:
    need("tshark")
    plain, out = tmp_path / "plain.pcapng", tmp_path / "out.pcapng"
    write(sample(name), out, names=True, addresses=True, serials=True, keep_undecoded=True)
    with Analysis([sample(name)]) as analysis:
        plain.write_bytes(b"".join(rewritten(analysis.run(), Editor())))
    fields = ("frame.number", "frame.len", "frame.time_epoch", "tcp.checksum.status", "ip.checksum.status")
    fields += ("iscsi.opcode", "iscsi.initiatortasktag", "iscsi.headerdigest32", "tcp.analysis.flags", "scsi.status")
    checks = ["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"]
    words = [*checks, "-T", "fields", *(word for field in fields for word in ("-e", field))]
    seen = [
        subprocess.run(["tshark", "-r", str(path), *words], capture_output=True, text=True, check=True).stdout
        for path in (plain, out)
    ]
    assert seen[0] == seen[1]
    assert seen[0].count("\n") > 10


def test_what_cannot_be_looked_at_is_not_let_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a copy of a compressed capture nobody knows what its PDUs hold."""

    def full_disk(*_: object, **__: object) -> object:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full_disk)
    monkeypatch.setattr(spans, "WINDOW", 0)
    with Analysis([sample("k10_data_digest")], random_access=True) as analysis:
        analysis.run()
        analysis.store.all_kept_data.clear()
        with pytest.raises(SourceError, match="no copy of its bytes can be kept"):
            list(redacted(analysis, What(serials=True), Account()))
