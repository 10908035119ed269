"""The image towers of CLIP: features of frames (ViT-B/32), and LAION's score of beauty on top of them (ViT-L/14).

Source: Radford et al. 2021, arXiv 2103.00020, section 2.4, keys as `CLIPModel` of transformers wrote them; LAION-AI/aesthetic-predictor,
`sa_0_4_vit_l_14_linear.pth`. Pictures are prepared as Vchitect/VBench@45e79ec does it, `vbench/utils.py` `clip_transform`, but for the
resizing and the cut to a square, which the caller has done.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from modeling.published.clip_text import ClipTextConfig, Layer

MEAN, DEVIATION = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)  #: of CLIP's training pictures, 0 … 1
_TOWER = ("vision_model.", "visual_projection.")


@dataclass(frozen=True)
class TowerConfig:
    """As published for ViT-L/14; `states` are the layers whose states are asked for, 0 in front of the first."""

    width: int = 1024
    layers: int = 24
    heads: int = 16
    side: int = 224  #: of the picture, pixels
    patch: int = 14
    states: tuple[int, ...] = (24,)


@dataclass(frozen=True)
class ClipImageConfig(TowerConfig):
    """As published for ViT-L/14."""

    features: int = 768


class ImageTower(nn.Module):
    """Patches and a class token through the layers: `vision_model` of the checkpoint."""

    def __init__(self, config: TowerConfig):
        super().__init__()
        self.states = config.states
        self.embeddings = nn.Module()
        self.embeddings.class_embedding = nn.Parameter(torch.zeros(config.width))
        self.embeddings.patch_embedding = nn.Conv2d(3, config.width, config.patch, stride=config.patch, bias=False)
        self.embeddings.position_embedding = nn.Embedding((config.side // config.patch) ** 2 + 1, config.width)
        self.pre_layrnorm = nn.LayerNorm(config.width)  # spelt so in the checkpoints
        self.encoder = nn.Module()
        layer = ClipTextConfig(width=config.width, heads=config.heads)
        self.encoder.layers = nn.ModuleList(Layer(layer) for _ in range(config.layers))
        self.post_layernorm = nn.LayerNorm(config.width)  # states are those before it

    def forward(self, pixels: Tensor) -> list[Tensor]:
        """`[B, 3, side, side]`, normalised, to the states `[B, 1 + patches, C]`."""
        cells = self.embeddings.patch_embedding(pixels).flatten(2).transpose(1, 2)
        first = self.embeddings.class_embedding.expand(cells.shape[0], 1, -1)
        x = torch.cat([first, cells], dim=1) + self.embeddings.position_embedding.weight
        seen = [self.pre_layrnorm(x)]
        for layer in self.encoder.layers:
            seen.append(layer(seen[-1], None))
        return [seen[state] for state in self.states]


def normalised(frames: Tensor, mean: tuple[float, ...], deviation: tuple[float, ...]) -> Tensor:
    """`[N, 3, h, w]` in -1..1 to what a network was trained on: 0 … 1, then the mean and deviation of its pictures."""
    shift, scale = (torch.tensor(values, device=frames.device).view(1, 3, 1, 1) for values in (mean, deviation))
    return ((frames + 1) / 2 - shift) / scale


class ClipImage(nn.Module):
    """`frames` `[N, 3, side, side]` in -1..1 to features `[N, D]`, float32, of any length."""

    def __init__(self, config: ClipImageConfig):
        super().__init__()
        self.config = config
        self.vision_model = ImageTower(config)
        self.visual_projection = nn.Linear(config.width, config.features, bias=False)

    def forward(self, frames: Tensor) -> Tensor:
        (states,) = self.vision_model(normalised(frames, MEAN, DEVIATION))
        return self.visual_projection(self.vision_model.post_layernorm(states[:, 0])).float()


class ClipAesthetic(ClipImage):
    """`frames` `[N, 3, side, side]` in -1..1 to how beautiful people find them, `[N]`, 0 … 10."""

    def __init__(self, config: ClipImageConfig):
        super().__init__(config)
        self.head = nn.Linear(config.features, 1)

    def forward(self, frames: Tensor) -> Tensor:
        return self.head(F.normalize(super().forward(frames), dim=-1)).squeeze(-1)


def image_tower_only(clip: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The image tower of a CLIP checkpoint, which may hold the text tower too."""
    return {key: tensor for key, tensor in clip.items() if key.startswith(_TOWER) and not key.endswith(".position_ids")}


def with_head(clip: Mapping[str, Tensor], head: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The state dict of `ClipAesthetic`, of a CLIP checkpoint and of LAION's linear layer."""
    return image_tower_only(clip) | {f"head.{key}": tensor for key, tensor in head.items()}
