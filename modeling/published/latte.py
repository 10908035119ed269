"""The denoiser of Latte, text to video: a transformer over patches of latents, blocks over place and over frames in turn.

Source: Latte (Ma et al. 2024, arXiv 2401.03048, sections 3.1 and 3.2); keys as `LatteTransformer3DModel` of diffusers and the published
`transformer` folder have them; Chen et al. 2023, arXiv 2310.00426, section 2.3 for the modulation that all blocks share.

Where we differ: frames attend inside windows (FreeNoise), and a frame's position enters as its index in the window; the learned variance is
dropped. A clip has at least two frames.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from modeling.pocket.layers import waves
from modeling.pocket.windows import Windows
from modeling.published.attention import Attention, TextAttention
from modeling.published.blocks import TimeEmbedding, to_pictures

_STEP_WAVES = 256
_EPS = 1e-6


@dataclass(frozen=True)
class LatteConfig:
    """As published; `grid` is the number of patches along a side at training, over which positions are spread at every size."""

    in_channels: int = 4
    out_channels: int = 8
    kept_channels: int = 4  #: of those put out, the ones that predict noise
    width: int = 1152
    heads: int = 16
    layers: int = 28  #: pairs of a block over place and one over frames
    patch: int = 2
    context_width: int = 4096
    grid: int = 32


def positions(index: Tensor, width: int) -> Tensor:
    """Sines, then cosines of an index, `[...]` to `[..., width]`."""
    return waves(index, width, 1.0).roll(width // 2, dims=-1)


class Perceptron(nn.Module):
    """Four times wider and back, with the tanh form of GELU between."""

    def __init__(self, width: int):
        super().__init__()
        wide = nn.Module()
        wide.proj = nn.Linear(width, 4 * width)
        self.net = nn.ModuleList([wide, nn.Identity(), nn.Linear(4 * width, width)])

    def forward(self, x: Tensor) -> Tensor:
        return self.net[2](F.gelu(self.net[0].proj(x), approximate="tanh"))


class Block(nn.Module):
    """Attention inside a sequence, perhaps to words, and a feed-forward; shifted, scaled and gated by the step."""

    def __init__(self, config: LatteConfig, words: bool):
        super().__init__()
        self.scale_shift_table = nn.Parameter(torch.zeros(6, config.width))
        self.attn1 = _with_bias(Attention(config.width, config.heads))
        self.attn2 = _with_bias(TextAttention(config.width, config.heads)) if words else None
        self.ff = Perceptron(config.width)

    def forward(self, x: Tensor, step: Tensor, context: Tensor | None = None, frames: int = 1) -> Tensor:
        """`x` `[N, S, C]`, `step` `[B, 6, C]` with `N` a multiple of `B`, `context` `[B, F or 1, T, C]`."""
        shift, scale, gate, shift_out, scale_out, gate_out = _each(self.scale_shift_table + step, x.shape[0] // step.shape[0])
        x = x + gate * self.attn1(_norm(x) * (1 + scale) + shift)
        if self.attn2 is not None:
            x = x + self.attn2(x, context, frames)
        return x + gate_out * self.ff(_norm(x) * (1 + scale_out) + shift_out)


def _each(table: Tensor, times: int) -> tuple[Tensor, ...]:
    """`[B, n, C]` to `n` tensors `[B * times, 1, C]`."""
    each = table.unsqueeze(1).expand(-1, times, -1, -1).flatten(0, 1)
    return tuple(each[:, k : k + 1] for k in range(table.shape[1]))


def _with_bias(attention: Attention) -> Attention:
    for name in ("to_q", "to_k", "to_v"):
        layer = getattr(attention, name)
        setattr(attention, name, nn.Linear(layer.in_features, layer.out_features))
    return attention


def _norm(x: Tensor) -> Tensor:
    return F.layer_norm(x, x.shape[-1:], eps=_EPS)


class Latte(nn.Module):
    """Noisy latents and words to a prediction (epsilon), the denoiser graph of `docs/model-packages.md`."""

    def __init__(self, config: LatteConfig):
        super().__init__()
        self.config = config
        width = config.width
        self.pos_embed = nn.Module()
        self.pos_embed.proj = nn.Conv2d(config.in_channels, width, config.patch, stride=config.patch)
        self.transformer_blocks = nn.ModuleList(Block(config, words=True) for _ in range(config.layers))
        self.temporal_transformer_blocks = nn.ModuleList(Block(config, words=False) for _ in range(config.layers))
        self.scale_shift_table = nn.Parameter(torch.zeros(2, width))
        self.proj_out = nn.Linear(width, config.patch**2 * config.out_channels)
        self.adaln_single = nn.Module()
        self.adaln_single.emb = nn.Module()
        self.adaln_single.emb.timestep_embedder = TimeEmbedding(_STEP_WAVES, width)
        self.adaln_single.linear = nn.Linear(width, 6 * width)
        self.caption_projection = nn.Module()
        self.caption_projection.linear_1 = nn.Linear(config.context_width, width)
        self.caption_projection.linear_2 = nn.Linear(width, width)

    def forward(
        self,
        sample: Tensor,
        timestep: Tensor,
        context: Tensor,
        freeu: Tensor | None = None,
        windows: Tensor | None = None,
        window_weights: Tensor | None = None,
    ) -> Tensor:
        """`sample` `[B, C, F, h, w]` (sides divisible by the patch), `timestep` `[B]`, `context` `[B, F or 1, T, D]` to `[B, C, F, h, w]`.

        All float32; the sums run in the precision of the weights. `freeu` changes nothing: there are no skips to strengthen.
        """
        config, dtype = self.config, self.proj_out.weight.dtype
        batch, _, frames, height, width = sample.shape
        rows, columns = height // config.patch, width // config.patch
        embedding = self.adaln_single.emb.timestep_embedder(waves(timestep, _STEP_WAVES, 1.0).to(dtype))
        step = self.adaln_single.linear(F.silu(embedding)).unflatten(-1, (6, -1))
        words = self.caption_projection
        context = words.linear_2(F.gelu(words.linear_1(context.to(dtype)), approximate="tanh"))
        fusion = None if windows is None else Windows.of(windows, window_weights.to(dtype), frames)
        x = self.pos_embed.proj(to_pictures(sample.to(dtype))).flatten(2).transpose(1, 2)  # [B * F, rows * columns, C]
        x = x + self._places(rows, columns, sample.device).to(dtype)
        for index, (space, time) in enumerate(zip(self.transformer_blocks, self.temporal_transformer_blocks, strict=True)):
            x = space(x, step, context, frames)
            x = self._over_frames(time, x.unflatten(0, (batch, frames)), step, fusion, first=index == 0).flatten(0, 1)
        shift, scale = _each(self.scale_shift_table + embedding.unsqueeze(1), frames)
        x = self.proj_out(_norm(x) * (1 + scale) + shift)
        x = x.reshape(batch, frames, rows, columns, config.patch, config.patch, config.out_channels)[..., : config.kept_channels]
        return x.permute(0, 6, 1, 2, 4, 3, 5).reshape(batch, config.kept_channels, frames, height, width).float()

    def _over_frames(self, block: Block, x: Tensor, step: Tensor, fusion: Windows | None, first: bool) -> Tensor:
        """`x` `[B, F, S, C]`: every cell of the windows asks itself in the other frames."""
        h = x if fusion is None else fusion.gather(x)
        batch, length, cells, width = h.shape
        h = h.transpose(1, 2).flatten(0, 1)
        if first:
            h = h + positions(torch.arange(length, device=x.device), width).to(x.dtype)
        h = block(h, step).reshape(batch, cells, length, width).transpose(1, 2)
        return h if fusion is None else fusion.scatter(h)

    def _places(self, rows: int, columns: int, device: torch.device) -> Tensor:
        """`[rows * columns, C]`: column in the first half, row in the second, spread over the grid of training."""
        half = self.config.width // 2
        row, column = (positions(torch.arange(n, device=device).float() * self.config.grid / n, half) for n in (rows, columns))
        return torch.cat([column.unsqueeze(0).expand(rows, -1, -1), row.unsqueeze(1).expand(-1, columns, -1)], dim=-1).flatten(0, 1)
