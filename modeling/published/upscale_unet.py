"""The denoiser of LaVie VSR: the Stable Diffusion x4 upscaler inflated to video, with residual blocks along time behind every stage.

Source: LaVie (Wang et al. 2023, arXiv 2309.15103, section 3.3; Vchitect/LaVie@6ce851e, `vsr/models/unet.py` and `temporal_module.py`, as
configured in `vsr/configs/unet_3d_config.json`).

Where we differ: the low-resolution frames come as channels 4-6 of `sample`, as in every other denoiser graph.
"""

from dataclasses import dataclass

from torch import Tensor, nn

from modeling.published.attention import Rotary
from modeling.published.blocks import FrameResnetBlock, ResnetBlock
from modeling.published.transformer import Layout, Scope
from modeling.published.video_unet import VideoUnet, VideoUnetConfig

_MODULE_EPS = 1e-6  #: of the norms in the modules behind the stages


@dataclass(frozen=True)
class UpscaleUnetConfig(VideoUnetConfig):
    """As published: no transformers at the finest level, and self-attention only at the coarsest one and in the middle."""

    in_channels: int = 7
    widths: tuple[int, ...] = (256, 512, 512, 1024)
    attention: tuple[bool, ...] = (False, True, True, True)
    only_words: tuple[bool, ...] = (True, True, True, False)
    context_width: int = 1024
    layout: Layout = Layout(linear=True, frame_convolution=True, temporal_name="temporal")
    noise_levels: int = 1000


class TemporalModule(nn.Module):
    """A residual block along time, one in space, and a 1x1 convolution that starts at nothing; with its residual."""

    def __init__(self, width: int, embedding: int):
        super().__init__()
        self.resblocks_3d_t = FrameResnetBlock(width, 5, embedding, _MODULE_EPS)
        self.resblocks_3d_s = ResnetBlock(width, width, embedding, _MODULE_EPS)
        self.shift_conv = nn.Conv2d(width, width, 1)
        nn.init.zeros_(self.shift_conv.weight)
        nn.init.zeros_(self.shift_conv.bias)

    def forward(self, x: Tensor, scope: Scope) -> Tensor:
        """`x` `[B * F, C, h, w]`."""
        h = self.resblocks_3d_t(x, scope.embedding, scope.frames)
        return x + self.shift_conv(self.resblocks_3d_s(h, scope.embedding, scope.frames))


class UpscaleUnet(VideoUnet):
    """Noisy latents beside low-resolution frames of the same size, words and a noise level to a prediction (v)."""

    def __init__(self, config: UpscaleUnetConfig):
        super().__init__(config)
        self.class_embedding = nn.Embedding(config.noise_levels, config.embedding)
        self.temporal_rotary_emb = Rotary()  # in the checkpoint, beside the copies that the transformers hold
        self.down_temporal_blocks = nn.ModuleList(TemporalModule(width, config.embedding) for width in config.widths)
        self.mid_temporal_block = TemporalModule(config.widths[-1], config.embedding)
        self.up_temporal_blocks = nn.ModuleList(TemporalModule(width, config.embedding) for width in reversed(config.widths))

    def forward(
        self,
        sample: Tensor,
        timestep: Tensor,
        context: Tensor,
        noise_level: Tensor,
        freeu: Tensor | None = None,
        windows: Tensor | None = None,
        window_weights: Tensor | None = None,
    ) -> Tensor:
        """As `VideoUnet.forward`; `sample` `[B, 4 + 3, F, h, w]`, `noise_level` `[B]` int64, that of the low-resolution frames (0-350)."""
        embedding = self.embed(timestep) + self.class_embedding(noise_level)
        scope = self.scope(sample, embedding, context, windows, window_weights)
        return self.finish(self.down_and_up(self.start(sample), scope, freeu), scope)

    def after(self, x: Tensor, way: str, number: int, scope: Scope) -> Tensor:
        """The temporal module of the stage."""
        if way == "mid":
            return self.mid_temporal_block(x, scope)
        return (self.down_temporal_blocks if way == "down" else self.up_temporal_blocks)[number](x, scope)
