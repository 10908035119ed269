"""The graphs of a module: `docs/model-packages.md`."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from modeling.convert.denoiser_plans import denoiser, enhancer, latte, subject, upscaler
from modeling.convert.graph import GraphPlan
from modeling.convert.perception_plans import aesthetic, features, finder, flow, imaging, square_features, words
from modeling.published.clip_image import ClipAesthetic, ClipImage
from modeling.published.clip_text import ClipText
from modeling.published.clip_words import ClipWords
from modeling.published.dino import Dino
from modeling.published.enhance_unet import EnhanceUnet
from modeling.published.image_autoencoder import ImageAutoencoder
from modeling.published.latte import Latte
from modeling.published.musiq import Musiq
from modeling.published.open_clip_text import OpenClipText
from modeling.published.owlv2 import Owlv2
from modeling.published.raft import Raft
from modeling.published.subject_unet import SubjectUnet
from modeling.published.subject_vision import SubjectText, SubjectVision
from modeling.published.t5_text import T5Text
from modeling.published.temporal_autoencoder import TemporalAutoencoder
from modeling.published.upscale_unet import UpscaleUnet
from modeling.published.video_unet import VideoUnet


class _Half(nn.Module):
    """One direction of an autoencoder as a module of its own."""

    def __init__(self, autoencoder: ImageAutoencoder | TemporalAutoencoder):
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


def _text(module: ClipText | OpenClipText | T5Text) -> list[GraphPlan]:
    ids = torch.randint(1, module.config.vocabulary, (3, 16), generator=torch.Generator().manual_seed(0))
    ids[1, 5:] = 0
    output = ("context", ("B", "T", module.config.width))
    return [GraphPlan("encoder", module, {"input_ids": ids[:2, :7]}, {"input_ids": ids}, {"input_ids": {0: "B", 1: "T"}}, output)]


def _subject_text(module: SubjectText) -> list[GraphPlan]:
    (plan,) = _text(module)
    generator = torch.Generator().manual_seed(1)

    def whole(inputs: dict[str, Tensor], place: list[int]) -> dict[str, Tensor]:
        tokens = torch.randn(len(place), 5, module.config.width, generator=generator)
        return {**inputs, "tokens": tokens, "place": torch.tensor(place)}

    axes = {**plan.axes, "tokens": {0: "B"}, "place": {0: "B"}}
    return [GraphPlan("encoder", module, whole(plan.inputs, [1, -1]), whole(plan.others, [2, -1, 8]), axes, plan.output)]


def _subject_vision(module: SubjectVision) -> list[GraphPlan]:
    side, generator = module.config.picture, torch.Generator().manual_seed(0)
    pictures, others = ({"picture": torch.rand(n, 3, side, side, generator=generator) * 2 - 1} for n in (2, 3))
    output = ("tokens", ("B", 5, module.config.context_width))
    return [GraphPlan("vision", module, pictures, others, {"picture": {0: "B"}}, output)]


def _vae(module: ImageAutoencoder | TemporalAutoencoder) -> list[GraphPlan]:
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
    UpscaleUnet: upscaler,
    SubjectUnet: subject,
    VideoUnet: denoiser,
    EnhanceUnet: enhancer,
    Latte: latte,
    SubjectText: _subject_text,
    SubjectVision: _subject_vision,
    ClipText: _text,
    OpenClipText: _text,
    T5Text: _text,
    ImageAutoencoder: _vae,
    TemporalAutoencoder: _vae,
    ClipAesthetic: aesthetic,
    ClipImage: square_features,
    ClipWords: words,
    Dino: features,
    Musiq: imaging,
    Owlv2: finder,
    Raft: flow,
}  #: a class in front of those that it derives from
