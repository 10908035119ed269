"""The denoiser of LaVie base, LaVie interpolation and SEINE: the Stable Diffusion 1.4 U-Net inflated to video.

Sources: LaVie (Wang et al. 2023, arXiv 2309.15103, section 3.1; Vchitect/LaVie@6ce851e, `base/models/unet.py`,
`interpolation/models/unet.py`), SEINE (Chen et al. 2023, arXiv 2310.20700, section 3; Vchitect/SEINE@bd8d519, `models/unet.py`).

Where we differ: FreeU (by the width of the backbone, as in its reference), FreeNoise windows and a context per frame are inputs.
"""

from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.families.attention import relative_buckets
from models.families.blocks import GROUPS, Downsample, ResnetBlock, TimeEmbedding, Upsample, to_pictures, to_video
from models.families.transformer import Layout, Scope, Transformer
from models.modules.freeu import freeu as apply_freeu
from models.modules.layers import waves
from models.modules.windows import Windows

NORM_EPS = 1e-5


@dataclass(frozen=True)
class VideoUnetConfig:
    """Channels in and out, the widths of the levels from fine to coarse, and which of them have transformers."""

    in_channels: int = 4
    out_channels: int = 4
    widths: tuple[int, ...] = (320, 640, 1280, 1280)
    attention: tuple[bool, ...] = (True, True, True, False)
    only_words: tuple[bool, ...] = (False, False, False, False)  #: transformers whose first attention asks the text, too
    heads: int = 8
    context_width: int = 768
    layers: int = 2
    layout: Layout = field(default_factory=Layout)

    @property
    def embedding(self) -> int:
        """Width of the time embedding."""
        return 4 * self.widths[0]


class Stage(nn.Module):
    """Residual blocks with or without transformers: one level on the way down or up, or the middle.

    `inputs`: channels that each residual block takes; it gives `width`. Transformers follow the residual blocks one by one; in the
    middle the last block has none.
    """

    def __init__(self, config: VideoUnetConfig, inputs: list[int], width: int, transformers: int, only_words: bool):
        super().__init__()
        if transformers:
            made = (Transformer(width, config.heads, config.context_width, only_words, config.layout) for _ in range(transformers))
            self.attentions = nn.ModuleList(made)
        self.resnets = nn.ModuleList(ResnetBlock(channels, width, config.embedding, NORM_EPS) for channels in inputs)

    def step(self, index: int, x: Tensor, scope: Scope) -> Tensor:
        """Residual block `index` and its transformer."""
        x = self.resnets[index](x, scope.embedding, scope.frames)
        has_transformer = index < len(getattr(self, "attentions", ()))
        return self.attentions[index](x, scope) if has_transformer else x


class VideoUnet(nn.Module):
    """Noisy latents and words to a prediction, the denoiser graph of `docs/model-packages.md`."""

    def __init__(self, config: VideoUnetConfig):
        super().__init__()
        self.config = config
        widths, layers = config.widths, config.layers
        levels = range(len(widths))
        self.conv_in = nn.Conv2d(config.in_channels, widths[0], 3, padding=1)
        self.time_embedding = TimeEmbedding(widths[0], config.embedding)
        self.down_blocks = nn.ModuleList(self._stage(k, [widths[max(k - 1, 0)]] + [widths[k]] * (layers - 1)) for k in levels)
        for k in levels[:-1]:
            self.down_blocks[k].downsamplers = nn.ModuleList([Downsample(widths[k])])
        self.mid_block = Stage(config, [widths[-1]] * 2, widths[-1], 1, only_words=False)
        self.up_blocks = nn.ModuleList(self._stage(k, self._up_inputs(k)) for k in reversed(levels))
        for k in levels[1:]:
            self.up_blocks[len(widths) - 1 - k].upsamplers = nn.ModuleList([Upsample(widths[k])])
        self.conv_norm_out = nn.GroupNorm(GROUPS, widths[0], NORM_EPS)
        self.conv_out = nn.Conv2d(widths[0], config.out_channels, 3, padding=1)

    def _stage(self, level: int, inputs: list[int]) -> Stage:
        config = self.config
        return Stage(config, inputs, config.widths[level], len(inputs) * config.attention[level], config.only_words[level])

    def _up_inputs(self, level: int) -> list[int]:
        """From below (or the block before) and from the skip: the last skip comes from the level above."""
        widths, layers = self.config.widths, self.config.layers
        below, above = widths[min(level + 1, len(widths) - 1)], widths[max(level - 1, 0)]
        hidden = [below] + [widths[level]] * layers
        skips = [widths[level]] * layers + [above]
        return [a + b for a, b in zip(hidden, skips, strict=True)]

    def forward(
        self,
        sample: Tensor,
        timestep: Tensor,
        context: Tensor,
        freeu: Tensor | None = None,
        windows: Tensor | None = None,
        window_weights: Tensor | None = None,
    ) -> Tensor:
        """`sample` `[B, Cin, F, h, w]`, `timestep` `[B]`, `context` `[B, F or 1, T, D]` to `[B, C, F, h, w]`, all float32.

        `freeu` `[4]` (b1, b2, s1, s2), `windows` and `window_weights` `[n, L]` as in `docs/model-packages.md`; without windows all
        frames attend together. Weights may be of half precision: the sums run in theirs.
        """
        scope = self.scope(sample, self.embed(timestep), context, windows, window_weights)
        x = self.down_and_up(self.conv_in(to_pictures(sample.to(scope.context.dtype))), scope, freeu)
        x = self.conv_out(to_pictures(F.silu(self.conv_norm_out(to_video(x, scope.frames)))))
        return to_video(x, scope.frames).float()

    def embed(self, timestep: Tensor) -> Tensor:
        """`[B]` to `[B, E]`; the waves are made in float32."""
        return self.time_embedding(waves(timestep, self.config.widths[0], 1.0).to(self.conv_in.weight.dtype))

    def scope(self, sample: Tensor, embedding: Tensor, context: Tensor, windows: Tensor | None, weights: Tensor | None) -> Scope:
        """What the blocks share, in the precision of the weights."""
        frames, dtype = sample.shape[2], self.conv_in.weight.dtype
        made = None if windows is None else Windows.of(windows, weights.to(dtype), frames)
        buckets = relative_buckets(frames if windows is None else windows.shape[1], sample.device)
        return Scope(frames, embedding, context.to(dtype), made, buckets)

    def down_and_up(self, x: Tensor, scope: Scope, freeu: Tensor | None) -> Tensor:
        """From the first convolution to the last norm, on pictures `[B * F, C, h, w]`."""
        skips = [x]
        for block in self.down_blocks:
            for index in range(len(block.resnets)):
                x = block.step(index, x, scope)
                skips.append(x)
            for downsample in getattr(block, "downsamplers", ()):
                x = downsample(x)
                skips.append(x)
        for index in range(2):
            x = self.mid_block.step(index, x, scope)
        for block in self.up_blocks:
            for index in range(len(block.resnets)):
                x, skip = self._with_freeu(x, skips.pop(), freeu)
                x = block.step(index, torch.cat([x, skip], dim=1), scope)
            for upsample in getattr(block, "upsamplers", ()):
                x = upsample(x, skips[-1])
        return x

    def _with_freeu(self, x: Tensor, skip: Tensor, freeu: Tensor | None) -> tuple[Tensor, Tensor]:
        """b1 and s1 where the backbone has the coarsest width, b2 and s2 where it has that of the second level."""
        if freeu is None or x.shape[1] not in (self.config.widths[-1], self.config.widths[1]):
            return x, skip
        stage = 0 if x.shape[1] == self.config.widths[-1] else 1
        backbone, filtered = apply_freeu(x.float(), skip.float(), freeu[stage], freeu[stage + 2])
        return backbone.to(x.dtype), filtered.to(x.dtype)
