"""The public reference code, fetched by hand and never committed: `$SHOTLINE_REFERENCES/<repository>` at the commits below.

Default folder: `~/.cache/shotline/references`. Needs the packages of `requirements-public.txt`.
"""

import importlib
import os
import subprocess
import sys
import types
from pathlib import Path

ROOT = Path(os.environ.get("SHOTLINE_REFERENCES", Path.home() / ".cache/shotline/references"))
COMMITS = {
    "LaVie": "6ce851e98be2ad2ddb7df177ab31f18194b0ceff",
    "SEINE": "bd8d519ef4e7ce761f0b1064f906bb96f4cd3ebe",
    "VideoBooth": "d10e06ffa28a782df48ff3d8ce2bd7a07cf6ecee",
    "VEnhancer": "4ece75667c4479b678e7167ffe1644c79477aa26",
    "VEnhancer-August": "f03c69cc629abc80e3ed0d151f6524f7b0d4f500",  #: upstream's August 2024 code, in ueoo/VEnhancer
    "open_clip": "89fb801f1e6087880e951fc8354b8a2077b79c6d",
    "dino": "7c446df5b9f45747937fb0d72314eb9f7b66930a",
    "IQA-PyTorch": "01ae427f9afd66842031d3a7cb694dcad5b5cbb8",
    "RAFT": "2888e15a51fa41140771d3f498ed8023cff098d1",
}
_OWNERS = {
    "VEnhancer-August": "ueoo/VEnhancer",
    "open_clip": "mlfoundations/open_clip",
    "dino": "facebookresearch/dino",
    "IQA-PyTorch": "chaofengc/IQA-PyTorch",
    "RAFT": "princeton-vl/RAFT",
}


class NotFetchedError(Exception):
    """The reference code is not in its folder, or not at its commit."""


def checkout(repository: str) -> Path:
    """The folder of a repository, at its commit."""
    path = ROOT / repository
    if not path.is_dir():
        raise NotFetchedError(
            f"{path} does not exist; fetch github.com/{_OWNERS.get(repository, f'Vchitect/{repository}')} at {COMMITS[repository]} into it"
        )
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=path, capture_output=True, text=True, check=True).stdout.strip()
    if head != COMMITS[repository]:
        raise NotFetchedError(f"{path} is at {head}; the goldens are made from {COMMITS[repository]}")
    return path


def load(repository: str, folder: str, file: str) -> types.ModuleType:
    """Import `<folder>/<file>.py` of a repository as part of a package of its own name: all of them call theirs `models`."""
    path = checkout(repository)
    name = f"reference_{repository}_{folder}".replace("/", "_")
    if name not in sys.modules:
        package = types.ModuleType(name)
        package.__path__ = [str(path / folder)]
        sys.modules[name] = package
    return importlib.import_module(f"{name}.{file}")
