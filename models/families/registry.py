"""The families by name: how each is built at its published and at a small width, and what its package says."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from torch import nn

from models.families.transformer import Layout
from models.families.video_unet import VideoUnet, VideoUnetConfig

SMALL = {"widths": (64, 64, 128, 128), "heads": 2, "context_width": 24}  #: heads of 32 and 64: rotary positions fill one and half of them


@dataclass(frozen=True)
class Family:
    """A published denoiser: `public` builds it as published, `small` with the same structure at a width for tests."""

    name: str
    role: str
    public: Callable[[], nn.Module]
    small: Callable[[], nn.Module]


def _video_unet(name: str, role: str, config: VideoUnetConfig) -> Family:
    return Family(name, role, lambda: VideoUnet(config), lambda: VideoUnet(replace(config, **SMALL)))


_INTERPOLATION = Layout(sparse_causal=True, frames_last=True, positions=False)

FAMILIES = {
    family.name: family
    for family in (
        _video_unet("lavie-base", "base", VideoUnetConfig()),
        _video_unet("lavie-interpolation", "interp", VideoUnetConfig(in_channels=8, layout=_INTERPOLATION)),
        _video_unet("seine", "transition", VideoUnetConfig(in_channels=9)),
    )
}
