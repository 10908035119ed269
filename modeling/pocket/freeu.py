"""FreeU (Si et al. 2023, arXiv 2309.11497, section 3.2; reference ChenyangSi/FreeU@3676d36, both versions).

Where we differ: the reference filters the skip with an FFT; here the four low frequencies are written out, which every
ONNX runtime can do. Both agree to rounding. All ones give the exact identity.
"""

import math

import torch
from torch import Tensor


def freeu(backbone: Tensor, skip: Tensor, b: Tensor, s: Tensor, version: int = 2) -> tuple[Tensor, Tensor]:
    """Strengthen half of the backbone's channels by `b` and scale the lowest frequencies of the skip by `s`, both `[N, C, h, w]`.

    Version 2 strengthens where the channel mean is high, version 1 (diffusers' too) everywhere alike.
    """
    return (_strengthen(backbone, b) if version == 2 else _strengthen_evenly(backbone, b)), _scale_low(skip, s)


def _strengthen(x: Tensor, b: Tensor) -> Tensor:
    mean = x.mean(1, keepdim=True)
    low, high = mean.amin((2, 3), keepdim=True), mean.amax((2, 3), keepdim=True)
    share = (mean - low) / (high - low).clamp(min=1e-6)
    half = x.shape[1] // 2
    return torch.cat([x[:, :half] * ((b - 1) * share + 1), x[:, half:]], dim=1)


def _strengthen_evenly(x: Tensor, b: Tensor) -> Tensor:
    half = x.shape[1] // 2
    return torch.cat([x[:, :half] * b, x[:, half:]], dim=1)


def _scale_low(x: Tensor, s: Tensor) -> Tensor:
    """The 2x2 block of frequencies {0, -1} x {0, -1}, each cell of it times `s`.

    Along an axis of one cell both frequencies are the same one, so the second counts nothing there.
    """
    height, width = x.shape[-2:]
    y = torch.arange(height, device=x.device).float() * (2 * math.pi) / height
    z = torch.arange(width, device=x.device).float() * (2 * math.pi) / width
    several_rows, several_columns = y.sum().clamp(max=1), z.sum().clamp(max=1)  # 0 for one cell; the angles of two sum to more than 1
    angles = torch.stack([0 * (y[:, None] + z), -(y[:, None] + 0 * z), -(0 * y[:, None] + z), -(y[:, None] + z)]).flatten(1)
    counts = torch.stack([torch.ones_like(several_rows), several_rows, several_columns, several_rows * several_columns])
    basis = torch.cat([angles.cos(), angles.sin()])  # [8, h * w]
    flat = x.flatten(2)
    low = ((flat @ basis.T) * counts.repeat(2)) @ basis
    return x + ((s - 1) / (height * width) * low).view_as(x)
