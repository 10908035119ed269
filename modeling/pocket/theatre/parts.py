"""The layers of a picture, ready to be moved: what shows of a layer is taken from the picture, what is hidden from its backdrop."""

from dataclasses import dataclass, fields

import torch
import torch.nn.functional as F
from torch import Tensor

from modeling.pocket.theatre.backdrops import PLACES, SKIES
from modeling.pocket.theatre.stage import Stage, cover, relit

_LEAST = 0.45  #: the colour of a spot of which less is covered comes from its neighbours
_AROUND = 7  #: spots a side over which a layer is spread out beyond its edge, three times
_DARKEST = 0.6
_FAINT = 0.02  #: a shadow
_DEEP = 1.7  #: an object reaches so many deviations below its middle


@dataclass(frozen=True)
class Parts:
    """Inks `[N, INK, H, W]`, what they cover `[N, 1, H, W]`, and what is known of each picture, `[N, ...]`."""

    whole: Tensor
    plate: Tensor
    sky: Tensor
    air: Tensor
    land: Tensor
    thing: Tensor
    thing_cover: Tensor
    shadow: Tensor
    land_cover: Tensor
    clouds: Tensor
    disc: Tensor
    box: Tensor  #: middle of the object (x, y), its deviation in both directions, middle of its shadow
    sky_is: Tensor
    place_is: Tensor
    tint: Tensor
    camera: Tensor

    def each(self, frames: int) -> "Parts":
        """Once for each of the frames of a clip."""
        return Parts(*(getattr(self, f.name).unsqueeze(1).expand(-1, frames, *getattr(self, f.name).shape[1:]).flatten(0, 1) for f in fields(self)))

    def halves(self, first: int) -> tuple["Parts", "Parts"]:
        """Of the first so many pictures, and of the others."""
        both = [[getattr(self, f.name)[k] for f in fields(self)] for k in (slice(None, first), slice(first, None))]
        return Parts(*both[0]), Parts(*both[1])


def part_picture(ink: Tensor, behind: tuple[Tensor, Tensor, Tensor], covers: Tensor, told: Tensor, stage: Stage) -> Parts:
    """Of pictures `ink` `[N, INK, H, W]`; `behind`: ink of their backdrops, of the sky in these, of the air; `covers` `[N, 5, H, W]` of object,
    shadow, land, clouds and disc, 0..1; `told` as `Backdrops` does.
    """
    thing, shadow, land, clouds, disc = (covers[:, k : k + 1] for k in range(5))
    before_sky = torch.maximum(thing, land)
    before_air = torch.maximum(before_sky, torch.maximum(clouds, disc))
    bare = relit(ink, 1 / (1 - shadow.clamp(max=_DARKEST)))
    plate = cover(bare, behind[0], _grown(torch.maximum(thing, shadow)))
    sky, air = cover(ink, behind[1], _grown(before_sky)), cover(ink, behind[2], _grown(before_air))
    return Parts(
        whole=ink,
        plate=plate,
        sky=sky,
        air=air,
        land=_alone(plate, sky, land),
        thing=_alone(ink, relit(plate, 1 - shadow), thing),
        thing_cover=thing,
        shadow=shadow,
        land_cover=land,
        clouds=clouds,
        disc=disc,
        box=_box(thing, shadow, stage),
        sky_is=told[:, :SKIES],
        place_is=told[:, SKIES : SKIES + PLACES],
        tint=told[:, SKIES + PLACES : -1].clamp(min=0.2),
        camera=told[:, -1:],
    )


def _grown(alpha: Tensor) -> Tensor:
    """And a little around, full where anything is covered."""
    return (F.max_pool2d(alpha, 3, 1, 1) * 3 - 0.15).clamp(0, 1)


def _alone(ink: Tensor, behind: Tensor, alpha: Tensor) -> Tensor:
    """The ink of a layer by itself: without what shows through it at its edge, and spread out beyond it."""
    own = behind + (ink - behind) / alpha.clamp(min=_LEAST)
    sure = ((alpha - 0.4) * 4).clamp(0, 1)
    for _ in range(3):
        spread, there = (F.avg_pool2d(k, _AROUND, 1, _AROUND // 2) for k in (own * sure, sure))
        own, sure = cover(spread / (there + 1e-4), own, sure), torch.maximum(sure, (there * 50).clamp(0, 1))
    return own


def _box(thing: Tensor, shadow: Tensor, stage: Stage) -> Tensor:
    x, y = stage.x.unsqueeze(1), stage.y.unsqueeze(1)
    sure = ((thing - 0.5) * 4 + 0.5).clamp(0, 1)
    total = sure.sum((2, 3)) + 1e-3

    def mean(values: Tensor) -> Tensor:
        return (values * sure).sum((2, 3)) / total

    cx, cy = mean(x), mean(y)
    across = mean((x - cx[..., None, None]).square()).clamp(min=1e-3).sqrt()
    up = mean((y - cy[..., None, None]).square()).clamp(min=1e-3).sqrt()
    dark = (shadow - _FAINT).clamp(min=0)
    ground = ((y * dark).sum((2, 3)) + 1e-2 * (cy - _DEEP * up)) / (dark.sum((2, 3)) + 1e-2)
    return torch.cat([cx, cy, across, up, ground], dim=1)
