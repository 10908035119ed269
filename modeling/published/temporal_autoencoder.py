"""The autoencoder of Stable Video Diffusion: pictures are encoded one by one and decoded together, with convolutions along time.

Source: Blattmann et al. 2023, arXiv 2311.15127, appendix D (decoder) after Blattmann et al. 2023, arXiv 2304.08818, section 3.1; keys as
`AutoencoderKLTemporalDecoder` of diffusers has them. VEnhancer and Latte decode with it.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from modeling.published.blocks import GROUPS, FrameResnetBlock, to_pictures, to_video
from modeling.published.image_autoencoder import CellAttention, Double, Encoder, ImageAutoencoderConfig, Resnet

_TIME_EPS = 1e-5  #: of the norms in front of convolutions along time


class Mixer(nn.Module):
    """Share of the result that looks along time, between 0 and 1."""

    def __init__(self) -> None:
        super().__init__()
        self.mix_factor = nn.Parameter(torch.zeros(1))

    def forward(self, space: Tensor, time: Tensor) -> Tensor:
        share = torch.sigmoid(self.mix_factor)
        return share * time + (1 - share) * space


class FilmResnet(nn.Module):
    """A residual block in space, one of three frames along time behind it, and a mixture of the two results."""

    def __init__(self, width_in: int, width: int):
        super().__init__()
        self.spatial_res_block = Resnet(width_in, width)
        self.temporal_res_block = FrameResnetBlock(width, 3, None, _TIME_EPS)
        self.time_mixer = Mixer()

    def forward(self, x: Tensor, frames: int) -> Tensor:
        """`x` `[B * F, C, h, w]`."""
        x = self.spatial_res_block(x)
        return self.time_mixer(x, self.temporal_res_block(x, None, frames))


class FilmMiddle(nn.Module):
    """Residual block, attention inside the frame, then the other residual blocks."""

    def __init__(self, width: int, blocks: int):
        super().__init__()
        self.attentions = nn.ModuleList([CellAttention(width)])
        self.resnets = nn.ModuleList(FilmResnet(width, width) for _ in range(blocks))

    def forward(self, x: Tensor, frames: int) -> Tensor:
        x = self.resnets[0](x, frames)
        for attention, resnet in zip(self.attentions, self.resnets[1:], strict=False):  # as published: blocks behind a lacking attention rest
            x = resnet(attention(x), frames)
        return x


class FilmLevel(nn.Module):
    """Residual blocks, then twice the size unless it is the last level."""

    def __init__(self, width_in: int, width: int, blocks: int, last: bool):
        super().__init__()
        self.resnets = nn.ModuleList(FilmResnet(width_in if k == 0 else width, width) for k in range(blocks))
        self.upsamplers = None if last else nn.ModuleList([Double(width)])

    def forward(self, x: Tensor, frames: int) -> Tensor:
        for resnet in self.resnets:
            x = resnet(x, frames)
        return x if self.upsamplers is None else self.upsamplers[0](x)


class FilmDecoder(nn.Module):
    """Latents `[B * F, C, h, w]` to pictures `[B * F, 3, 8 h, 8 w]`."""

    def __init__(self, config: ImageAutoencoderConfig):
        super().__init__()
        widths, last = config.widths[::-1], len(config.widths) - 1
        self.conv_in = nn.Conv2d(config.latent_channels, widths[0], 3, padding=1)
        self.mid_block = FilmMiddle(widths[0], config.layers)
        made = (FilmLevel(widths[max(k - 1, 0)], widths[k], config.layers + 1, k == last) for k in range(len(widths)))
        self.up_blocks = nn.ModuleList(made)
        self.conv_norm_out = nn.GroupNorm(GROUPS, widths[-1], 1e-6)
        self.conv_out = nn.Conv2d(widths[-1], 3, 3, padding=1)
        self.time_conv_out = nn.Conv3d(3, 3, (3, 1, 1), padding=(1, 0, 0))

    def forward(self, x: Tensor, frames: int) -> Tensor:
        x = self.mid_block(self.conv_in(x), frames)
        for block in self.up_blocks:
            x = block(x, frames)
        x = self.conv_out(F.silu(self.conv_norm_out(x)))
        return to_pictures(self.time_conv_out(to_video(x, frames)))


class TemporalAutoencoder(nn.Module):
    """Both halves. All pictures of a call are frames of one clip, in order; `encode` gives the mean, without the scale of the manifest."""

    def __init__(self, config: ImageAutoencoderConfig):
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.decoder = FilmDecoder(config)
        self.quant_conv = nn.Conv2d(2 * config.latent_channels, 2 * config.latent_channels, 1)

    def encode(self, frames: Tensor) -> Tensor:
        """`[N, 3, H, W]` in -1..1 to latents `[N, C, H / 8, W / 8]`, float32."""
        return self.quant_conv(self.encoder(frames.to(self.quant_conv.weight.dtype)))[:, : self.config.latent_channels].float()

    def decode(self, latents: Tensor) -> Tensor:
        """The way back, `N` frames of one clip together."""
        return self.decoder(latents.to(self.quant_conv.weight.dtype), latents.shape[0]).float()

    def forward(self, frames: Tensor) -> Tensor:
        """There and back."""
        return self.decode(self.encode(frames))
