"""The transformer of one level: place, words, feed-forward and frames, in the order of the family.

Source: Vchitect/LaVie@6ce851e, `base/models/attention.py`, `interpolation/models/attention.py`, `vsr/models/attention.py`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor, nn

from modeling.pocket.windows import Windows
from modeling.published.attention import Attention, ExemplarAttention, SparseCausalAttention, TemporalAttention, TextAttention
from modeling.published.blocks import GROUPS, FeedForward, FrameResnetBlock


@dataclass(frozen=True)
class Layout:
    """How the transformer blocks of a family differ."""

    sparse_causal: bool = False  #: cells ask the first and the previous frame instead of their own
    exemplar: bool = False  #: with `sparse_causal`: the first frame may look at a picture of the subject
    frames_last: bool = False  #: temporal attention after the feed-forward instead of before
    positions: bool = True  #: rotary and relative positions in temporal attention
    linear: bool = False  #: projections in and out are linear layers instead of 1x1 convolutions
    frame_convolution: bool = False  #: a residual block along time in front of all
    temporal_name: str = "temp"  #: `attn_<name>` and `norm_<name>` in the checkpoint


@dataclass(frozen=True)
class Scope:
    """What all blocks of one call share."""

    frames: int
    embedding: Tensor  #: `[B, E]`
    context: Tensor  #: `[B, F or 1, T, D]`
    windows: Windows | None
    buckets: Tensor  #: `[L, L]`
    seen: list[Tensor] | None = None  #: filled, transformer by transformer, with the cells `[B, S, C]` of the first frame
    exemplars: Iterator[Tensor] | None = None  #: what a call on the exemplar has seen
    has_exemplar: Tensor | None = None  #: `[B, 1, 1]`: above zero where the exemplar counts


class TransformerBlock(nn.Module):
    """Attention over place, words and frames, and a feed-forward, each with norm and residual."""

    def __init__(self, width: int, heads: int, context_width: int, only_words: bool, layout: Layout):
        super().__init__()
        self.layout, self.only_words = layout, only_words
        if only_words:
            self.attn1 = TextAttention(width, heads, context_width)
        else:
            kind = ExemplarAttention if layout.exemplar else SparseCausalAttention if layout.sparse_causal else Attention
            self.attn1 = kind(width, heads)
        self.norm1 = nn.LayerNorm(width)
        self.attn2 = TextAttention(width, heads, context_width)
        self.norm2 = nn.LayerNorm(width)
        self.add_module(f"attn_{layout.temporal_name}", TemporalAttention(width, heads, layout.positions))
        self.add_module(f"norm_{layout.temporal_name}", nn.LayerNorm(width))
        self.ff = FeedForward(width)
        self.norm3 = nn.LayerNorm(width)

    def forward(self, x: Tensor, scope: Scope) -> Tensor:
        """`x` `[B * F, S, C]`."""
        if scope.seen is not None:
            scope.seen.append(x.unflatten(0, (-1, scope.frames))[:, 0])
        x = x + self._place(self.norm1(x), scope)
        x = x + self.attn2(self.norm2(x), scope.context, scope.frames)
        if self.layout.frames_last:
            return self._frames(x + self.ff(self.norm3(x)), scope)
        x = self._frames(x, scope)
        return x + self.ff(self.norm3(x))

    def _place(self, x: Tensor, scope: Scope) -> Tensor:
        if self.only_words:
            return self.attn1(x, scope.context, scope.frames)
        if scope.exemplars is not None:
            return self.attn1.with_exemplar(x, scope.frames, self.norm1(next(scope.exemplars)), scope.has_exemplar)
        return self.attn1(x, scope.frames) if self.layout.sparse_causal else self.attn1(x)

    def _frames(self, x: Tensor, scope: Scope) -> Tensor:
        attention, norm = (self.get_submodule(f"{kind}_{self.layout.temporal_name}") for kind in ("attn", "norm"))
        return x + attention(norm(x), scope.frames, scope.windows, scope.buckets)


class Transformer(nn.Module):
    """A transformer block on pictures, with its norm (frame by frame), projections and residual."""

    def __init__(self, width: int, heads: int, context_width: int, only_words: bool, layout: Layout):
        super().__init__()
        self.resblock_temporal = FrameResnetBlock(width, 3, None) if layout.frame_convolution else None
        self.norm = nn.GroupNorm(GROUPS, width, 1e-6)
        self.proj_in = nn.Linear(width, width) if layout.linear else nn.Conv2d(width, width, 1)
        self.transformer_blocks = nn.ModuleList([TransformerBlock(width, heads, context_width, only_words, layout)])
        self.proj_out = nn.Linear(width, width) if layout.linear else nn.Conv2d(width, width, 1)

    def forward(self, x: Tensor, scope: Scope) -> Tensor:
        """`x` `[B * F, C, h, w]`."""
        if self.resblock_temporal is not None:
            x = self.resblock_temporal(x, None, scope.frames)
        h = _project(self.proj_in, self.norm(x).flatten(2).transpose(1, 2))  # [B * F, h * w, C]
        for block in self.transformer_blocks:
            h = block(h, scope)
        return x + _project(self.proj_out, h).transpose(1, 2).reshape(x.shape)


def _project(layer: nn.Linear | nn.Conv2d, x: Tensor) -> Tensor:
    """`[N, S, C]`; a 1x1 convolution is a linear layer with two axes of size one behind its weight."""
    return F.linear(x, layer.weight.flatten(1), layer.bias)
