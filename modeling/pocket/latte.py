"""The latent diffusion transformer: patches of latents, attention over place and over frames in one of four arrangements.

Source: Latte (Ma et al. 2024, arXiv 2401.03048, sections 3.1 and 3.2; reference Vchitect/Latte@b27c24a, `models/latte_t2v.py`).

Where we differ: the fixed positions of frames enter in front of every attention over frames instead of once before the first, because
a frame's index is that inside its window (FreeNoise); queries and keys are normalised; the way out adds the noisy latents times a gain;
the head predicts no variance, so there is no learned range to drop.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from modeling.pocket.denoiser import Shortcut, TextAttention
from modeling.pocket.layers import Attention, waves
from modeling.pocket.windows import Windows

_STEP_WAVES = 128


@dataclass(frozen=True)
class LatteConfig:
    """Sizes, and which of the paper's four variants the blocks follow.

    1: blocks over place and over frames in turn. 2: the first half over place, the second over frames. 3: each block over place, then over
    frames. 4: each block over both at once, half of the heads each, summed. 3 and 4 have about as many parameters per block as a pair of 1.
    """

    in_channels: int = 16
    out_channels: int = 16
    width: int = 160
    heads: int = 4
    blocks: int = 8  #: of place and of frames together in variants 1 and 2 (even)
    patch: int = 2
    context_width: int = 128
    embedding: int = 256
    variant: int = 1


@dataclass(frozen=True)
class Scope:
    """What all blocks of one call share."""

    modulation: Tensor  #: `[B, F, 6, C]`: shift, scale and gate of attention, then of the feed-forward
    context: Tensor  #: `[B, F or 1, T, D]`
    times: Tensor  #: `[F]`, `[B, F]`, or `[L]` with windows
    windows: Windows | None


class Block(nn.Module):
    """Attention over place, over frames, or both, words where place is seen, and a feed-forward.

    Modulated by one vector per step that all blocks share, plus a table of its own (S-AdaLN in the form of the text-to-video model).
    """

    def __init__(self, config: LatteConfig, place: bool, frames: bool):
        super().__init__()
        width, heads = config.width, config.heads
        self.together = config.variant == 4
        if self.together:
            heads //= 2
        inner = width // 2 if self.together else width
        self.table = nn.Parameter(torch.randn(6, width) * 0.02)
        self.place = Attention(width, heads, inner=inner) if place else None
        self.frames = Attention(width, heads, inner=inner) if frames else None
        self.words = TextAttention(width, config.heads, config.context_width) if place else None
        self.wide = nn.Linear(width, 3 * width)
        self.narrow = nn.Linear(3 * width, width)
        nn.init.zeros_(self.narrow.weight)
        nn.init.zeros_(self.narrow.bias)

    def forward(self, x: Tensor, scope: Scope) -> Tensor:
        """`x` `[B, F, S, C]`."""
        shift, scale, gate, shift_out, scale_out, gate_out = (scope.modulation + self.table).unsqueeze(-2).unbind(2)
        h = _modulate(x, shift, scale)
        if self.together:
            x = x + (1 + gate) * (self._over_place(h) + self._over_frames(h, scope))
        elif self.place is not None:
            x = x + (1 + gate) * self._over_place(h)
            if self.frames is not None:
                x = x + (1 + gate) * self._over_frames(_modulate(x, shift, scale), scope)
        else:
            x = x + (1 + gate) * self._over_frames(h, scope)
        if self.words is not None:
            x = self.words(x, scope.context)
        h = self.narrow(F.silu(self.wide(_modulate(x, shift_out, scale_out))))
        return x + (1 + gate_out) * h

    def _over_place(self, h: Tensor) -> Tensor:
        return self.place(h, self.place.keys_values(h))

    def _over_frames(self, h: Tensor, scope: Scope) -> Tensor:
        h = scope.windows.gather(h) if scope.windows else h
        h = h + waves(scope.times, h.shape[-1], 1.0).unsqueeze(-2)
        h = h.transpose(1, 2)
        h = self.frames(h, self.frames.keys_values(h)).transpose(1, 2)
        return scope.windows.scatter(h) if scope.windows else h


class Latte(nn.Module):
    """Noisy latents and words to a prediction (v). Sides that the patch does not divide are filled up and cut off again."""

    def __init__(self, config: LatteConfig):
        super().__init__()
        if config.variant not in (1, 2, 3, 4) or config.blocks % 2:
            raise ValueError(f"variant {config.variant} with {config.blocks} blocks: variants are 1 to 4, blocks are even")
        self.config = config
        width, patch = config.width, config.patch
        self.step = nn.Sequential(nn.Linear(_STEP_WAVES, config.embedding), nn.SiLU(), nn.Linear(config.embedding, config.embedding))
        self.pooled = nn.Linear(config.context_width, config.embedding)
        self.modulate = nn.Linear(config.embedding, 6 * width)
        self.patches = nn.Conv2d(config.in_channels, width, patch, stride=patch)
        self.blocks = nn.ModuleList(Block(config, place, frames) for place, frames in _arrangement(config))
        self.table_out = nn.Parameter(torch.zeros(2, width))
        self.modulate_out = nn.Linear(config.embedding, 2 * width)
        self.head = nn.Linear(width, config.out_channels * patch * patch)
        self.shortcut = Shortcut(config)
        for layer in (self.modulate, self.modulate_out, self.head):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(
        self,
        sample: Tensor,
        timestep: Tensor,
        context: Tensor,
        freeu: Tensor | None = None,
        windows: Tensor | None = None,
        window_weights: Tensor | None = None,
        times: Tensor | None = None,
    ) -> Tensor:
        """As `Denoiser.forward`. `freeu` changes nothing: FreeU strengthens the skips of a U-Net, and here are none."""
        batch, _, frames, height, width = sample.shape
        if times is None:
            times = torch.arange(frames if windows is None else windows.shape[1], device=sample.device)
        embedding = self._embed(timestep, context, frames)
        modulation = self.modulate(embedding).unflatten(-1, (6, -1))
        scope = Scope(modulation, context, times, None if windows is None else Windows.of(windows, window_weights, frames))

        x = sample.transpose(1, 2).flatten(0, 1)
        rest = self.config.patch - 1
        grid = self.patches(F.pad(x, (0, rest, 0, rest)))
        rows, columns = grid.shape[2:]
        h = grid.permute(0, 2, 3, 1).reshape(batch, frames, rows * columns, self.config.width)
        h = h + grid_positions(rows, columns, self.config.width)
        for block in self.blocks:
            h = block(h, scope)
        shift, scale = (self.modulate_out(embedding).unflatten(-1, (2, -1)) + self.table_out).unsqueeze(-2).unbind(2)
        h = self.head(_modulate(h, shift, scale))
        h = h.reshape(batch * frames, rows, columns, -1).permute(0, 3, 1, 2)
        h = F.pixel_shuffle(h, self.config.patch)[:, :, :height, :width] + self.shortcut(x, embedding.flatten(0, 1))
        return h.unflatten(0, (batch, frames)).transpose(1, 2)

    def _embed(self, timestep: Tensor, context: Tensor, frames: int) -> Tensor:
        """`[B, F, E]`: the step, and the sum of the words of each frame."""
        both = self.step(waves(timestep, _STEP_WAVES, 1.0)).unsqueeze(1) + self.pooled(context.sum(2) / 8)
        frame = torch.arange(frames, device=context.device).clamp(max=context.shape[1] - 1)
        return F.silu(both).index_select(1, frame)


def grid_positions(rows: int, columns: int, width: int) -> Tensor:
    """Fixed cosines and sines of row and column, `[rows * columns, width]`."""
    y, x = waves(torch.arange(rows), width // 2, 1.0), waves(torch.arange(columns), width // 2, 1.0)
    return torch.cat([y.unsqueeze(1).expand(-1, columns, -1), x.unsqueeze(0).expand(rows, -1, -1)], -1).flatten(0, 1)


def _arrangement(config: LatteConfig) -> list[tuple[bool, bool]]:
    """Per block: whether it sees place, and whether it sees frames."""
    half = config.blocks // 2
    if config.variant == 1:
        return [(True, False), (False, True)] * half
    if config.variant == 2:
        return [(True, False)] * half + [(False, True)] * half
    return [(True, True)] * half


def _modulate(x: Tensor, shift: Tensor, scale: Tensor) -> Tensor:
    return F.layer_norm(x, (x.shape[-1],)) * (1 + scale) + shift
