"""Blocks of the inflated Stable Diffusion U-Net: pictures are `[B * F, C, h, w]`, attribute names those of the checkpoints.

Sources: Rombach et al. 2022, arXiv 2112.10752, section 3; reference Vchitect/LaVie@6ce851e, `base/models/resnet.py` and `vsr/models/resnet.py`.
"""

import torch.nn.functional as F
from torch import Tensor, nn

GROUPS = 32


def to_video(x: Tensor, frames: int) -> Tensor:
    """`[B * F, C, h, w]` to `[B, C, F, h, w]`."""
    return x.unflatten(0, (-1, frames)).transpose(1, 2)


def to_pictures(x: Tensor) -> Tensor:
    """`[B, C, F, h, w]` to `[B * F, C, h, w]`."""
    return x.transpose(1, 2).flatten(0, 1)


class TimeEmbedding(nn.Module):
    """Waves of the timestep, `[B, width_in]` to `[B, width]`."""

    def __init__(self, width_in: int, width: int):
        super().__init__()
        self.linear_1 = nn.Linear(width_in, width)
        self.linear_2 = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear_2(F.silu(self.linear_1(x)))


class ResnetBlock(nn.Module):
    """Two convolutions frame by frame, with statistics of the norms over all frames of a clip."""

    def __init__(self, width_in: int, width: int, embedding: int, eps: float = 1e-5):
        super().__init__()
        self.norm1 = nn.GroupNorm(GROUPS, width_in, eps)
        self.conv1 = nn.Conv2d(width_in, width, 3, padding=1)
        self.time_emb_proj = nn.Linear(embedding, width)
        self.norm2 = nn.GroupNorm(GROUPS, width, eps)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)
        self.conv_shortcut = nn.Conv2d(width_in, width, 1) if width_in != width else None

    def forward(self, x: Tensor, embedding: Tensor, frames: int) -> Tensor:
        """`x` `[B * F, Cin, h, w]`, `embedding` `[B, E]`."""
        h = self.conv1(to_pictures(F.silu(self.norm1(to_video(x, frames)))))
        h = to_video(h, frames) + self.time_emb_proj(F.silu(embedding))[:, :, None, None, None]
        h = self.conv2(to_pictures(F.silu(self.norm2(h))))
        return (x if self.conv_shortcut is None else self.conv_shortcut(x)) + h


class FrameResnetBlock(nn.Module):
    """Two convolutions along time, the first over `length` frames, the second over three."""

    def __init__(self, width: int, length: int, embedding: int | None, eps: float = 1e-6):
        super().__init__()
        self.norm1 = nn.GroupNorm(GROUPS, width, eps)
        self.conv1 = nn.Conv3d(width, width, (length, 1, 1), padding=(length // 2, 0, 0))
        self.time_emb_proj = nn.Linear(embedding, width) if embedding else None
        self.norm2 = nn.GroupNorm(GROUPS, width, eps)
        self.conv2 = nn.Conv3d(width, width, (3, 1, 1), padding=(1, 0, 0))

    def forward(self, x: Tensor, embedding: Tensor | None, frames: int) -> Tensor:
        """`x` `[B * F, C, h, w]`, `embedding` `[B, E]` if the block was made with one."""
        video = to_video(x, frames)
        h = self.conv1(F.silu(self.norm1(video)))
        if self.time_emb_proj is not None:
            h = h + self.time_emb_proj(F.silu(embedding))[:, :, None, None, None]
        return to_pictures(video + self.conv2(F.silu(self.norm2(h))))


class Downsample(nn.Module):
    """Half the size, rounded up."""

    def __init__(self, width: int):
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, stride=2, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


class Upsample(nn.Module):
    """To the size of `like`, which is twice the size or one less: nearest neighbour, which then is doubling and cutting."""

    def __init__(self, width: int):
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: Tensor, like: Tensor) -> Tensor:
        return self.conv(F.interpolate(x, scale_factor=2.0, mode="nearest")[:, :, : like.shape[2], : like.shape[3]])


class Gate(nn.Module):
    """Half of a projection times the GELU of the other half (Shazeer 2020, arXiv 2002.05202, equation 6)."""

    def __init__(self, width_in: int, width: int):
        super().__init__()
        self.proj = nn.Linear(width_in, 2 * width)

    def forward(self, x: Tensor) -> Tensor:
        h, half = self.proj(x), self.proj.out_features // 2  # slices, for a graph's split into a sequence has no CUDA kernel
        return h[..., :half] * F.gelu(h[..., half:])


class FeedForward(nn.Module):
    """Four times wider and back; no norm in front, no residual."""

    def __init__(self, width: int):
        super().__init__()
        self.net = nn.ModuleList([Gate(width, 4 * width), nn.Identity(), nn.Linear(4 * width, width)])

    def forward(self, x: Tensor) -> Tensor:
        return self.net[2](self.net[0](x))
