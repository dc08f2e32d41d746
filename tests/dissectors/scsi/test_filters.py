"""Filter names of SCSI fields: those that Wireshark has, and no others."""

from __future__ import annotations

import importlib
import pkgutil
import shutil
import subprocess
from collections.abc import Iterator

import pytest

import dissectors.scsi
from dissectors.fields import Field
from dissectors.scsi.cdb import commands
from dissectors.scsi.lun import build_lun, parse_lun
from dissectors.scsi.spc_words import mode_page_filter
from tests.dissectors.scsi.trees import walk


def fields_of(value: object) -> Iterator[Field]:
    """Every declared field inside a module's constant."""
    if isinstance(value, Field):
        yield value
    elif isinstance(value, tuple | list):
        for item in value:
            yield from fields_of(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from fields_of(item)


def declared() -> dict[str, str]:
    """Filter name to label of every field that is declared anywhere in the package."""
    found: dict[str, str] = {}
    for module in pkgutil.iter_modules(dissectors.scsi.__path__):
        namespace = vars(importlib.import_module(f"dissectors.scsi.{module.name}"))
        for value in namespace.values():
            found |= {field.filter: field.label for field in fields_of(value)}
    for device_type in (None, 1, 5, 8):
        for command in commands(device_type):
            found |= {field.filter: field.label for field in command.fields}
            found[command.service_action_filter] = command.name
    for number in (1, 256, 65536):
        found |= {node.filter: node.label for node in walk(parse_lun(build_lun(number)).tree())}
    found |= {mode_page_filter(code): "Page code" for code in range(64)}
    found.pop("")
    return found


def test_filter_names_have_the_prefixes_of_wireshark() -> None:
    """We add no names of our own below Wireshark's prefixes."""
    names = declared()
    assert len(names) > 300
    assert {name.split(".")[0] for name in names} == {"scsi", "scsi_sbc", "scsi_ssc", "scsi_smc", "scsi_mmc"}


@pytest.mark.oracle
def test_wireshark_has_every_filter_name() -> None:
    """`tshark -G fields` lists each of them."""
    tshark = shutil.which("tshark")
    if tshark is None:
        pytest.skip("tshark is not installed")
    listing = subprocess.run([tshark, "-G", "fields"], capture_output=True, text=True, check=True).stdout
    known = {line.split("\t")[2] for line in listing.splitlines() if line.startswith("F\t")}
    assert sorted(set(declared()) - known) == []
