"""Signed distances (negative inside) of flat shapes, and the coverage of a pixel. All arguments broadcast; y points up."""

import torch
from torch import Tensor


def coverage(distance: Tensor, pixel: Tensor | float) -> Tensor:
    """Share of a pixel that lies inside, for an edge at `distance`; `pixel` is the side of a pixel in the same unit."""
    return (0.5 - distance / pixel).clamp_(0, 1)


def circle(u: Tensor, v: Tensor, x: float, y: float, radius: float) -> Tensor:
    """Distance to a circle around (x, y)."""
    return torch.hypot(u - x, v - y) - radius


def ellipse(u: Tensor, v: Tensor, x: float, y: float, a: float, b: float) -> Tensor:
    """Distance to an axis-aligned ellipse with half axes a, b; exact on its edge, first order near it."""
    du, dv = (u - x) / a, (v - y) / b
    k = torch.hypot(du, dv)
    slope = torch.hypot(du / a, dv / b) / (k + 1e-6)
    return (k - 1) / (slope + 1e-6)


def box(u: Tensor, v: Tensor, x: float, y: float, half_width: float, half_height: float) -> Tensor:
    """Distance to an axis-aligned box (inner distance; outside corners measure the larger side)."""
    return torch.maximum((u - x).abs() - half_width, (v - y).abs() - half_height)


def polygon(u: Tensor, v: Tensor, *points: tuple[float, float]) -> Tensor:
    """Distance to a convex polygon whose corners run counter-clockwise."""
    distance = None
    for (x0, y0), (x1, y1) in zip(points, points[1:] + points[:1], strict=True):
        dx, dy = x1 - x0, y1 - y0
        length = (dx * dx + dy * dy) ** 0.5
        edge = (u - x0) * (dy / length) - (v - y0) * (dx / length)
        distance = edge if distance is None else torch.maximum(distance, edge)
    return distance


def capsule(u: Tensor, v: Tensor, x0: float, y0: float, x1: float, y1: float, radius: float) -> Tensor:
    """Distance to a line from (x0, y0) to (x1, y1) with round ends."""
    dx, dy = x1 - x0, y1 - y0
    along = (((u - x0) * dx + (v - y0) * dy) / (dx * dx + dy * dy)).clamp(0, 1)
    return torch.hypot(u - x0 - along * dx, v - y0 - along * dy) - radius


def union(*distances: Tensor) -> Tensor:
    """Inside any of the shapes."""
    result = distances[0]
    for distance in distances[1:]:
        result = torch.minimum(result, distance)
    return result


def intersection(*distances: Tensor) -> Tensor:
    """Inside all of the shapes."""
    result = distances[0]
    for distance in distances[1:]:
        result = torch.maximum(result, distance)
    return result


def rotate(u: Tensor, v: Tensor, angle: Tensor) -> tuple[Tensor, Tensor]:
    """Coordinates in a frame that is turned by `angle` (radians, counter-clockwise)."""
    c, s = torch.cos(angle), torch.sin(angle)
    return u * c + v * s, v * c - u * s
