"""The published module of each family, from the public reference code (`checkouts.py`)."""

import json
import sys
import types
from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor, nn

from models.goldens import videobooth_reference as videobooth
from models.goldens.checkouts import checkout, load

_SMALL = {"block_out_channels": (64, 64, 128, 128), "attention_head_dim": 2, "cross_attention_dim": 24}


@dataclass(frozen=True)
class Reference:
    """The published module of a family: how it is built at both sizes, and how it is called with the inputs of a case."""

    public: Callable[[], nn.Module]
    small: Callable[[], nn.Module]
    call: Callable[[nn.Module, dict[str, Tensor]], Tensor]


def _video_unet(repository: str, folder: str, in_channels: int, **extra: object) -> Reference:
    def build(**sizes: object) -> nn.Module:
        return load(repository, folder, "unet").UNet3DConditionModel(in_channels=in_channels, **extra, **sizes)

    def call(module: nn.Module, inputs: dict[str, Tensor]) -> Tensor:
        return module(inputs["sample"], inputs["timestep"], encoder_hidden_states=inputs["context"].squeeze(1)).sample

    return Reference(lambda: build(cross_attention_dim=768), lambda: build(**_SMALL), call)


def _vsr() -> Reference:
    def build(**sizes: object) -> nn.Module:
        sys.modules.setdefault("torchvision", types.ModuleType("torchvision"))  # imported for deformable convolutions, which are switched off
        published = json.loads((checkout("LaVie") / "vsr/configs/unet_3d_config.json").read_text())
        config = {key: value for key, value in published.items() if not key.startswith(("_", "freeze"))}
        return load("LaVie", "vsr/models", "unet").UNet3DVSRModel(**{**config, **sizes})

    def call(module: nn.Module, inputs: dict[str, Tensor]) -> Tensor:
        latents, low = inputs["sample"][:, :4], inputs["sample"][:, 4:]
        return module(latents, inputs["timestep"], low, inputs["context"].squeeze(1), class_labels=inputs["noise_level"]).sample

    return Reference(build, lambda: build(**_SMALL), call)


REFERENCES = {
    "lavie-base": _video_unet("LaVie", "base/models", 4),
    "lavie-interpolation": _video_unet("LaVie", "interpolation/models", 8, use_first_frame=True),
    "lavie-vsr": _vsr(),
    "seine": _video_unet("SEINE", "models", 9),
    "videobooth": Reference(lambda: videobooth.unet(cross_attention_dim=768), lambda: videobooth.unet_with_exemplar(**_SMALL), videobooth.call),
    "videobooth-mapper": Reference(videobooth.whole_mapper, lambda: videobooth.mapper(16, 8), lambda module, inputs: module(inputs["states"])),
}
