"""Layers that the denoisers and the text encoder share. Sequences are `[..., length, width]`, pictures `[N, width, h, w]`."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def waves(position: Tensor, width: int, scale: float) -> Tensor:
    """Cosines and sines of a position, `[...]` to `[..., width]`; the fastest turns `scale` radians per unit."""
    half = width // 2
    frequency = scale * torch.exp(-math.log(10_000.0) * torch.arange(half, dtype=torch.float32, device=position.device) / half)
    angle = position.float().unsqueeze(-1) * frequency
    return torch.cat([angle.cos(), angle.sin()], dim=-1)


def grid_waves(height: int, width: int) -> Tensor:
    """Place of every cell of a grid as `[height * width, 16]`: cosines and sines of 1, 2, 4, 8 half turns along each side."""
    return place_waves((torch.arange(height) + 0.5).div(height), (torch.arange(width) + 0.5).div(width))


def place_waves(y: Tensor, x: Tensor) -> Tensor:
    """As `grid_waves`, of rows `[..., h]` and columns `[..., w]` at these shares of the sides, 0..1: `[..., h * w, 16]`."""
    turns = math.pi * torch.tensor([1.0, 2.0, 4.0, 8.0])
    y, x = y.unsqueeze(-1) * turns, x.unsqueeze(-1) * turns
    y, x = torch.cat([y.cos(), y.sin()], -1).unsqueeze(-2), torch.cat([x.cos(), x.sin()], -1).unsqueeze(-3)
    rows, columns = y.shape[-3], x.shape[-2]
    grid = torch.cat([y.expand(*y.shape[:-2], columns, -1), x.expand(*x.shape[:-3], rows, columns, -1)], -1)
    return grid.flatten(-3, -2)


class ChannelNorm(nn.Module):
    """Layer norm over the channels of a picture, cell by cell, with a gain and no shift."""

    def __init__(self, width: int):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        return F.layer_norm(x.permute(0, 2, 3, 1), self.gain.shape, self.gain).permute(0, 3, 1, 2)


class Norm(nn.Module):
    """Layer norm over the last axis with a gain and no shift."""

    def __init__(self, width: int):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        return F.layer_norm(x, self.gain.shape, self.gain)


class Attention(nn.Module):
    """Multi-head attention with normalised queries and keys and a zero-initialised way out; no residual, no norm in front.

    Plain matrix products: they train several times faster on a CPU than the fused kernel.
    """

    def __init__(self, width: int, heads: int, source_width: int | None = None, inner: int | None = None):
        """`inner`: width of queries, keys and values, `width` if not given."""
        super().__init__()
        inner = inner or width
        self.heads = heads
        self.query = nn.Linear(width, inner, bias=False)
        self.key_value = nn.Linear(source_width or width, 2 * inner, bias=False)
        self.out = nn.Linear(inner, width)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def keys_values(self, source: Tensor) -> Tensor:
        """`[..., S, source_width]` to keys and values `[..., S, 2 * width]`."""
        return self.key_value(source)

    def forward(self, x: Tensor, keys_values: Tensor, bias: Tensor | None = None) -> Tensor:
        """`x` `[..., L, width]` attends to `[..., S, 2 * width]`; `bias` is added to the logits `[..., heads, L, S]`."""
        query = self._split(self.query(x))
        width = keys_values.shape[-1] // 2
        key, value = self._split(keys_values[..., :width]), self._split(keys_values[..., width:])
        size = (query.shape[-1],)
        query, key = F.layer_norm(query, size), F.layer_norm(key, size)
        logits = (query * (2 * size[0] ** -0.5)) @ key.transpose(-1, -2)
        if bias is not None:
            logits = logits + bias
        return self.out((logits.softmax(-1) @ value).transpose(-2, -3).flatten(-2))

    def by_head(self, query: Tensor, keys_values: Tensor, bias: Tensor | None) -> Tensor:
        """What `forward` computes before the way out, from queries `[..., L, width]` that are projected already; `bias` `[L, S]`.

        One head after the other: the attention of many windows at once then takes the memory of one head.
        """
        width = query.shape[-1]
        size, made = width // self.heads, []
        for start in range(0, width, size):
            part = slice(start, start + size)
            key, value = keys_values[..., part], keys_values[..., width + start : width + start + size]
            normed = F.layer_norm(query[..., part], (size,)) * (2 * size**-0.5)
            logits = normed @ F.layer_norm(key, (size,)).transpose(-1, -2)
            made.append((logits if bias is None else logits + bias).softmax(-1) @ value)
        return torch.cat(made, -1)

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.heads, -1)).transpose(-2, -3)


class FeedForward(nn.Module):
    """Norm, wider, silu, back; with its residual; starts as the identity."""

    def __init__(self, width: int, factor: int = 3):
        super().__init__()
        self.norm = Norm(width)
        self.wide = nn.Linear(width, width * factor)
        self.out = nn.Linear(width * factor, width)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.out(F.silu(self.wide(self.norm(x))))
