"""DINO: features of a frame that tell things apart, ViT-B/16 trained without labels.

Source: Caron et al. 2021, arXiv 2104.14294; keys and numbers of facebookresearch/dino@7c446df, `vision_transformer.py`. Frames are
normalised as Vchitect/VBench@45e79ec does it, `vbench/utils.py` `dino_transform`; the caller has brought the shorter side to 224 pixels.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from modeling.published.attention import attend
from modeling.published.clip_image import normalised
from modeling.published.open_clip_text import split_packed

_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  #: of ImageNet
_SHARPNESS = -0.75  #: of the cubic kernel, torch's
_EPS = 1e-6


@dataclass(frozen=True)
class DinoConfig:
    """As published; `side` is that of the pictures of training, pixels."""

    width: int = 768
    layers: int = 12
    heads: int = 12
    patch: int = 16
    side: int = 224


class _Attention(nn.Module):
    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.proj(attend(*split_packed(self.qkv(x)), self.heads))


class _Perceptron(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(F.gelu(self.fc1(x)))


class _Block(nn.Module):
    def __init__(self, width: int, heads: int):
        super().__init__()
        self.norm1 = nn.LayerNorm(width, _EPS)
        self.attn = _Attention(width, heads)
        self.norm2 = nn.LayerNorm(width, _EPS)
        self.mlp = _Perceptron(width)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Dino(nn.Module):
    """`frames` `[N, 3, h, w]` in -1..1, the shorter side as in training, to features `[N, D]`, float32, of any length."""

    def __init__(self, config: DinoConfig):
        super().__init__()
        self.config = config
        self.patch_embed = nn.Module()
        self.patch_embed.proj = nn.Conv2d(3, config.width, config.patch, stride=config.patch)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, config.width))
        self.pos_embed = nn.Parameter(torch.zeros(1, (config.side // config.patch) ** 2 + 1, config.width))
        self.blocks = nn.ModuleList(_Block(config.width, config.heads) for _ in range(config.layers))
        self.norm = nn.LayerNorm(config.width, _EPS)

    def forward(self, frames: Tensor) -> Tensor:
        cells = self.patch_embed.proj(normalised(frames, _MEAN, _DEVIATION)).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls_token.expand(cells.shape[0], -1, -1), cells], dim=1) + self._positions(frames)
        for block in self.blocks:
            x = block(x)
        return self.norm(x)[:, 0].float()

    def _positions(self, frames: Tensor) -> Tensor:
        """Of a picture of the size of training as learnt; of any other, bicubic between them, with the reference's margin of 0.1 cells."""
        side = self.config.side // self.config.patch
        height, width = frames.shape[2], frames.shape[3]
        rows, columns = height // self.config.patch, width // self.config.patch
        is_square = torch.scalar_tensor(height) == torch.scalar_tensor(width)
        is_as_trained = is_square & (torch.scalar_tensor(rows) == side)
        down, across = (_cubic(count, side, is_as_trained) for count in (rows, columns))
        grid = self.pos_embed[0, 1:].unflatten(0, (side, side))
        between = torch.matmul(down, grid.flatten(1)).unflatten(-1, (side, -1))  # [rows, side, D]
        cells = torch.matmul(across, between).flatten(0, 1)
        return torch.cat([self.pos_embed[:, :1], cells.unsqueeze(0)], dim=1)


def _cubic(count: int, side: int, is_as_trained: Tensor) -> Tensor:
    """Shares `[count, side]` of the learnt positions in each of `count` along one side."""
    length = torch.where(is_as_trained, float(side), torch.scalar_tensor(count) + 0.1)
    place = (torch.arange(count) + 0.5) * (side / length) - 0.5
    first = place.floor()
    t = (place - first).unsqueeze(-1)
    distance = torch.cat([t + 1, t, 1 - t, 2 - t], dim=-1)  # [count, 4]
    a = _SHARPNESS
    near = ((a + 2) * distance - (a + 3)) * distance * distance + 1
    far = ((a * distance - 5 * a) * distance + 8 * a) * distance - 4 * a
    shares = torch.where(distance <= 1, near, far)
    index = (first.unsqueeze(-1) + torch.arange(-1, 3)).clamp(0, side - 1)
    return ((index.unsqueeze(-1) == torch.arange(side)) * shares.unsqueeze(-1)).sum(1)
