"""Model sets of published packages: written beside the packages as soon as all of them are there."""

from pathlib import Path

from models.export.package import write_set

SETS = {
    "lavie": {
        "text": "sd14-text",
        "vae": "sd14-vae",
        "base": "lavie-base",
        "interp": "lavie-interpolation",
        "transition": "seine",
        "upscale": "pocket-upscale",
    },
}


def write_complete_sets(package: Path) -> list[str]:
    """Names of the sets that `<models>/packages/<package>` makes complete or belongs to; each is written to `<models>/sets`."""
    packages = package.parent
    if packages.name != "packages":
        return []
    complete = [name for name, roles in SETS.items() if all((packages / part / "model.json").is_file() for part in roles.values())]
    for name in complete:
        if package.name in SETS[name].values():
            write_set(name, SETS[name], packages.parent, for_git=False)
    return complete
