"""Write a model package as `docs/model-packages.md` describes it: the manifest with hashes beside the files it names."""

import hashlib
import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import onnx

MODELS = Path(__file__).resolve().parents[2] / "models"
LARGEST_FILE, LARGEST_SET = 25_000_000, 72_000_000  #: bytes

_TYPES = {onnx.TensorProto.FLOAT: "float32", onnx.TensorProto.INT64: "int64", onnx.TensorProto.UINT8: "uint8"}


@dataclass(frozen=True)
class Package:
    """What a manifest says beyond what the files show. `graphs` maps a graph's name to its file in the folder."""

    name: str
    role: str
    version: str
    graphs: dict[str, str]
    provenance: dict
    fields: dict = field(default_factory=dict)  #: prediction, schedule, latent, native, context, sampler, freeu, attributes …
    root: Path = MODELS  #: the folder with `packages/` and `sets/`
    licence: str = "Apache-2.0"
    source: str = "trained from scratch by models/ of this repository"
    path: Path | None = None  #: the package's folder, if it is not `packages/<name>` of the root
    signatures: dict[str, dict] | None = None  #: inputs and outputs by graph, where the files are no ONNX to read them from

    @property
    def folder(self) -> Path:
        """Where the package's files lie; made if it is not there."""
        path = self.path or self.root / "packages" / self.name
        path.mkdir(parents=True, exist_ok=True)
        return path


def write_manifest(package: Package, for_git: bool = True) -> Path:
    """Hash every file of the folder, read the graphs' inputs and outputs, and write `model.json`; files must lie there before.

    `for_git`: the files are to be committed, so none may be large.
    """
    files = sorted(p for p in package.folder.rglob("*") if p.is_file() and p.name != "model.json")
    for path in files:
        if for_git and path.stat().st_size > LARGEST_FILE:
            raise ValueError(f"{path.name} has {path.stat().st_size} bytes; a file of a package has at most {LARGEST_FILE}")
    manifest = {
        "format": 1,
        "name": package.name,
        "version": package.version,
        "role": package.role,
        "licence": package.licence,
        "source": package.source,
        "files": [_file(path, package.folder) for path in files],
        "graphs": {name: {"file": file, **_signature(package, name)} for name, file in package.graphs.items()},
        **package.fields,
        "provenance": {"commit": _commit(), **package.provenance},
    }
    path = package.folder / "model.json"
    path.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
    return path


def write_set(name: str, packages: dict[str, str], root: Path = MODELS, alternatives: dict[str, dict[str, str]] | None = None) -> Path:
    """Write `sets/<name>.json`: the package of each role, and what may stand in for it. They may not be large all together.

    How the sentences of the set are built is written by hand, and stays.
    """
    chosen = {role: names for role, names in (alternatives or {}).items() if names}
    every = [*packages.values(), *(package for names in chosen.values() for package in names.values())]
    total = sum(p.stat().st_size for package in every for p in (root / "packages" / package).rglob("*") if p.is_file())
    if total > LARGEST_SET:
        raise ValueError(f"the set has {total} bytes; at most {LARGEST_SET} go into git")
    path = root / "sets" / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = {"language": language} if (language := _language(name)) else {}
    content = {"name": name, "packages": packages, **({"alternatives": chosen} if chosen else {}), **kept}
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    return path


def _language(name: str) -> dict | None:
    """What the set in git says of its sentences."""
    file = MODELS / "sets" / f"{name}.json"
    return json.loads(file.read_text()).get("language") if file.exists() else None


def _file(path: Path, folder: Path) -> dict:
    with path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return {"path": path.relative_to(folder).as_posix(), "bytes": path.stat().st_size, "sha256": digest}


def _signature(package: Package, name: str) -> dict:
    if package.signatures is not None:
        return package.signatures[name]
    graph = onnx.load(package.folder / package.graphs[name], load_external_data=False).graph
    return {"inputs": [_value(v) for v in graph.input], "outputs": [_value(v) for v in graph.output]}


def _value(value: onnx.ValueInfoProto) -> dict:
    tensor = value.type.tensor_type
    shape = [d.dim_param or d.dim_value for d in tensor.shape.dim]
    return {"name": value.name, "type": _TYPES[tensor.elem_type], "shape": shape}


def _commit() -> str:
    """The commit the files were made from, or "unknown" outside git."""
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=MODELS, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"
