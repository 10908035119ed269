"""The denoiser of VEnhancer, versions 1 and 2: a video U-Net, and a branch like its way down that sees the frames to be enhanced.

Source: VEnhancer (He et al. 2024, arXiv 2407.07667, section 3; reference Vchitect/VEnhancer@4ece756 and, for hints by index, the August
code in ueoo/VEnhancer@f03c69c, `video_to_video/modules/unet_v2v.py`). Both versions have the same tensors.

Where we differ: hints are gathered densely and multiplied by whether a frame has one, for an exported graph cannot select frames.
The network wants `8 n + 2` rows of cells and `8 n` columns, or sides of the way down and up do not meet; other sizes are made larger by
repeating the last row and column, and what is made of those is dropped (the reference pads pixels with white).
"""

from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from modeling.pocket.layers import waves
from modeling.pocket.windows import Windows
from modeling.published.blocks import GROUPS, to_pictures, to_video
from modeling.published.enhance_blocks import Downsample, ResBlock, Scope, SpatialTransformer, TemporalTransformer, Upsample


@dataclass(frozen=True)
class EnhanceUnetConfig:
    """As published: widths of the levels from fine to coarse, and which of them have transformers."""

    channels: int = 4
    widths: tuple[int, ...] = (320, 640, 1280, 1280)
    attention: tuple[bool, ...] = (True, True, True, False)
    head_width: int = 64
    first_heads: int = 8  #: of the transformer over frames behind the first convolution
    context_width: int = 1024
    layers: int = 2

    @property
    def embedding(self) -> int:
        """Width of the time embedding."""
        return 4 * self.widths[0]


class Stage(nn.ModuleList):
    """Layers one after the other, those that need it told what the call shares."""

    def forward(self, x: Tensor, scope: Scope) -> Tensor:
        for layer in self:
            x = layer(x) if isinstance(layer, nn.Conv2d) else layer(x, scope)
        return x


class WayDown(nn.Module):
    """Time embedding, way down and middle: what the U-Net and the branch have in common."""

    def __init__(self, config: EnhanceUnetConfig):
        super().__init__()
        self.config = config
        widths, embedding = config.widths, config.embedding
        self.time_embed = nn.Sequential(nn.Linear(widths[0], embedding), nn.SiLU(), nn.Linear(embedding, embedding))
        first = TemporalTransformer(widths[0], config.first_heads, config.head_width)
        self.input_blocks = nn.ModuleList([Stage([nn.Conv2d(config.channels, widths[0], 3, padding=1), first])])
        self.skip_widths = [widths[0]]
        for level, width in enumerate(widths):
            for k in range(config.layers):
                self.input_blocks.append(self._stage(widths[max(level - 1, 0)] if k == 0 else width, level))
                self.skip_widths.append(width)
            if level + 1 < len(widths):
                self.input_blocks.append(Downsample(width))
                self.skip_widths.append(width)
        self.middle_block = self._stage(widths[-1], len(widths) - 1, attention=True)
        self.middle_block.append(ResBlock(widths[-1], widths[-1], embedding))

    def _stage(self, width_in: int, level: int, attention: bool | None = None) -> Stage:
        config, width = self.config, self.config.widths[level]
        stage = Stage([ResBlock(width_in, width, config.embedding)])
        if config.attention[level] if attention is None else attention:
            stage.append(SpatialTransformer(width, config.head_width, config.context_width))
            stage.append(TemporalTransformer(width, width // config.head_width, config.head_width))
        return stage

    def embed(self, timestep: Tensor) -> Tensor:
        """`[B]` to `[B, E]`; the waves are made in float32."""
        return self.time_embed(self._waves(timestep))

    def _waves(self, value: Tensor) -> Tensor:
        return waves(value, self.config.widths[0], 1.0).to(self.time_embed[0].weight.dtype)


class Control(WayDown):
    """The branch: what it finds in the hints is added to the skips and the middle of the U-Net."""

    def __init__(self, config: EnhanceUnetConfig):
        super().__init__(config)
        embedding = config.embedding
        self.hint_time_zero_linear = nn.Linear(embedding, embedding)
        self.scale_cond = nn.Sequential(nn.Linear(config.widths[0], embedding), nn.SiLU(), nn.Linear(embedding, embedding))
        self.zero_convs = nn.ModuleList(Stage([nn.Conv2d(width, width, 1)]) for width in self.skip_widths)
        self.middle_block_out = Stage([nn.Conv2d(config.widths[-1], config.widths[-1], 1)])
        self.input_hint_block = nn.Conv2d(config.channels, config.widths[0], 3, padding=1)

    def forward(self, sample: Tensor, timestep: Tensor, hint: Tensor, keys: Tensor, told: tuple[Tensor, Tensor], scope: Scope) -> list[Tensor]:
        """What each skip, and last the middle, gets; inputs as in `EnhanceUnet.forward`, `told` being `hint_timestep` and `scale`."""
        hint_timestep, scale = told
        has_hint = (keys >= 0).to(sample.dtype)
        about = self.hint_time_zero_linear(self.embed(hint_timestep)) + self.scale_cond(self._waves(scale))
        embedding = self.embed(timestep).unsqueeze(1) + has_hint[:, None] * about.unsqueeze(1)
        scope = Scope(scope.frames, embedding.flatten(0, 1), scope.context, scope.windows)
        shown = to_video(self.input_hint_block(to_pictures(hint)), hint.shape[2]).index_select(2, keys.clamp(min=0))
        convolution, transformer = self.input_blocks[0]
        x = convolution(to_pictures(sample)) + to_pictures(shown * has_hint[:, None, None])
        x = transformer(x, scope)
        found = [self.zero_convs[0](x, scope)]
        for block, out in zip(self.input_blocks[1:], self.zero_convs[1:], strict=True):
            x = block(x, scope)
            found.append(out(x, scope))
        return [*found, self.middle_block_out(self.middle_block(x, scope), scope)]


class EnhanceUnet(WayDown):
    """Noisy latents of enlarged frames, words and hints to a prediction (v)."""

    def __init__(self, config: EnhanceUnetConfig):
        super().__init__(config)
        widths, skips = config.widths, list(self.skip_widths)
        self.output_blocks = nn.ModuleList()
        width_in = widths[-1]
        for level in reversed(range(len(widths))):
            for _ in range(config.layers + 1):
                self.output_blocks.append(self._stage(width_in + skips.pop(), level))
                width_in = widths[level]
            if level > 0:
                self.output_blocks[-1].append(Upsample(width_in))
        self.out = nn.Sequential(nn.GroupNorm(GROUPS, widths[0]), nn.SiLU(), nn.Conv2d(widths[0], config.channels, 3, padding=1))
        self.VideoControlNet = Control(config)

    def forward(
        self,
        sample: Tensor,
        timestep: Tensor,
        context: Tensor,
        hint: Tensor,
        keys: Tensor,
        hint_timestep: Tensor,
        scale: Tensor,
        picture: Tensor | None = None,
        windows: Tensor | None = None,
        window_weights: Tensor | None = None,
    ) -> Tensor:
        """`sample` `[B, 4, F, h, w]`, `timestep` `[B]`, `context` `[B, F or 1, T, D]` to `[B, 4, F, h, w]`, float32.

        `hint` `[B, 4, K, h, w]`: latents of the plainly enlarged key frames, diffused to `hint_timestep` `[B]`. `keys` `[F]`: which hint a
        frame has, -1 for a frame without. `scale` `[B]`: by how much the frames were enlarged; the August code and later say 8 always.
        `picture` changes nothing, for cells do not know their place. The sums run in the precision of the weights.
        """
        dtype, frames, (height, width) = self.out[2].weight.dtype, sample.shape[2], sample.shape[3:]
        fusion = None if windows is None else Windows.of(windows, window_weights.to(dtype), frames)
        embedding = self.embed(timestep).unsqueeze(1).expand(-1, frames, -1).flatten(0, 1)
        scope = Scope(frames, embedding, context.to(dtype), fusion)
        sample, hint = (self._padded(each.to(dtype)) for each in (sample, hint))
        control = self.VideoControlNet(sample, timestep, hint, keys, (hint_timestep, scale), scope)
        x, skips = to_pictures(sample), []
        for block in self.input_blocks:
            x = block(x, scope)
            skips.append(x)
        x = self.middle_block(x, scope) + control.pop()
        for block in self.output_blocks:
            x = torch.cat([x, skips.pop() + control.pop()], dim=1)
            x = block(x, replace(scope, skip=skips[-1] if skips else None))
        return to_video(self.out(x), frames)[..., :height, :width].float()

    def _padded(self, x: Tensor) -> Tensor:
        """`[B, C, F, h, w]` with as many rows and columns as the network wants."""
        step = 2 ** (len(self.config.widths) - 1)
        height, width = x.shape[3:]
        rows, columns = (height + step - 3) // step * step + 2, (width + step - 1) // step * step
        x = x.index_select(3, torch.arange(rows, device=x.device).clamp(max=height - 1))
        return x.index_select(4, torch.arange(columns, device=x.device).clamp(max=width - 1))
