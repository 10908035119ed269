"""Blocks of VEnhancer: pictures are `[B * F, C, h, w]`, attribute names those of the checkpoints.

Source: VEnhancer (He et al. 2024, arXiv 2407.07667, section 3; reference Vchitect/VEnhancer@4ece756, `video_to_video/modules/unet_v2v.py`).
"""

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor, nn

from modeling.pocket.windows import Windows
from modeling.published.attention import Attention, TextAttention
from modeling.published.blocks import GROUPS, FeedForward, to_pictures, to_video

_ATTENTION_EPS = 1e-6  #: of the norms in front of transformers


@dataclass(frozen=True)
class Scope:
    """What all blocks of one call share."""

    frames: int
    embedding: Tensor  #: `[B * F, E]`: frames may know different things
    context: Tensor  #: `[B, F or 1, T, D]`
    windows: Windows | None
    skip: Tensor | None = None  #: pictures of the size that the way up goes to next


def _along_time(width: int) -> nn.Sequential:
    return nn.Sequential(nn.GroupNorm(GROUPS, width), nn.SiLU(), nn.Identity(), nn.Conv3d(width, width, (3, 1, 1), padding=(1, 0, 0)))


class TimeConvolutions(nn.Module):
    """Four convolutions over three frames, with norms over all frames, and a residual. The first has no dropout layer in front."""

    def __init__(self, width: int):
        super().__init__()
        norm, activation, _, convolution = _along_time(width)
        self.conv1 = nn.Sequential(norm, activation, convolution)
        self.conv2, self.conv3, self.conv4 = (_along_time(width) for _ in range(3))

    def forward(self, x: Tensor) -> Tensor:
        """`[B, C, F, h, w]`."""
        return x + self.conv4(self.conv3(self.conv2(self.conv1(x))))


class ResBlock(nn.Module):
    """Two convolutions frame by frame, with norms frame by frame, then four along time."""

    def __init__(self, width_in: int, width: int, embedding: int):
        super().__init__()
        self.in_layers = nn.Sequential(nn.GroupNorm(GROUPS, width_in), nn.SiLU(), nn.Conv2d(width_in, width, 3, padding=1))
        self.emb_layers = nn.Sequential(nn.SiLU(), nn.Linear(embedding, width))
        self.out_layers = nn.Sequential(nn.GroupNorm(GROUPS, width), nn.SiLU(), nn.Identity(), nn.Conv2d(width, width, 3, padding=1))
        self.skip_connection = nn.Conv2d(width_in, width, 1) if width_in != width else nn.Identity()
        self.temopral_conv = TimeConvolutions(width)  # spelt so in the checkpoints

    def forward(self, x: Tensor, scope: Scope) -> Tensor:
        """`x` `[B * F, Cin, h, w]`."""
        h = self.in_layers(x) + self.emb_layers(scope.embedding)[:, :, None, None]
        h = self.skip_connection(x) + self.out_layers(h)
        return to_pictures(self.temopral_conv(to_video(h, scope.frames)))


class TransformerBlock(nn.Module):
    """Self-attention, attention to words (to itself again where there are none), feed-forward; each with norm and residual."""

    def __init__(self, width: int, heads: int, context_width: int | None):
        super().__init__()
        self.attn1 = Attention(width, heads)
        self.attn2 = Attention(width, heads) if context_width is None else TextAttention(width, heads, context_width)
        self.ff = FeedForward(width)
        self.norm1, self.norm2, self.norm3 = (nn.LayerNorm(width) for _ in range(3))

    def forward(self, x: Tensor, scope: Scope | None = None) -> Tensor:
        """`x` `[N, L, C]`; with words, `N` is `B * F`."""
        x = x + self.attn1(self.norm1(x))
        words = () if scope is None else (scope.context, scope.frames)
        x = x + self.attn2(self.norm2(x), *words)
        return x + self.ff(self.norm3(x))


class SpatialTransformer(nn.Module):
    """A transformer block over the cells of a frame, with norm (frame by frame), projections and residual."""

    def __init__(self, width: int, head_width: int, context_width: int):
        super().__init__()
        self.norm = nn.GroupNorm(GROUPS, width, _ATTENTION_EPS)
        self.proj_in = nn.Linear(width, width)
        self.transformer_blocks = nn.ModuleList([TransformerBlock(width, width // head_width, context_width)])
        self.proj_out = nn.Linear(width, width)

    def forward(self, x: Tensor, scope: Scope) -> Tensor:
        """`x` `[B * F, C, h, w]`."""
        h = self.proj_in(self.norm(x).flatten(2).transpose(1, 2))
        for block in self.transformer_blocks:
            h = block(h, scope)
        return x + self.proj_out(h).transpose(1, 2).reshape(x.shape)


class TemporalTransformer(nn.Module):
    """A transformer block over the frames of a cell, without positions, with norm (over all frames), projections and residual."""

    def __init__(self, width: int, heads: int, head_width: int):
        super().__init__()
        inner = heads * head_width
        self.norm = nn.GroupNorm(GROUPS, width, _ATTENTION_EPS)
        self.proj_in = nn.Conv1d(width, inner, 1)
        self.transformer_blocks = nn.ModuleList([TransformerBlock(inner, heads, None)])
        self.proj_out = nn.Conv1d(inner, width, 1)

    def forward(self, x: Tensor, scope: Scope) -> Tensor:
        """`x` `[B * F, C, h, w]`."""
        h = self.norm(to_video(x, scope.frames)).flatten(3).permute(0, 2, 3, 1)  # [B, F, S, C]
        h = h if scope.windows is None else scope.windows.gather(h)
        batch, length, cells, width = h.shape
        h = _project(self.proj_in, h.transpose(1, 2).flatten(0, 1))
        for block in self.transformer_blocks:
            h = block(h)
        h = _project(self.proj_out, h).reshape(batch, cells, length, width).transpose(1, 2)
        h = h if scope.windows is None else scope.windows.scatter(h)
        return x + h.transpose(2, 3).reshape(x.shape)


def _project(layer: nn.Conv1d, x: Tensor) -> Tensor:
    """`[N, L, C]`; a convolution of one place is a linear layer."""
    return F.linear(x, layer.weight.flatten(1), layer.bias)


class Downsample(nn.Module):
    """Half the size; one row more than half, for two rows of zeros lie above and below."""

    def __init__(self, width: int):
        super().__init__()
        self.op = nn.Conv2d(width, width, 3, stride=2, padding=(2, 1))

    def forward(self, x: Tensor, _scope: Scope) -> Tensor:
        return self.op(x)


class Upsample(nn.Module):
    """Twice the size, nearest neighbour, without the first and the last row."""

    def __init__(self, width: int):
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: Tensor, scope: Scope) -> Tensor:
        height, width = scope.skip.shape[2:]  # what twice the size, less two rows, is: an exported graph need not know that
        return self.conv(F.interpolate(x, size=(height + 2, width), mode="nearest")[:, :, 1:-1])
