"""The graphs of a package by role: `docs/model-packages.md`."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from models.convert.graph import GraphPlan
from models.families.clip_text import ClipText
from models.families.image_autoencoder import ImageAutoencoder
from models.families.open_clip_text import OpenClipText
from models.families.video_unet import VideoUnet

_DENOISER_AXES = {
    "sample": {0: "B", 2: "F", 3: "h", 4: "w"},
    "timestep": {0: "B"},
    "context": {0: "B", 1: "F or 1", 2: "T"},
    "windows": {0: "n", 1: "L"},
    "window_weights": {0: "n", 1: "L"},
}


class _Half(nn.Module):
    """One direction of an autoencoder as a module of its own."""

    def __init__(self, autoencoder: ImageAutoencoder):
        super().__init__()
        self.autoencoder = autoencoder


class _Encode(_Half):
    def forward(self, frames: Tensor) -> Tensor:
        return self.autoencoder.encode(frames)


class _Decode(_Half):
    def forward(self, latents: Tensor) -> Tensor:
        return self.autoencoder.decode(latents)


def graph_plans(module: nn.Module) -> list[GraphPlan]:
    """What to export of `module`."""
    return next(make(module) for kind, make in _PLANS.items() if isinstance(module, kind))


def _denoiser(module: VideoUnet) -> list[GraphPlan]:
    config = module.config

    def inputs(frames: int, height: int, width: int, tokens: int) -> dict[str, Tensor]:
        """Random ones; FreeU and windows are in use, so that every part of the graph counts.

        The coarsest of four levels must keep more than one cell a side while tracing, for an axis of one is taken for fixed.
        """
        generator = torch.Generator().manual_seed(frames)
        return {
            "sample": torch.randn(2, config.in_channels, frames, height, width, generator=generator),
            "timestep": torch.tensor([3, 900]),
            "context": torch.randn(2, frames, tokens, config.context_width, generator=generator),
            "freeu": torch.tensor([1.2, 1.1, 0.9, 0.8]),
            "windows": torch.stack([torch.arange(frames - 1), torch.arange(1, frames)]),
            "window_weights": torch.arange(1.0, frames).repeat(2, 1),
        }

    output = ("prediction", ("B", config.out_channels, "F", "h", "w"))
    return [GraphPlan("denoiser", module, inputs(4, 20, 28, 7), inputs(3, 9, 13, 77), _DENOISER_AXES, output)]


def _text(module: ClipText | OpenClipText) -> list[GraphPlan]:
    ids = torch.randint(0, module.config.vocabulary, (3, module.config.tokens), generator=torch.Generator().manual_seed(0))
    output = ("context", ("B", "T", module.config.width))
    return [GraphPlan("encoder", module, {"input_ids": ids[:2, :7]}, {"input_ids": ids}, {"input_ids": {0: "B", 1: "T"}}, output)]


def _vae(module: ImageAutoencoder) -> list[GraphPlan]:
    channels, down = module.config.latent_channels, 2 ** (len(module.config.widths) - 1)
    generator = torch.Generator().manual_seed(0)
    frames, other_frames = (torch.randn(n, 3, h * down, w * down, generator=generator) for n, h, w in ((2, 3, 4), (3, 5, 3)))
    latents, other_latents = (torch.randn(n, channels, h, w, generator=generator) for n, h, w in ((2, 3, 4), (3, 5, 3)))
    pixels, cells = {0: "N", 2: "H", 3: "W"}, {0: "N", 2: "h", 3: "w"}
    multiples = {"H": down, "W": down}
    there = (_Encode(module), {"frames": frames}, {"frames": other_frames}, {"frames": pixels}, ("latents", ("N", channels, "h", "w")))
    back = (_Decode(module), {"latents": latents}, {"latents": other_latents}, {"latents": cells}, ("frames", ("N", 3, "H", "W")))
    return [GraphPlan("encoder", *there, multiples), GraphPlan("decoder", *back)]


_PLANS: dict[type[nn.Module], Callable[..., list[GraphPlan]]] = {
    VideoUnet: _denoiser,
    ClipText: _text,
    OpenClipText: _text,
    ImageAutoencoder: _vae,
}
