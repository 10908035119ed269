"""The graphs of packages as torch modules: published weights by their family, pocket denoisers by their role."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import nn

from modeling.convert.components import COMPONENTS
from modeling.convert.plans import graph_plans
from modeling.export.load_back import load_back
from modeling.pocket.denoiser import Denoiser, DenoiserConfig
from modeling.published.registry import FAMILIES
from modeling.published.video_unet import VideoUnet
from modeling.torch_engine.tensors import read_tensors
from modeling.train import interp, transition

_WEIGHTS = "weights.safetensors"  #: the file of a package that holds a state dict instead of graphs; behind a hyphen those of its parts

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
    if graph["file"].endswith(_WEIGHTS):
        provenance = manifest["provenance"]
        components = COMPONENTS[provenance["family"]]
        component = next(each for each in components if weights_file(each.family, provenance["family"]) == graph["file"])
        module = _family_module(folder / graph["file"], component.family, small=provenance.get("size") == "small")
        plans = graph_plans(with_freeu(module, provenance.get("freeu", 2)))
        return OpenGraph(next(plan.module for plan in plans if plan.name == component.plan_name(name)), outputs)
    make = _POCKET.get(manifest["name"])
    return OpenGraph(load_back(make(), folder / graph["file"]), outputs) if make else None


def with_freeu(module: nn.Module, version: int) -> nn.Module:
    """The module with that version of FreeU, if it has FreeU at all."""
    if isinstance(module, VideoUnet):
        module.config = replace(module.config, freeu=version)
    return module


def weights_file(component: str, family: str) -> str:
    """The file with the weights of a component in a package of a family."""
    return _WEIGHTS if component == family else f"{component}-{_WEIGHTS}"


def _family_module(file: Path, name: str, small: bool) -> nn.Module:
    family = FAMILIES[name]
    with torch.device("meta"):
        module = family.small() if small else family.public()
    module.load_state_dict(read_tensors(file), assign=True)
    return module
