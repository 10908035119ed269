"""The first gap between known frames."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Gap:
    """The known frames around it `[B, C, h, w]`, zero if there is none; `inside` `[B, F]`, 1 for frames of it; `share` `[B, F]`: how far along."""

    before: Tensor
    after: Tensor
    inside: Tensor
    share: Tensor


def first_gap(known: Tensor, mask: Tensor) -> Gap:
    """From known latents `[B, C, F, h, w]`, 0 where unknown, and the mask `[B, 1, F, h, w]`, 0 known, 1 to be made."""
    is_known = (mask.mean((1, 3, 4)) < 0.5).float()
    passed = is_known.cumsum(1)  # known frames up to each
    ahead = is_known.sum(1, keepdim=True) - passed
    between = (1 - is_known) * (passed > 0) * (ahead > 0)
    number = torch.where(between > 0, passed, torch.full_like(passed, 1e4)).amin(1, keepdim=True)  # of known frames before the gap
    inside = between * (passed == number)
    is_before, is_after = is_known * (passed == number), is_known * (passed == number + 1)
    frame = torch.arange(mask.shape[2], device=mask.device).float()
    first, last = ((k * frame).sum(1, keepdim=True) for k in (is_before, is_after))
    share = inside * (frame - first) / (last - first).clamp(min=1)
    rows = known.flatten(3).transpose(2, 3)  # [B, C, S, F]
    before, after = ((rows * k[:, None, None]).sum(3).unflatten(2, known.shape[3:]) for k in (is_before, is_after))
    return Gap(before, after, inside, share)
