"""Model sets of published packages: written beside the packages as soon as those that a story needs are there."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from models.export.package import write_set

_ROLES = ("text", "vae", "base", "interp", "transition", "subject", "enhance", "upscale")


@dataclass(frozen=True)
class ModelSet:
    """Packages by role: those that the set cannot do without, and those that it takes where they are, the better one first."""

    needed: dict[str, str]
    taken: dict[str, tuple[str, ...]] = field(default_factory=dict)


_SHARED = {"text": "sd14-text", "interp": "lavie-interpolation"}
_UPSCALERS = ("lavie-vsr", "pocket-upscale")
SETS = {
    "lavie": ModelSet(
        {**_SHARED, "base": "lavie-base"},
        {"vae": ("svd-vae", "sd14-vae"), "transition": ("seine",), "subject": ("videobooth",), "enhance": ("venhancer",), "upscale": _UPSCALERS},
    ),
    "latte": ModelSet(
        {**_SHARED, "base": "latte"},
        {"vae": ("svd-vae", "sd14-vae"), "enhance": ("venhancer",), "upscale": _UPSCALERS},
    ),
}
_ONE_OF = ("vae", "upscale")  #: roles that every set has, whichever package plays them


def write_complete_sets(package: Path) -> list[str]:
    """Names of the sets that `<models>/packages/<package>` makes complete or belongs to; each is written to `<models>/sets`."""
    packages = package.parent
    if packages.name != "packages":
        return []
    written = []
    for name, kind in SETS.items():
        roles = _roles(kind, packages)
        if roles is not None and package.name in roles.values():
            write_set(name, roles, packages.parent, for_git=False)
            written.append(name)
    return written


def _roles(kind: ModelSet, packages: Path) -> dict[str, str] | None:
    """The package of each role; none if one is missing that the set needs."""

    def is_there(name: str) -> bool:
        return (packages / name / "model.json").is_file()

    found = {role: next(filter(is_there, names), None) for role, names in kind.taken.items()}
    chosen = {**kind.needed, **{role: name for role, name in found.items() if name is not None}}
    if not all(map(is_there, kind.needed.values())) or not all(role in chosen for role in _ONE_OF):
        return None
    return {role: chosen[role] for role in _ROLES if role in chosen}


def lacks(name: str, packages: Path) -> list[str]:
    """Packages that would still be taken into a set, for a word about it."""
    kind = SETS[name]
    roles = json.loads((packages.parent / "sets" / f"{name}.json").read_text())["packages"]
    return [names[0] for role, names in kind.taken.items() if roles.get(role) is None or (role == "upscale" and roles[role] != names[0])]
