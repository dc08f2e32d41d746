"""Writing what a screen shows to a file: asks for its name, whose ending decides about the format, and lets a worker
write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from iscsi_analyzer.export.record_columns import names_known, table
from iscsi_analyzer.export.record_json import json_pieces
from tui.screens.base import View
from tui.screens.prompt import Prompt

if TYPE_CHECKING:
    from iscsi_analyzer.analysis.study import Study

RECORDS: Final = (".jsonl", ".json", ".csv")
"Formats of records."


class Exporting(View):
    """A screen that can write what it shows."""

    EXPORTED: ClassVar[str] = ""
    "The name of the file that is proposed."
    FORMATS: ClassVar[tuple[str, ...]] = RECORDS
    "What the name may end with."

    def pieces(self, study: Study, suffix: str) -> Iterable[bytes]:
        """The contents of the file, in one of the formats. Called in a worker."""
        raise NotImplementedError

    def action_export(self) -> None:
        """Asks for a file and writes what is shown."""

        def take(name: str | None) -> None:
            if name:
                path = Path(name).expanduser()
                self.ask("export", lambda study: self._write(study, path), self._wrote)

        hint = f"a new file, ending with {', '.join(self.FORMATS)}"
        check = partial(unwritable, suffixes=self.FORMATS)
        self.app.push_screen(Prompt("Write what is shown to", value=self.EXPORTED, hint=hint, check=check), take)

    def _write(self, study: Study, path: Path) -> str:
        """In a worker; returns what to say."""
        try:
            with path.open("xb") as file:
                file.writelines(self.pieces(study, path.suffix.lower()))
        except OSError as error:
            return f"{path}: {error.strerror or error}"
        return f"written to {path}"

    def _wrote(self, words: str) -> None:
        self.notify(words)


def record_pieces(records: Iterable[Any], kind: Any, suffix: str) -> Iterator[bytes]:
    """Records of one kind (a class of records) in one of RECORDS."""
    if suffix == ".csv":
        for line in table(records, names_known(kind), None):
            yield line.encode("utf-8", "backslashreplace")
    else:
        yield from json_pieces(records, array=suffix == ".json")


def unwritable(name: str, suffixes: Sequence[str]) -> str:
    """What is wrong with the name of a file to write; nothing, if it will do."""
    path = Path(name).expanduser()
    if path.suffix.lower() not in suffixes:
        start = f"{', '.join(suffixes[:-1])} or " if len(suffixes) > 1 else ""
        return f"the name must end with {start}{suffixes[-1]}"
    if path.exists():
        return "that file is there already"
    return "" if path.parent.is_dir() else "there is no such directory"
