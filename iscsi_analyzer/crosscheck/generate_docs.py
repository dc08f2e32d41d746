"""Writes limits.md: the known limits with their sentences. Run by `make docs`; a test holds the page to what this
makes."""

from __future__ import annotations

from pathlib import Path

from iscsi_analyzer.crosscheck.difference import OURS, PDU, VALUES, WIRESHARK
from iscsi_analyzer.crosscheck.known import KNOWN, SIDES, Known

PAGE = Path(__file__).parent / "limits.md"

_HEAD = """# Crosscheck

Generated from `known.py` by `make docs`.

```console
$ iscsi-analyzer crosscheck FILE...                 what differs between Wireshark's dissection and ours
$ iscsi-analyzer crosscheck FILE -T json            the same as one record (iscsi-analyzer schema)
$ iscsi-analyzer crosscheck FILE -Y 'scsi.lun == 1' differences about these PDUs only
```

Needs tshark, and pyshark (`pip install 'iscsi-analyzer[wireshark]'`). Ports on which we found iSCSI are told to
tshark, captures that it may not open (zstd, xz, pipes, several files) become a temporary copy, and it runs with
out-of-order reassembly and large PDUs allowed: Wireshark at its best. It takes about a second for a thousand frames
with iSCSI; `-c COUNT` and `--until` end earlier. Values of secrets and data are not told.

PDUs are the same if the same frame completes them, or else if they have the same numbers. Every field that both sides
know is compared. Differences that are known limits are counted with their reason; if there are others, the exit code
is 3.

## Known limits

| limit | about | shown by | explanation |
|---|---|---|---|
"""
_SHOWN_BY = {OURS: "us", WIRESHARK: "Wireshark", VALUES: "both"}


def page() -> str:
    """The content of limits.md."""
    return _HEAD + "".join(map(_row, KNOWN))


def _row(known: Known) -> str:
    fields = ", ".join(
        name if name == PDU else f"`{name}*`" if name.endswith(".") else f"`{name}`" for name in known.fields
    )
    about = f"{fields} of {', '.join(known.kinds)}" if known.kinds else fields
    sides = "any" if known.sides == SIDES else ", ".join(_SHOWN_BY[side] for side in known.sides)
    return f"| {known.name} | {about} | {sides} | {known.sentence} |\n"


def main() -> None:
    """Writes the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
