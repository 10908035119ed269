"""The graphs of denoisers: what they are traced with, and what they are proven with. FreeU and windows are in use, so that every part counts."""

import torch
from torch import Tensor, nn

from modeling.convert.graph import GraphPlan
from modeling.published.enhance_unet import EnhanceUnet
from modeling.published.latte import Latte
from modeling.published.subject_unet import SubjectUnet
from modeling.published.upscale_unet import UpscaleUnet
from modeling.published.video_unet import VideoUnet

_CONTEXT_AXES = {0: "B", 1: "F or 1", 2: "T"}
_AXES = {
    "sample": {0: "B", 2: "F", 3: "h", 4: "w"},
    "timestep": {0: "B"},
    "context": _CONTEXT_AXES,
    "windows": {0: "n", 1: "L"},
    "window_weights": {0: "n", 1: "L"},
}
_TRACED, _PROVEN = (4, 20, 28, 7), (3, 9, 13, 77)
"""Frames, height, width, tokens. The coarsest of four levels must keep more than one cell a side while tracing, for an axis of one is taken
for fixed."""


class _Inputs:
    """Random inputs of a denoiser, the same at every call of the same sizes."""

    def __init__(self, channels: int, context_width: int):
        self.channels, self.context_width = channels, context_width
        self.generator = torch.Generator()

    def __call__(self, frames: int, height: int, width: int, tokens: int) -> dict[str, Tensor]:
        self.generator.manual_seed(frames)
        return {
            "sample": self.normal(2, self.channels, frames, height, width),
            "timestep": torch.tensor([3, 900]),
            "context": self.normal(2, frames, tokens, self.context_width),
            "freeu": torch.tensor([1.2, 1.1, 0.9, 0.8]),
            "windows": torch.stack([torch.arange(frames - 1), torch.arange(1, frames)]),
            "window_weights": torch.arange(1.0, frames).repeat(2, 1),
        }

    def normal(self, *shape: int) -> Tensor:
        return torch.randn(*shape, generator=self.generator)


def _plan(module: nn.Module, traced: dict[str, Tensor], proven: dict[str, Tensor], axes: dict, channels: int, **sizes: dict) -> list[GraphPlan]:
    output = ("prediction", ("B", channels, "F", "h", "w"))
    return [GraphPlan("denoiser", module, traced, proven, {**_AXES, **axes}, output, **sizes)]


def denoiser(module: VideoUnet) -> list[GraphPlan]:
    """LaVie base and interpolation, SEINE."""
    inputs = _Inputs(module.config.in_channels, module.config.context_width)
    return _plan(module, inputs(*_TRACED), inputs(*_PROVEN), {}, module.config.out_channels)


def upscaler(module: UpscaleUnet) -> list[GraphPlan]:
    """LaVie VSR: beside the usual inputs the noise level of the low-resolution frames."""
    inputs, level = _Inputs(module.config.in_channels, module.config.context_width), {"noise_level": torch.tensor([50, 250])}
    return _plan(module, inputs(*_TRACED) | level, inputs(*_PROVEN) | level, {"noise_level": {0: "B"}}, module.config.out_channels)


def subject(module: SubjectUnet) -> list[GraphPlan]:
    """VideoBooth: the exemplar is one picture, of the size that the package asks for."""
    inputs, side = _Inputs(module.config.in_channels, module.config.context_width), module.config.exemplar
    axes = {"exemplar": {0: "B"}, "exemplar_context": {0: "B", 2: "T"}, "has_exemplar": {0: "B"}}

    def whole(*sizes: int) -> dict[str, Tensor]:
        made = inputs(*sizes)
        shown = {"exemplar": inputs.normal(2, module.config.in_channels, side, side), "exemplar_context": made["context"][:, :1] * 0.5}
        return {**made, **shown, "has_exemplar": torch.tensor([1.0, 0.0])}

    return _plan(module, whole(*_TRACED), whole(*_PROVEN), axes, module.config.out_channels)


def enhancer(module: EnhanceUnet) -> list[GraphPlan]:
    """VEnhancer: hints and what is known about them."""
    inputs = _Inputs(module.config.channels, module.config.context_width)
    cells = {0: "B", 3: "h", 4: "w"}
    axes = {
        **{"sample": cells | {2: "F"}, "timestep": {0: "B"}, "context": _CONTEXT_AXES, "hint": cells | {2: "K"}},
        **{"keys": {0: "F"}, "hint_timestep": {0: "B"}, "scale": {0: "B"}},
    }

    def whole(frames: int, height: int, width: int, tokens: int) -> dict[str, Tensor]:
        made = {name: value for name, value in inputs(frames, height, width, tokens).items() if name in axes}
        told = {"hint_timestep": torch.tensor([199, 249]), "scale": torch.tensor([8.0, 3.0])}
        hint = inputs.normal(2, module.config.channels, frames - 1, height, width)
        place = {"picture": torch.tensor([height, width, 0, 0])}
        return {**made, "hint": hint, "keys": torch.tensor([0, -1, 1, 2])[:frames], **told, **place}

    output = ("prediction", ("B", module.config.channels, "F", "h", "w"))
    return [GraphPlan("enhancer", module, whole(*_TRACED), whole(*_PROVEN), axes, output)]


def latte(module: Latte) -> list[GraphPlan]:
    """Latte: whole patches."""
    inputs, patch = _Inputs(module.config.in_channels, module.config.context_width), module.config.patch
    multiples = {"h": patch, "w": patch}
    return _plan(module, inputs(4, 8, 12, 7), inputs(3, 6, 4, 19), {}, module.config.kept_channels, multiples=multiples)
