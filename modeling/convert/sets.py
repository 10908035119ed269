"""Which packages the model sets of git still wait for: `docs/model-packages.md`, decision 0017."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from modeling.export.package import MODELS


@dataclass(frozen=True)
class ModelSet:
    """A set's file: names of packages by role, the better one first; `optional` are roles that it takes where one is there."""

    name: str
    packages: dict[str, list[str]]
    optional: dict[str, list[str]]

    @staticmethod
    def read(path: Path) -> "ModelSet":
        content = json.loads(path.read_text())
        roles = ({role: _listed(names) for role, names in content.get(part, {}).items()} for part in ("packages", "optional"))
        return ModelSet(content["name"], *roles)

    def takes(self, package: str) -> bool:
        """Whether a package could play a role."""
        return any(package in names for names in (*self.packages.values(), *self.optional.values()))

    def needs(self, packages: Path) -> list[str]:
        """What nothing in the folder plays, the choices for a role joined by "or"; empty if a story can be made."""
        return [" or ".join(names) for names in self.packages.values() if not any(_is_there(packages, name) for name in names)]

    def would_take(self, packages: Path) -> list[str]:
        """Better and further packages that are not there."""
        return [names[0] for names in (*self.packages.values(), *self.optional.values()) if not _is_there(packages, names[0])]


def words_about(package: Path) -> list[str]:
    """A line for each set of git that takes `<models>/packages/<name>`; its file is put into a `<models>` folder that has none."""
    if package.parent.name != "packages":
        return []
    lines = []
    for file in sorted((MODELS / "sets").glob("*.json")):
        kind = ModelSet.read(file)
        if not kind.takes(package.name):
            continue
        here = package.parent.parent / "sets" / file.name
        if not here.exists():
            here.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, here)
        lines.append(_line(ModelSet.read(here), package.parent))
    return lines


def _line(kind: ModelSet, packages: Path) -> str:
    needs, more = kind.needs(packages), kind.would_take(packages)
    if needs:
        return f"the set {kind.name} needs {', '.join(needs)} too"
    use = f"models: {kind.name}" if kind.packages else f"shotline eval video film.mp4 --models {kind.name}"
    return f"the set {kind.name} is complete: {use}" + (f" (it would also take {', '.join(more)})" if more else "")


def _listed(names: str | list[str]) -> list[str]:
    return [names] if isinstance(names, str) else names


def _is_there(packages: Path, name: str) -> bool:
    return (packages / name / "model.json").is_file()
