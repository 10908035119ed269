"""Attention layers of the LaVie family. Attribute names are those of the published checkpoints.

Sources: LaVie (Wang et al. 2023, arXiv 2309.15103, section 3.1; reference Vchitect/LaVie@6ce851e, `base/models/attention.py` and
`interpolation/models/attention.py`), rotary positions (Su et al. 2021, arXiv 2104.09864, equation 34), relative positions
(Raffel et al. 2019, arXiv 1910.10683, section 2.1).

Where we differ: frames attend inside windows (FreeNoise), so a frame's position is its index inside the window; one window of all
frames is the reference. Exported graphs hold `com.microsoft` MultiHeadAttention, which never writes the table of logits to memory.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from modeling.pocket.windows import Windows

_BUCKETS, _FAR = 32, 32  #: rows of the table of relative positions, and the distance from which all share one row


def attend(query: Tensor, key: Tensor, value: Tensor, heads: int, bias: Tensor | None = None, scale: float | None = None) -> Tensor:
    """`query` `[N, L, C]`, `key` and `value` `[N, S, C]`, `bias` on the logits `[1 or N, heads, L, S]`; gives `[N, L, C]`.

    `scale` of the logits: one over the root of a head's width, if it is not given.
    """
    scale = (query.shape[-1] // heads) ** -0.5 if scale is None else scale
    if torch.compiler.is_exporting():
        inputs = (query, key, value) if bias is None else (query, key, value, None, None, bias)
        attributes = {"num_heads": heads, "scale": scale}
        fused = "com.microsoft::MultiHeadAttention"
        return torch.onnx.ops.symbolic(fused, inputs, attributes, dtype=query.dtype, shape=query.shape, version=1)
    query, key, value = (x.unflatten(-1, (heads, -1)).transpose(1, 2) for x in (query, key, value))
    return F.scaled_dot_product_attention(query, key, value, bias, scale=scale).transpose(1, 2).flatten(2)


class Attention(nn.Module):
    """Multi-head attention; no norm in front, no residual. `source_width` is that of keys and values."""

    def __init__(self, width: int, heads: int, source_width: int | None = None):
        super().__init__()
        self.heads = heads
        self.to_q = nn.Linear(width, width, bias=False)
        self.to_k = nn.Linear(source_width or width, width, bias=False)
        self.to_v = nn.Linear(source_width or width, width, bias=False)
        self.to_out = nn.ModuleList([nn.Linear(width, width)])

    def forward(self, x: Tensor) -> Tensor:
        """Self-attention of `[N, L, C]`."""
        return self.mix(x, self.to_k(x), self.to_v(x))

    def mix(self, x: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """`x` `[N, L, C]` asks keys and values `[N, S, C]`."""
        return self.to_out[0](attend(self.to_q(x), key, value, self.heads))


class TextAttention(Attention):
    """Every cell of a frame asks the words of that frame."""

    def forward(self, x: Tensor, context: Tensor, frames: int) -> Tensor:
        """`x` `[B * F, S, C]`, `context` `[B, F or 1, T, D]`."""
        frame = torch.arange(frames, device=x.device).clamp(max=context.shape[1] - 1)
        key, value = (layer(context).index_select(1, frame).flatten(0, 1) for layer in (self.to_k, self.to_v))
        return self.mix(x, key, value)


class SparseCausalAttention(Attention):
    """Every cell asks the first frame and the one before its own; for frame 0 both are frame 0 itself."""

    def forward(self, x: Tensor, frames: int) -> Tensor:
        """`x` `[B * F, S, C]`."""
        return self.mix(x, self.first_and_previous(self.to_k(x), frames), self.first_and_previous(self.to_v(x), frames))

    @staticmethod
    def first_and_previous(x: Tensor, frames: int) -> Tensor:
        """`[B * F, S, C]` to `[B * F, 2 * S, C]`."""
        x = x.unflatten(0, (-1, frames))
        first = x[:, :1]
        previous = torch.cat([first, x[:, :-1]], dim=1)
        return torch.cat([first.expand_as(x), previous], dim=2).flatten(0, 1)


class ExemplarAttention(SparseCausalAttention):
    """Sparse-causal attention whose first frame may look at an exemplar; what it finds there takes the place of its values.

    Source: VideoBooth (Jiang et al. 2023, arXiv 2312.00777, section 3.3; reference Vchitect/VideoBooth@d10e06f, `sample_scripts/sample.py`).
    """

    def __init__(self, width: int, heads: int):
        super().__init__(width, heads)
        self.to_k_exemplar = nn.Linear(width, width, bias=False)
        self.to_v_exemplar = nn.Linear(width, width, bias=False)

    def with_exemplar(self, x: Tensor, frames: int, exemplar: Tensor, has_exemplar: Tensor) -> Tensor:
        """`x` `[B * F, S, C]`, `exemplar` `[B, S, C]`, `has_exemplar` `[B, 1, 1]`: above zero where the exemplar counts."""
        key, value = self.to_k(x), self.to_v(x)
        query = self.to_q(x).unflatten(0, (-1, frames))[:, 0]
        first_key, values = key.unflatten(0, (-1, frames))[:, 0], value.unflatten(0, (-1, frames))
        keys = torch.cat([self.to_k_exemplar(exemplar), first_key], dim=1)
        found = attend(query, keys, torch.cat([self.to_v_exemplar(exemplar), values[:, 0]], dim=1), self.heads)
        first = torch.where(has_exemplar > 0, found, values[:, 0])
        value = torch.cat([first.unsqueeze(1), values[:, 1:]], dim=1).flatten(0, 1)
        return self.mix(x, self.first_and_previous(key, frames), self.first_and_previous(value, frames))


class Rotary(nn.Module):
    """Turns the first `2 * len(freqs)` numbers of each head by position, in pairs of neighbours. Frequencies are stored."""

    def __init__(self, width: int = 32):
        super().__init__()
        self.freqs = nn.Parameter(10_000.0 ** -(torch.arange(0, width, 2).float() / width), requires_grad=False)

    def forward(self, x: Tensor, heads: int) -> Tensor:
        """`[N, L, C]`; position is the index along `L`."""
        angle = torch.arange(x.shape[1], device=x.device).float().unsqueeze(-1) * self.freqs.float()
        cos, sin = angle.cos().to(x.dtype).unsqueeze(1), angle.sin().to(x.dtype).unsqueeze(1)  # [L, 1, width / 2]
        split = x.unflatten(-1, (heads, -1))
        width = 2 * self.freqs.shape[0]
        pairs = split[..., :width].unflatten(-1, (-1, 2))
        even, odd = pairs[..., 0], pairs[..., 1]
        turned = torch.stack([even * cos - odd * sin, odd * cos + even * sin], dim=-1).flatten(-2)
        return torch.cat([turned, split[..., width:]], dim=-1).flatten(-2)


def _first_distances(far: int) -> list[int]:
    """Distance at which each bucket after the first begins: 1 … 8 exactly, then in equal ratios up to `far`."""
    half = _BUCKETS // 2
    exact = half // 2
    grown = [exact + int(math.log(n / exact) / math.log(far / exact) * (half - exact) + 1e-9) for n in range(exact, far + 1)]
    large = [exact + next(k for k, bucket in enumerate(grown) if min(bucket, half - 1) >= wanted) for wanted in range(exact, half)]
    return [*range(1, exact), *large]


def relative_buckets(length: int | torch.SymInt, device: torch.device, far: int = _FAR) -> Tensor:
    """Row of the table for each pair of positions, `[length, length]` (query, key): 0-15 looking back, 16-31 looking ahead.

    From the distance `far` on all share one row.
    """
    position = torch.arange(length, device=device)
    offset = position.unsqueeze(0) - position.unsqueeze(1)
    distance = offset.abs()
    bucket = (offset > 0).long() * (_BUCKETS // 2)
    for first in _first_distances(far):
        bucket = bucket + (distance >= first).long()
    return bucket


class RelativePositions(nn.Module):
    """One number per head and bucket, added to the logits."""

    def __init__(self, heads: int):
        super().__init__()
        self.relative_attention_bias = nn.Embedding(_BUCKETS, heads)

    def forward(self, buckets: Tensor) -> Tensor:
        """`[L, L]` to `[1, heads, L, L]`."""
        return self.relative_attention_bias(buckets).permute(2, 0, 1).unsqueeze(0)


class TemporalAttention(Attention):
    """Every cell asks itself in the other frames of its window; `positions` adds rotary and relative ones."""

    def __init__(self, width: int, heads: int, positions: bool):
        super().__init__(width, heads)
        self.time_rel_pos_bias = RelativePositions(heads) if positions else None
        self.rotary_emb = Rotary() if positions else None
        nn.init.zeros_(self.to_out[0].weight)

    def forward(self, x: Tensor, frames: int, windows: Windows | None, buckets: Tensor) -> Tensor:
        """`x` `[B * F, S, C]`; `buckets` `[L, L]` for windows of `L` frames (all frames without windows)."""
        h = x.unflatten(0, (-1, frames))
        h = windows.gather(h) if windows else h
        batch, length, cells, width = h.shape
        h = h.transpose(1, 2).flatten(0, 1)  # [B * n * S, L, C]
        query, key, value = self.to_q(h), self.to_k(h), self.to_v(h)
        bias = None
        if self.time_rel_pos_bias is not None:
            query, key = self.rotary_emb(query, self.heads), self.rotary_emb(key, self.heads)
            bias = self.time_rel_pos_bias(buckets)
        h = self.to_out[0](attend(query, key, value, self.heads, bias))
        h = h.reshape(batch, cells, length, width).transpose(1, 2)
        return (windows.scatter(h) if windows else h).flatten(0, 1)
