"""Upscaler to any size: features at the small size, resized as a field, then painted at a quarter of the large size.

The resized features are smooth, and a level line of a smooth field is a sharp edge anywhere between pixels: that is how
edges stay crisp at fifteen times the size. The network writes luma and half-size chroma directly, which is what a video
encoder eats, so no convolution and no colour conversion runs at the full size.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from modeling.pocket.autoencoder import Residual

CELL = 4  #: side of the square of pixels that one position of the painting grid fills
LUMA = (0.2126, 0.7152, 0.0722)  #: ITU-R BT.709, table 3


@dataclass(frozen=True)
class UpscalerConfig:
    """Channels of body and head, and residual blocks of the body."""

    width: int = 32
    blocks: int = 4


class Upscaler(nn.Module):
    """Frames `[N, 3, h, w]` in -1..1 to planes: luma `[N, H, W]` in 0..1, chroma `[N, 2, H/2, W/2]` in -0.5..0.5."""

    def __init__(self, config: UpscalerConfig):
        super().__init__()
        width = config.width
        self.body = nn.Sequential(
            nn.Conv2d(3, width, 3, padding=1),
            *(Residual(width) for _ in range(config.blocks)),
            nn.Conv2d(width, width, 3, padding=1),
        )
        self.zoom = nn.Linear(1, width)
        self.head = nn.Sequential(
            nn.SiLU(),
            nn.Conv2d(width, width, 1),
            nn.SiLU(),
            nn.Conv2d(width, width, 3, padding=1),
            nn.SiLU(),
            nn.Conv2d(width, CELL * CELL * 3 // 2, 3, padding=1),
        )

    def features(self, frames: Tensor) -> Tensor:
        """`[N, width, h, w]` at the small size."""
        return self.body(frames)

    def paint(self, field: Tensor, zoom: Tensor) -> tuple[Tensor, Tensor]:
        """Features on the painting grid `[N, width, H/4, W/4]` to planes; `zoom` `[]` is the factor between the sizes."""
        scale = self.zoom((zoom.log2() / 4).view(1, 1)).view(1, -1, 1, 1)
        cells = self.head(field + scale)
        luma, chroma = cells.split((CELL * CELL, CELL * CELL // 2), dim=1)
        return F.pixel_shuffle(luma, CELL).squeeze(1) + 0.5, F.pixel_shuffle(chroma, CELL // 2)

    def forward(self, frames: Tensor, size: Tensor) -> tuple[Tensor, Tensor]:
        """`size` `[2]` int64 is (H, W), both even; a last cell that does not fit is cut."""
        height, width = size[0], size[1]
        grid = ((height + CELL - 1) // CELL, (width + CELL - 1) // CELL)
        field = F.interpolate(self.features(frames), size=grid, mode="bilinear", align_corners=False)
        luma, chroma = self.paint(field, height.float() / frames.shape[-2])
        return luma[:, :height, :width], chroma[..., : height // 2, : width // 2]


class PlaneWriter(nn.Module):
    """The exported graph: an upscaler, then the 8-bit limited-range codes of BT.709 (`y`, `u`, `v`, uint8)."""

    def __init__(self, upscaler: Upscaler):
        super().__init__()
        self.upscaler = upscaler

    def forward(self, frames: Tensor, size: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        luma, chroma = self.upscaler(frames, size)
        y = (luma * 219 + 16.5).clamp(16, 235.5).to(torch.uint8)
        c = (chroma * 224 + 128.5).clamp(16, 240.5).to(torch.uint8)
        return y, c[:, 0], c[:, 1]


def planes(frames: Tensor) -> tuple[Tensor, Tensor]:
    """RGB `[N, 3, H, W]` in 0..1 to luma `[N, H, W]` in 0..1 and chroma `[N, 2, H/2, W/2]`, averaged over 2x2 pixels."""
    red, green, blue = frames.unbind(1)
    luma = LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue
    chroma = torch.stack([(blue - luma) / (2 - 2 * LUMA[2]), (red - luma) / (2 - 2 * LUMA[0])], dim=1)
    return luma, F.avg_pool2d(chroma, 2)
