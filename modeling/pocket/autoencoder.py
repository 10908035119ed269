"""Image autoencoder, sixteen pixels to a latent cell. Pixel (un)shuffle at both ends: no convolution runs at full size."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True)
class AutoencoderConfig:
    """Widths at 1/4, 1/8 and 1/16 of the picture, blocks per level, and latent channels."""

    latent_channels: int = 16
    widths: tuple[int, int, int] = (56, 112, 192)
    encoder_blocks: int = 1
    decoder_blocks: int = 2


class Residual(nn.Module):
    """x + conv(silu(conv(silu(x)))); starts as the identity."""

    def __init__(self, width: int):
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)
        nn.init.zeros_(self.second.weight)
        nn.init.zeros_(self.second.bias)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.second(F.silu(self.first(F.silu(x))))


class Encoder(nn.Module):
    """Frames `[N, 3, H, W]` in -1..1 to latents `[N, C, H/16, W/16]`, each channel of mean 0 and deviation 1 over the world."""

    def __init__(self, config: AutoencoderConfig):
        super().__init__()
        quarter, eighth, sixteenth = config.widths
        blocks = config.encoder_blocks
        self.net = nn.Sequential(
            nn.PixelUnshuffle(4),
            nn.Conv2d(48, quarter, 3, padding=1),
            *(Residual(quarter) for _ in range(blocks)),
            nn.Conv2d(quarter, eighth, 3, stride=2, padding=1),
            *(Residual(eighth) for _ in range(blocks)),
            nn.Conv2d(eighth, sixteenth, 3, stride=2, padding=1),
            *(Residual(sixteenth) for _ in range(blocks)),
            nn.SiLU(),
            nn.Conv2d(sixteenth, config.latent_channels, 3, padding=1),
        )
        self.register_buffer("mean", torch.zeros(config.latent_channels))
        self.register_buffer("deviation", torch.ones(config.latent_channels))

    def forward(self, frames: Tensor) -> Tensor:
        return (self.net(frames) - self.mean.view(1, -1, 1, 1)) / self.deviation.view(1, -1, 1, 1)


class Decoder(nn.Module):
    """Latents `[N, C, h, w]` to frames `[N, 3, 16h, 16w]` in about -1..1."""

    def __init__(self, config: AutoencoderConfig):
        super().__init__()
        quarter, eighth, sixteenth = config.widths
        blocks = config.decoder_blocks
        self.net = nn.Sequential(
            nn.Conv2d(config.latent_channels, sixteenth, 3, padding=1),
            *(Residual(sixteenth) for _ in range(blocks)),
            nn.Conv2d(sixteenth, eighth * 4, 1),
            nn.PixelShuffle(2),
            *(Residual(eighth) for _ in range(blocks)),
            nn.Conv2d(eighth, quarter * 4, 1),
            nn.PixelShuffle(2),
            *(Residual(quarter) for _ in range(blocks)),
            nn.SiLU(),
            nn.Conv2d(quarter, 48, 3, padding=1),
            nn.PixelShuffle(4),
        )
        self.register_buffer("mean", torch.zeros(config.latent_channels))
        self.register_buffer("deviation", torch.ones(config.latent_channels))

    def forward(self, latents: Tensor) -> Tensor:
        return self.net(latents * self.deviation.view(1, -1, 1, 1) + self.mean.view(1, -1, 1, 1))
