"""The denoiser of LaVie base, LaVie interpolation and SEINE: the Stable Diffusion 1.4 U-Net inflated to video.

Sources: LaVie (Wang et al. 2023, arXiv 2309.15103, section 3.1; Vchitect/LaVie@6ce851e, `base/models/unet.py`,
`interpolation/models/unet.py`), SEINE (Chen et al. 2023, arXiv 2310.20700, section 3; Vchitect/SEINE@bd8d519, `models/unet.py`).

Where we differ: FreeU (by the width of the backbone, as in its reference), FreeNoise windows and a context per frame are inputs.
"""

from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from modeling.pocket.freeu import freeu as apply_freeu
from modeling.pocket.layers import waves
from modeling.pocket.windows import Windows
from modeling.published.attention import relative_buckets
from modeling.published.blocks import GROUPS, Downsample, ResnetBlock, TimeEmbedding, Upsample, to_pictures, to_video
from modeling.published.transformer import Layout, Scope, Transformer

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
    freeu: int = 2  #: version of FreeU in the graph

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


def _stage(config: VideoUnetConfig, level: int, inputs: list[int]) -> Stage:
    return Stage(config, inputs, config.widths[level], len(inputs) * config.attention[level], config.only_words[level])


def down_stages(config: VideoUnetConfig) -> nn.ModuleList:
    """The way down, each level but the last with its downsampler."""
    widths = config.widths
    stages = [_stage(config, k, [widths[max(k - 1, 0)]] + [width] * (config.layers - 1)) for k, width in enumerate(widths)]
    for stage, width in zip(stages[:-1], widths, strict=False):
        stage.downsamplers = nn.ModuleList([Downsample(width)])
    return nn.ModuleList(stages)


def up_stages(config: VideoUnetConfig) -> nn.ModuleList:
    """The way up, coarsest level first, each but the last with its upsampler."""
    widths = config.widths
    stages = []
    for k in reversed(range(len(widths))):
        hidden = [widths[min(k + 1, len(widths) - 1)]] + [widths[k]] * config.layers
        skips = [widths[k]] * config.layers + [widths[max(k - 1, 0)]]
        stages.append(_stage(config, k, [a + b for a, b in zip(hidden, skips, strict=True)]))
        if k > 0:
            stages[-1].upsamplers = nn.ModuleList([Upsample(widths[k])])
    return nn.ModuleList(stages)


class VideoUnet(nn.Module):
    """Noisy latents and words to a prediction, the denoiser graph of `docs/model-packages.md`."""

    def __init__(self, config: VideoUnetConfig):
        super().__init__()
        self.config = config
        widths = config.widths
        self.conv_in = nn.Conv2d(config.in_channels, widths[0], 3, padding=1)
        self.time_embedding = TimeEmbedding(widths[0], config.embedding)
        self.down_blocks = down_stages(config)
        self.mid_block = Stage(config, [widths[-1]] * 2, widths[-1], 1, only_words=False)
        self.up_blocks = up_stages(config)
        self.conv_norm_out = nn.GroupNorm(GROUPS, widths[0], NORM_EPS)
        self.conv_out = nn.Conv2d(widths[0], config.out_channels, 3, padding=1)

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
        frames attend together. The sums run in the precision of the weights.
        """
        scope = self.scope(sample, self.embed(timestep), context, windows, window_weights)
        return self.finish(self.down_and_up(self.start(sample), scope, freeu), scope)

    def embed(self, timestep: Tensor) -> Tensor:
        """`[B]` to `[B, E]`; the waves are made in float32."""
        return self.time_embedding(waves(timestep, self.config.widths[0], 1.0).to(self.conv_in.weight.dtype))

    def scope(self, sample: Tensor, embedding: Tensor, context: Tensor, windows: Tensor | None, weights: Tensor | None) -> Scope:
        """What the blocks share, in the precision of the weights."""
        frames, dtype = sample.shape[2], self.conv_in.weight.dtype
        made = None if windows is None else Windows.of(windows, weights.to(dtype), frames)
        buckets = relative_buckets(frames if windows is None else windows.shape[1], sample.device)
        return Scope(frames, embedding, context.to(dtype), made, buckets)

    def start(self, sample: Tensor) -> Tensor:
        """`[B, Cin, F, h, w]` to pictures `[B * F, C, h, w]` of the finest level."""
        return self.conv_in(to_pictures(sample.to(self.conv_in.weight.dtype)))

    def finish(self, x: Tensor, scope: Scope) -> Tensor:
        """Pictures of the finest level to the prediction `[B, C, F, h, w]`, float32."""
        x = self.conv_out(to_pictures(F.silu(self.conv_norm_out(to_video(x, scope.frames)))))
        return to_video(x, scope.frames).float()

    def down_and_up(self, x: Tensor, scope: Scope, freeu: Tensor | None) -> Tensor:
        """From the first convolution to the last norm, on pictures."""
        x, skips = self.go_down(self.down_blocks, x, scope)
        for index in range(2):
            x = self.mid_block.step(index, x, scope)
        return self.go_up(self.up_blocks, self.after(x, "mid", 0, scope), skips, scope, freeu)

    def go_down(self, stages: nn.ModuleList, x: Tensor, scope: Scope) -> tuple[Tensor, list[Tensor]]:
        """The coarsest pictures, and what the way up takes from each block, last one last."""
        skips = [x]
        for number, stage in enumerate(stages):
            for index in range(len(stage.resnets)):
                x = stage.step(index, x, scope)
                skips.append(x)
            for downsample in getattr(stage, "downsamplers", ()):
                x = downsample(x)
                skips.append(x)
            x = self.after(x, "down", number, scope)
        return x, skips

    def go_up(self, stages: nn.ModuleList, x: Tensor, skips: list[Tensor], scope: Scope, freeu: Tensor | None) -> Tensor:
        """Back to the finest level; uses up `skips`."""
        for number, stage in enumerate(stages):
            for index in range(len(stage.resnets)):
                x, skip = self._with_freeu(x, skips.pop(), freeu)
                x = stage.step(index, torch.cat([x, skip], dim=1), scope)
            for upsample in getattr(stage, "upsamplers", ()):
                x = upsample(x, skips[-1])
            x = self.after(x, "up", number, scope)
        return x

    def after(self, x: Tensor, _way: str, _number: int, _scope: Scope) -> Tensor:
        """What a family adds behind a stage (`down`, `mid` or `up`); nothing here."""
        return x

    def _with_freeu(self, x: Tensor, skip: Tensor, freeu: Tensor | None) -> tuple[Tensor, Tensor]:
        """b1 and s1 where the backbone has the coarsest width, b2 and s2 where it has that of the second level."""
        if freeu is None or x.shape[1] not in (self.config.widths[-1], self.config.widths[1]):
            return x, skip
        stage = 0 if x.shape[1] == self.config.widths[-1] else 1
        backbone, filtered = apply_freeu(x.float(), skip.float(), freeu[stage], freeu[stage + 2], self.config.freeu)
        return backbone.to(x.dtype), filtered.to(x.dtype)
