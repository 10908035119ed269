"""The image autoencoder of Stable Diffusion: eight pixels to a cell, four channels; frames are pictures of their own.

Source: Rombach et al. 2022, arXiv 2112.10752, appendix G; keys as `AutoencoderKL` of diffusers has them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor, nn

from modeling.published.attention import attend
from modeling.published.blocks import GROUPS

_EPS = 1e-6
_OLD_NAMES = {"query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0"}  #: of the attention, in older files


@dataclass(frozen=True)
class ImageAutoencoderConfig:
    """As published: widths of the levels from fine to coarse."""

    widths: tuple[int, ...] = (128, 256, 512, 512)
    latent_channels: int = 4
    layers: int = 2


class Resnet(nn.Module):
    """Two convolutions with norms in front and a residual."""

    def __init__(self, width_in: int, width: int):
        super().__init__()
        self.norm1 = nn.GroupNorm(GROUPS, width_in, _EPS)
        self.conv1 = nn.Conv2d(width_in, width, 3, padding=1)
        self.norm2 = nn.GroupNorm(GROUPS, width, _EPS)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)
        self.conv_shortcut = nn.Conv2d(width_in, width, 1) if width_in != width else None

    def forward(self, x: Tensor) -> Tensor:
        h = self.conv2(F.silu(self.norm2(self.conv1(F.silu(self.norm1(x))))))
        return h + (x if self.conv_shortcut is None else self.conv_shortcut(x))


class CellAttention(nn.Module):
    """Every cell asks all cells, with one head."""

    def __init__(self, width: int):
        super().__init__()
        self.group_norm = nn.GroupNorm(GROUPS, width, _EPS)
        self.to_q, self.to_k, self.to_v = (nn.Linear(width, width) for _ in range(3))
        self.to_out = nn.ModuleList([nn.Linear(width, width)])

    def forward(self, x: Tensor) -> Tensor:
        h = self.group_norm(x).flatten(2).transpose(1, 2)
        h = self.to_out[0](attend(self.to_q(h), self.to_k(h), self.to_v(h), 1))
        return x + h.transpose(1, 2).reshape(x.shape)


class Middle(nn.Module):
    """Residual block, attention, residual block."""

    def __init__(self, width: int):
        super().__init__()
        self.attentions = nn.ModuleList([CellAttention(width)])
        self.resnets = nn.ModuleList([Resnet(width, width), Resnet(width, width)])

    def forward(self, x: Tensor) -> Tensor:
        return self.resnets[1](self.attentions[0](self.resnets[0](x)))


class Half(nn.Module):
    """Half the size: one row and one column of zeros at the far sides, then a convolution of stride two."""

    def __init__(self, width: int):
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(F.pad(x, (0, 1, 0, 1)))


class Double(nn.Module):
    """Twice the size, nearest neighbour, then a convolution."""

    def __init__(self, width: int):
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(F.interpolate(x, scale_factor=2.0, mode="nearest"))


class Level(nn.Module):
    """Residual blocks, then the change of size if there is one."""

    def __init__(self, width_in: int, width: int, blocks: int, resize: dict[str, nn.Module]):
        super().__init__()
        self.resnets = nn.ModuleList(Resnet(width_in if k == 0 else width, width) for k in range(blocks))
        self.resize = list(resize)
        for name, module in resize.items():
            self.add_module(name, nn.ModuleList([module]))

    def forward(self, x: Tensor) -> Tensor:
        for resnet in self.resnets:
            x = resnet(x)
        for name in self.resize:
            x = self.get_submodule(name)[0](x)
        return x


class Encoder(nn.Module):
    """Pictures `[N, 3, H, W]` to mean and log-variance `[N, 2 C, H / 8, W / 8]`, before the last 1x1 convolution."""

    def __init__(self, config: ImageAutoencoderConfig):
        super().__init__()
        widths, last = config.widths, len(config.widths) - 1
        self.conv_in = nn.Conv2d(3, widths[0], 3, padding=1)
        resize = [{"downsamplers": Half(width)} if k < last else {} for k, width in enumerate(widths)]
        self.down_blocks = nn.ModuleList(Level(widths[max(k - 1, 0)], widths[k], config.layers, resize[k]) for k in range(len(widths)))
        self.mid_block = Middle(widths[-1])
        self.conv_norm_out = nn.GroupNorm(GROUPS, widths[-1], _EPS)
        self.conv_out = nn.Conv2d(widths[-1], 2 * config.latent_channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv_in(x)
        for block in self.down_blocks:
            x = block(x)
        return self.conv_out(F.silu(self.conv_norm_out(self.mid_block(x))))


class Decoder(nn.Module):
    """Latents `[N, C, h, w]` to pictures `[N, 3, 8 h, 8 w]`, after the first 1x1 convolution."""

    def __init__(self, config: ImageAutoencoderConfig):
        super().__init__()
        widths, last = config.widths[::-1], len(config.widths) - 1
        self.conv_in = nn.Conv2d(config.latent_channels, widths[0], 3, padding=1)
        self.mid_block = Middle(widths[0])
        resize = [{"upsamplers": Double(width)} if k < last else {} for k, width in enumerate(widths)]
        self.up_blocks = nn.ModuleList(Level(widths[max(k - 1, 0)], widths[k], config.layers + 1, resize[k]) for k in range(len(widths)))
        self.conv_norm_out = nn.GroupNorm(GROUPS, widths[-1], _EPS)
        self.conv_out = nn.Conv2d(widths[-1], 3, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.mid_block(self.conv_in(x))
        for block in self.up_blocks:
            x = block(x)
        return self.conv_out(F.silu(self.conv_norm_out(x)))


class ImageAutoencoder(nn.Module):
    """Both halves; `encode` gives the mean, without the scale of the manifest."""

    def __init__(self, config: ImageAutoencoderConfig):
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        self.quant_conv = nn.Conv2d(2 * config.latent_channels, 2 * config.latent_channels, 1)
        self.post_quant_conv = nn.Conv2d(config.latent_channels, config.latent_channels, 1)

    def encode(self, frames: Tensor) -> Tensor:
        """`[N, 3, H, W]` in -1..1 to latents `[N, C, H / 8, W / 8]`, float32."""
        return self.quant_conv(self.encoder(frames.to(self.quant_conv.weight.dtype)))[:, : self.config.latent_channels].float()

    def decode(self, latents: Tensor) -> Tensor:
        """The way back."""
        return self.decoder(self.post_quant_conv(latents.to(self.quant_conv.weight.dtype))).float()

    def forward(self, frames: Tensor) -> Tensor:
        """There and back."""
        return self.decode(self.encode(frames))


def current_names(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A state dict with the names that its attention had before diffusers 0.18."""
    made = {}
    for key, tensor in state.items():
        layer, old, kind = key.rpartition(".")[0].rpartition(".")[0], *key.split(".")[-2:]
        made[f"{layer}.{_OLD_NAMES[old]}.{kind}" if old in _OLD_NAMES and ".attentions." in key else key] = tensor
    return made
