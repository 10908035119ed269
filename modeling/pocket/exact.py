"""What a denoiser must say of a frame that is known, so that sampling keeps it.

Notation: z noisy latents, x0 clean, alpha and sigma of the schedule, v = alpha * noise - sigma * x0.
"""

import torch
from torch import Tensor


def exact_v(noisy: Tensor, x0: Tensor, timestep: Tensor, shift: float, train_steps: int) -> Tensor:
    """v = (alpha z - x0) / sigma of `[B, C, F, h, w]` at `timestep` `[B]`, on the shifted cosine schedule of `docs/model-packages.md`."""
    angle = torch.pi / 2 * (timestep.float() + 1) / train_steps
    cosine, sine = angle.cos(), shift * angle.sin()
    length = (cosine.square() + sine.square()).sqrt()
    alpha, sigma = (part.view(-1, 1, 1, 1, 1) for part in (cosine / length, sine / length))
    return (alpha * noisy - x0) / sigma
