"""The public reference code, fetched by hand and never committed: `$SHOTLINE_REFERENCES/<repository>` at the commits below.

Default folder: `~/.cache/shotline/references`. Needs the packages of `requirements-public.txt`.
"""

import importlib
import os
import subprocess
import sys
import types
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor, nn

ROOT = Path(os.environ.get("SHOTLINE_REFERENCES", Path.home() / ".cache/shotline/references"))
COMMITS = {
    "LaVie": "6ce851e98be2ad2ddb7df177ab31f18194b0ceff",
    "SEINE": "bd8d519ef4e7ce761f0b1064f906bb96f4cd3ebe",
}


class NotFetchedError(Exception):
    """The reference code is not in its folder, or not at its commit."""


@dataclass(frozen=True)
class Reference:
    """The published module of a family: how it is built at both sizes, and how it is called with the inputs of a case."""

    public: Callable[[], nn.Module]
    small: Callable[[], nn.Module]
    call: Callable[[nn.Module, dict[str, Tensor]], Tensor]


def load(repository: str, folder: str, file: str) -> types.ModuleType:
    """Import `<folder>/<file>.py` of a repository as part of a package of its own name: all of them call theirs `models`."""
    path = ROOT / repository
    if not path.is_dir():
        raise NotFetchedError(f"{path} does not exist; fetch github.com/Vchitect/{repository} at {COMMITS[repository]} into it")
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=path, capture_output=True, text=True, check=True).stdout.strip()
    if head != COMMITS[repository]:
        raise NotFetchedError(f"{path} is at {head}; the goldens are made from {COMMITS[repository]}")
    name = f"reference_{repository}_{folder}".replace("/", "_")
    if name not in sys.modules:
        package = types.ModuleType(name)
        package.__path__ = [str(path / folder)]
        sys.modules[name] = package
    return importlib.import_module(f"{name}.{file}")


def _video_unet(repository: str, folder: str, in_channels: int, **extra: object) -> Reference:
    def build(**sizes: object) -> nn.Module:
        return load(repository, folder, "unet").UNet3DConditionModel(in_channels=in_channels, **extra, **sizes)

    def call(module: nn.Module, inputs: dict[str, Tensor]) -> Tensor:
        return module(inputs["sample"], inputs["timestep"], encoder_hidden_states=inputs["context"].squeeze(1)).sample

    small = {"block_out_channels": (64, 64, 128, 128), "attention_head_dim": 2, "cross_attention_dim": 24}
    return Reference(lambda: build(cross_attention_dim=768), lambda: build(**small), call)


REFERENCES = {
    "lavie-base": _video_unet("LaVie", "base/models", 4),
    "lavie-interpolation": _video_unet("LaVie", "interpolation/models", 8, use_first_frame=True),
    "seine": _video_unet("SEINE", "models", 9),
}
