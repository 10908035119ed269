"""How near a picture comes to the true one at edges: the steepest slopes of the true picture, and what lies around them."""

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor

EDGES = 0.01  #: share of the true picture's pixels, those of the steepest slopes, that count as edges
NEAR = 9  #: side of the square around an edge in which a picture may have its own


@dataclass(frozen=True)
class Edges:
    """Edges of a true picture `[H, W]`: where they are, the pixels `near` them, and how steep the picture is."""

    at: Tensor
    near: Tensor
    slopes: Tensor

    @staticmethod
    def of(true: Tensor) -> "Edges":
        """`true` `[H, W]`."""
        slopes = slope(true)
        at = slopes >= slopes.flatten()[::97].quantile(1 - EDGES)
        return Edges(at, _widest(at.float()) > 0, slopes)

    def steepness(self, made: Tensor) -> tuple[float, float]:
        """Means of the steepest slope of `made` near the edges, and of the true slope there."""
        return _widest(slope(made))[self.at].mean().item(), self.slopes[self.at].mean().item()


def steepness(made: Tensor, true: Tensor) -> float:
    """How steep edges are beside the true ones (1); frames `[N, 3, H, W]`, steep pictures weigh more."""
    pairs = [Edges.of(t).steepness(m) for m, t in zip(made.mean(1), true.mean(1), strict=True)]
    return sum(own for own, _ in pairs) / sum(right for _, right in pairs)


def slope(picture: Tensor) -> Tensor:
    """Size of the gradient, `[H, W]`, by differences to the next pixel."""
    down, right = F.pad(picture.diff(dim=0), (0, 0, 0, 1)), F.pad(picture.diff(dim=1), (0, 1))
    return (down.square() + right.square()).sqrt()


def _widest(picture: Tensor) -> Tensor:
    """The largest value in the square around each pixel of `[H, W]`."""
    return F.max_pool2d(picture[None, None], NEAR, stride=1, padding=NEAR // 2)[0, 0]
