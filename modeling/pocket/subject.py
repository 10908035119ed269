"""The subject denoiser: the base with a picture of the subject, which is told in two ways as VideoBooth tells it.

Source: VideoBooth (Jiang et al. 2023, arXiv 2312.00777, sections 3.2 and 3.3).
Coarse: a vision encoder and a mapper make tokens that take the place of the subject's word. Fine: the latents of the picture give keys and
values to extra attention weights. The base itself stays as it is.

Where we differ: the base attends to all frames together, so every frame looks at the exemplar in an attention layer of its own, and no
refined first frame has to carry the look to the others; the first token adds to the word instead of replacing what it says; the exemplar
passes a small encoder without noise instead of the whole network.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from modeling.pocket.denoiser import CellAttention, Denoiser, DenoiserConfig, Mixer, Scope
from modeling.pocket.layers import Attention, FeedForward, Norm, grid_waves


@dataclass(frozen=True)
class SubjectConfig:
    """The base, width of exemplar tokens, and how many tokens stand for the word."""

    base: DenoiserConfig = DenoiserConfig()
    exemplar_width: int = 128
    tokens: int = 4
    picture: int = 96  #: side of the subject picture in pixels


class VisionEncoder(nn.Module):
    """Picture of a subject and its word to the tokens that take the word's place."""

    def __init__(self, config: SubjectConfig):
        super().__init__()
        width = config.base.context_width
        self.tokens = config.tokens
        self.convs = nn.ModuleList(nn.Conv2d(a, b, 3, stride=2, padding=1) for a, b in ((48, 64), (64, 96), (96, 128)))
        self.hidden = nn.Linear(3 * 128 + width, 256)
        self.out = nn.Linear(256, config.tokens * width)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, picture: Tensor, word: Tensor) -> Tensor:
        """`picture` `[B, 3, H, W]` in -1..1, sides multiples of 4; `word` `[B, D]`: its context. Gives `[B, tokens, D]`."""
        h = F.pixel_unshuffle(picture, 4)
        for conv in self.convs:
            h = F.silu(conv(h))
        seen = torch.cat([h.mean((2, 3)), h.amax((2, 3)), -(-h).amax((2, 3)), word], dim=1)
        tokens = self.out(F.silu(self.hidden(seen))).unflatten(1, (self.tokens, -1))
        return torch.cat([tokens[:, :1] + word.unsqueeze(1), tokens[:, 1:]], dim=1)


class ExemplarEncoder(nn.Module):
    """Latents of a subject picture to the tokens that attention looks at."""

    def __init__(self, channels: int, width: int):
        super().__init__()
        self.conv_in = nn.Conv2d(channels, width, 3, padding=1)
        self.place = nn.Linear(16, width)
        self.norm = Norm(width)
        self.attention = Attention(width, 4)
        self.feed_forward = FeedForward(width, 2)
        self.norm_out = Norm(width)

    def forward(self, exemplar: Tensor) -> Tensor:
        """`[B, C, h, w]` to `[B, h * w, E]`."""
        h = self.conv_in(exemplar).flatten(2).transpose(1, 2) + self.place(grid_waves(*exemplar.shape[-2:]))
        normal = self.norm(h)
        h = h + self.attention(normal, self.attention.keys_values(normal))
        return self.norm_out(self.feed_forward(h))


class LooksAtSubject(nn.Module):
    """A block of the base, then attention of every cell to the exemplar."""

    def __init__(self, block: Mixer | CellAttention, width: int, heads: int, exemplar_width: int):
        super().__init__()
        self.block = block
        self.norm = Norm(width)
        self.attention = Attention(width, heads, exemplar_width)
        self.attention.out = nn.Linear(width, width, bias=False)  # so that tokens of zeros change nothing, to the bit
        nn.init.zeros_(self.attention.out.weight)

    def forward(self, x: Tensor, scope: Scope) -> Tensor:
        """`x` `[B * F, C, h, w]`."""
        x = self.block(x, scope)
        tokens = self.norm(scope.to_tokens(x))
        found = self.attention(tokens.flatten(1, 2), self.attention.keys_values(scope.exemplar)).view_as(tokens)
        return x + scope.to_pictures(found, x)


class SubjectDenoiser(nn.Module):
    """Noisy latents, words with the subject's tokens, and the subject's latents to a prediction (v)."""

    def __init__(self, config: SubjectConfig, base: Denoiser | None = None):
        """`base`: weights to start from, taken over and frozen."""
        super().__init__()
        self.config = config.base
        self.exemplar = ExemplarEncoder(config.base.out_channels, config.exemplar_width)
        base = base or Denoiser(config.base)
        base.requires_grad_(False)
        (fine, coarse), (few, many) = config.base.widths, config.base.heads
        width = config.exemplar_width
        base.fine_frames_down = LooksAtSubject(base.fine_frames_down, fine, few, width)
        base.mixers_down = nn.ModuleList(LooksAtSubject(mixer, coarse, many, width) for mixer in base.mixers_down)
        base.mixer_middle = LooksAtSubject(base.mixer_middle, coarse, many, width)
        base.mixer_up = LooksAtSubject(base.mixer_up, coarse, many, width)
        base.fine_frames_up = LooksAtSubject(base.fine_frames_up, fine, few, width)
        self.denoiser = base

    def forward(
        self,
        sample: Tensor,
        timestep: Tensor,
        context: Tensor,
        freeu: Tensor | None = None,
        windows: Tensor | None = None,
        window_weights: Tensor | None = None,
        exemplar: Tensor | None = None,
        has_exemplar: Tensor | None = None,
        times: Tensor | None = None,
    ) -> Tensor:
        """As `Denoiser.forward`; `exemplar` `[B, C, h, w]`, `has_exemplar` `[B]`: 1, or 0 for the prediction without the subject."""
        tokens = self.exemplar(exemplar) * has_exemplar[:, None, None]
        return self.denoiser(sample, timestep, context, freeu, windows, window_weights, times, tokens)
