"""Windows of frames that attend together (FreeNoise, Qiu et al. 2023, arXiv 2310.15169, section 3.2).

A frame's result is the weighted mean over the windows that hold it. Time enters as the index inside the window, nowhere else.
"""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Windows:
    """`index` `[n, L]` int64: the frames of each window; `fuse` `[F, n * L]`: rows that sum to one and put results together."""

    index: Tensor
    fuse: Tensor

    @staticmethod
    def of(index: Tensor, weights: Tensor, frames: int) -> "Windows":
        """From the inputs of the graph, `windows` and `window_weights` `[n, L]`."""
        owner = torch.arange(frames, device=index.device).unsqueeze(1) == index.flatten().unsqueeze(0)
        share = owner * weights.flatten()
        return Windows(index, share / share.sum(1, keepdim=True).clamp(min=1e-6))

    def gather(self, x: Tensor) -> Tensor:
        """`[B, F, ...]` to `[B * n, L, ...]`."""
        n, length = self.index.shape
        return x.index_select(1, self.index.flatten()).unflatten(1, (n, length)).flatten(0, 1)

    def scatter(self, x: Tensor) -> Tensor:
        """`[B * n, L, S, C]` to `[B, F, S, C]`."""
        n, length = self.index.shape
        _, _, cells, width = x.shape
        rows = x.reshape(-1, n * length, cells * width)
        return (self.fuse @ rows).unflatten(2, (cells, width))
