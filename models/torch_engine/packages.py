"""The graphs of packages as torch modules: published weights by their family, pocket denoisers by their role."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from models.convert.plans import graph_plans
from models.export.load_back import load_back
from models.families.registry import FAMILIES
from models.modules.denoiser import Denoiser, DenoiserConfig
from models.torch_engine.tensors import read_tensors
from models.train import interp, transition

WEIGHTS = "weights.safetensors"  #: the file of a package that holds a state dict instead of graphs

_POCKET: dict[str, Callable[[], nn.Module]] = {
    "pocket-base": lambda: Denoiser(DenoiserConfig()),
    "pocket-interp": interp.build,
    "pocket-transition": transition.build,
}


@dataclass(frozen=True)
class OpenGraph:
    """A module that takes the graph's inputs by name, and the names of what it gives."""

    module: nn.Module
    outputs: tuple[str, ...]


def open_graph(folder: Path, name: str) -> OpenGraph | None:
    """A graph of the package in `folder`; none if it holds ONNX that no module here has the shape of."""
    manifest = json.loads((folder / "model.json").read_text())
    graph = manifest["graphs"][name]
    outputs = tuple(value["name"] for value in graph["outputs"])
    if graph["file"] == WEIGHTS:
        plans = graph_plans(_family_module(folder, manifest["provenance"]))
        return OpenGraph(next(plan.module for plan in plans if plan.name == name), outputs)
    make = _POCKET.get(manifest["name"])
    return OpenGraph(load_back(make(), folder / graph["file"]), outputs) if make else None


def _family_module(folder: Path, provenance: dict) -> nn.Module:
    family = FAMILIES[provenance["family"]]
    with torch.device("meta"):
        module = family.small() if provenance.get("size") == "small" else family.public()
    module.load_state_dict(read_tensors(folder / WEIGHTS), assign=True)
    return module
