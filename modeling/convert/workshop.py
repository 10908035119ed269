"""Where a package is made: a folder beside it that takes its place when everything is in it.

A conversion that is killed leaves that folder and a record of what is whole in it. The next one of the same files goes on from there; one of
other files starts anew. One that fails leaves nothing. So a folder with a manifest is a whole package, always.
"""

import json
import shutil
from contextlib import suppress
from pathlib import Path

from modeling.convert.checkpoint_error import CheckpointError, unwritten


class Workshop:
    """The folder, and the record of the parts that are whole."""

    def __init__(self, out: Path, made_from: dict):
        self.out = out
        self.folder = out.with_name(f".{out.name}.part")
        self._record = out.with_name(f".{out.name}.part.json")
        self._made_from = made_from
        self._done: dict[str, dict] = {}
        self._made_folders: list[Path] = []
        try:
            if out.exists() and any(out.iterdir()) and not (out / "model.json").is_file():
                raise CheckpointError(f"{out} holds files that are no package; give another --out, or empty it")
            if not self._goes_on():
                shutil.rmtree(self.folder, ignore_errors=True)
            self._make_folder()
        except OSError as error:
            self.leave_nothing()
            raise CheckpointError(unwritten(out, error)) from error

    def find(self, part: str) -> dict | None:
        """What was recorded of a part, if its files are as they were."""
        found = self._done.get(part)
        return found["facts"] if found and self._sizes(found["files"]) == found["files"] else None

    def record(self, part: str, files: list[str], facts: dict) -> None:
        """Says that a part is whole. The record appears whole or not at all."""
        self._done[part] = {"files": self._sizes(files), "facts": facts}
        written = self._unfinished_record
        written.write_text(json.dumps({"madeFrom": self._made_from, "done": self._done}))
        written.replace(self._record)

    def finish(self) -> None:
        """Puts the folder, manifest and all, in the place of the package."""
        old = self.out.with_name(f".{self.out.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        if self.out.exists():
            self.out.rename(old)
        self.folder.rename(self.out)
        self._record.unlink(missing_ok=True)
        shutil.rmtree(old, ignore_errors=True)

    def leave_nothing(self) -> None:
        """Removes the folder, its record and the folders that were made for it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        for file in (self._record, self._unfinished_record):
            with suppress(OSError):
                file.unlink()
        for folder in self._made_folders:  # the innermost first; one that holds something else stays
            with suppress(OSError):
                folder.rmdir()

    def _make_folder(self) -> None:
        self._made_folders = [folder for folder in self.folder.parents if not folder.exists()]
        self.folder.mkdir(parents=True, exist_ok=True)

    @property
    def _unfinished_record(self) -> Path:
        return self._record.with_name(f"{self._record.name}.new")

    def _goes_on(self) -> bool:
        try:
            record = json.loads(self._record.read_text())
        except (OSError, ValueError):
            return False
        if not isinstance(record, dict) or record.get("madeFrom") != self._made_from or not isinstance(record.get("done"), dict):
            return False
        self._done = record["done"]
        return True

    def _sizes(self, files: list[str] | dict[str, int]) -> dict[str, int]:
        return {name: (self.folder / name).stat().st_size for name in files if (self.folder / name).is_file()}
