"""The ways from one end of a join to the other, with layers of ink. They are those of `modeling.world.ways`, in a few lines each."""

from collections.abc import Callable

import torch
from torch import Tensor

from modeling.pocket.theatre.heavens import above, alike
from modeling.pocket.theatre.parts import Parts
from modeling.pocket.theatre.stage import HORIZON, Stage, cover, ease, mix, part, relit, wide

#: Colours `[N, 3, h, w]`, 0..1, to ink.
Paper = Callable[[Tensor], Tensor]

_TALL = 0.66  #: how far any distance reaches above the horizon
_BETWEEN = 1.7  #: from the edge of one place's picture to that of the other
_SLOPE = 0.55
_NEARER, _RIM = 2.1, 0.06
_TOP = 2.6
_RADIUS = 0.26
_CREAM = (0.99, 0.96, 0.88)


def places_between(sky: Tensor, a: Parts, b: Parts, t: Tensor, stage: Stage) -> Tensor:
    """What is the same stays, in light that changes; another place pops up out of this one."""
    return mix(_pop_up(sky, a, b, t, stage), _same_place(sky, a, b, t, stage), alike(a.place_is, b.place_is))


def places_beside(sky: Tensor, a: Parts, b: Parts, t: Tensor, stage: Stage, side: Tensor) -> Tensor:
    """Both places in one picture, on which the camera goes on; `side` `[N, 1, 1]`: 1 to the right, -1 to the left."""
    border = (2 * stage.half_width + _BETWEEN) * (0.5 - ease(t))
    across = stage.x * side
    aloft = stage.inside(HORIZON - stage.y)
    picture, grounds = sky, []
    sunk = ease((across - border) / _SLOPE + 1), ease((border - across) / _SLOPE + 1)
    for end, light, x, down in zip((a, b), _lights(a, b, t), _shifts(t, stage, side), sunk, strict=True):
        ink, alpha = stage.mirrored(end.land, end.land_cover, x, stage.y + _TALL * down)
        picture = cover(picture, relit(ink, light), alpha * aloft)
        grounds.append(relit(stage.look(end.land, x, stage.y, "reflection"), light))
    line = border + 0.09 * torch.sin(3.1 * stage.y) + 0.30 * (HORIZON - stage.y)
    return cover(picture, cover(*grounds, stage.inside(line - across)), 1 - aloft)


def apart(picture: Tensor, a: Parts, b: Parts, t: Tensor, stage: Stage, side: Tensor) -> Tensor:
    """Each object where it is in its own place, which a pan passes."""
    for end, x in zip((a, b), _shifts(t, stage, side), strict=True):
        picture = relit(picture, 1 - stage.look(end.shadow, x, stage.y, "zeros"))
        picture = cover(picture, *stage.cut_out(end.thing, end.thing_cover, x, stage.y))
    return picture


def zoom(a: Parts, b: Parts, t: Tensor, stage: Stage) -> Tensor:
    """A window in the object's own shape opens in it and comes over the camera."""
    centre, opened, nearer = part(t, 0, 0.7), part(t, 0, 0.42), torch.exp(_NEARER * ease(t))
    cx, cy = (a.box[:, k].view(-1, 1, 1) for k in (0, 1))
    x, y = stage.x / nearer + cx * centre, stage.y / nearer + cy * centre
    picture = stage.look(a.whole, x, y)
    scale = opened.clamp(min=0.02) * (1 + 3 * part(t, 0.62, 1.0))
    inner = 0.80 + 0.20 * ease(t)
    new = stage.look(b.whole, stage.x / inner, stage.y / inner, "reflection")
    tops = (a.thing_cover * a.thing).sum((2, 3), keepdim=True) / (a.thing_cover.sum((2, 3), keepdim=True) + 1e-3)
    rim = relit(tops, torch.full_like(a.tint, 0.42)[..., None, None])
    for ink, size in ((rim, scale * (1 + _RIM)), (new, scale)):
        steep = wide(nearer * size.clamp(max=1.0)).clamp(min=1)
        shape = stage.look(a.thing_cover, cx + (x - cx) / size, cy + (y - cy) / size, "zeros")
        picture = cover(picture, ink, ((shape - 0.5) * steep + 0.5).clamp(0, 1) * (wide(opened) > 0))
    return picture


def rise(sky: Tensor, a: Parts, b: Parts, t: Tensor, stage: Stage, paper: Paper) -> Tensor:
    """Up above the clouds and down elsewhere; `sky` is that of the middle of the way, seen from the ground."""
    half = (t < 0.5).float()
    height = _TOP * ease(torch.minimum(2 * t, 2 - 2 * t))
    share = part(t, 0.22, 0.78)
    picture = above(sky, 0.42 * height, stage)
    light = mix(a.tint, b.tint, share[:, :, 0])[..., None, None]
    for end, there in ((a, half), (b, 1 - half)):
        y = stage.y + height
        for layer, alpha in ((end.land, end.land_cover), (end.thing, end.thing_cover)):
            ink, seen = stage.cut_out(layer, alpha, stage.x, y)
            picture = cover(picture, ink, seen * wide(there))
    for back in (True, False):
        level = (2.10 if back else 2.30) - (1.0 if back else 1.16) * height
        inside = _puffs(stage.x + (0.31 if back else 0.0), stage.y - level, *((0.62, 0.36, 0.22, 3.1) if back else (0.78, 0.45, 0.26, 0.7)))
        white = (0.25 + 0.75 * light) * (0.86 if back else 1.0)
        belly = wide((level + 0.20 - stage.y).clamp(0, 1)) * 0.25
        picture = cover(picture, paper(white * (1 - belly)), stage.inside(inside))
    return picture


def page(a: Parts, b: Parts, t: Tensor, stage: Stage, paper: Paper) -> Tensor:
    """The first picture is a page that rolls over a cylinder to the left; the second lies below."""
    slant = 0.22 * (1 - t)
    nx, ny = torch.cos(slant), -torch.sin(slant)
    reach = stage.half_width * nx + ny.abs()
    ahead = nx * stage.x + ny * stage.y - mix(reach + 0.02, -reach - _RADIUS - 0.25, ease(t) * 0.65 + t * 0.35)
    angle, flat = arcsine((ahead / _RADIUS).clamp(0, 1)), (ahead < 0).float()
    over = mix(_RADIUS * (torch.pi - angle), torch.pi * _RADIUS - ahead, flat) - ahead
    under = (_RADIUS * angle - ahead) * (1 - flat)

    def edge(shift: Tensor) -> Tensor:
        return torch.maximum((stage.x + nx * shift).abs() - stage.half_width, (stage.y + ny * shift).abs() - 1)

    below = relit(b.whole, 1 - wide((1 - (ahead - _RADIUS * 0.8) / 0.5).clamp(0, 1) * 0.35))
    printed = stage.look(a.whole, stage.x + nx * under, stage.y + ny * under)
    printed = relit(printed, 1 - wide(0.35 * (angle / (torch.pi / 2)) ** 2))
    picture = cover(below, printed, stage.inside(torch.maximum(edge(under) - 1e-3, ahead - _RADIUS)))
    back = torch.maximum(edge(over), ahead - _RADIUS)
    cast = (1 - back.clamp(min=0) / 0.16).clamp(0, 1) * (ahead < _RADIUS * 0.5).float() * 0.28
    picture = relit(picture, 1 - wide(cast) * (1 - stage.inside(back)))
    shade = mix(torch.sin(angle), (1 + ahead / 0.9).clamp(0, 1) * 0.35, flat)
    cream = torch.tensor(_CREAM, device=t.device).view(1, 3, 1, 1)
    return cover(picture, paper(cream * (1 - 0.30 * wide(shade))), stage.inside(back))


def arcsine(x: Tensor) -> Tensor:
    """Of 0..1, within 7e-5 (Abramowitz and Stegun 1964, 4.4.45): ONNX Runtime has no kernel of it for GPUs."""
    return torch.pi / 2 - (1 - x).sqrt() * (1.5707288 + x * (-0.2121144 + x * (0.0742610 - 0.0187293 * x)))


def _lights(a: Parts, b: Parts, t: Tensor) -> tuple[Tensor, Tensor]:
    """What to multiply the land of both ends by, `[N, 3, 1, 1]`."""
    now = mix(a.tint, b.tint, ease(t)[:, :, 0])
    return (now / a.tint)[..., None, None], (now / b.tint)[..., None, None]


def _same_place(sky: Tensor, a: Parts, b: Parts, t: Tensor, stage: Stage) -> Tensor:
    """Land that stays, in light that changes; the camera may go on."""
    cameras = [end.camera.view(-1, 1, 1) for end in (a, b)]
    now = mix(*cameras, ease(t))
    near = (stage.y < HORIZON).float()
    inks, covers = [], []
    for end, camera in zip((a, b), cameras, strict=True):
        moved = (now - camera) * (0.35 + 0.65 * near)
        moved = moved * (moved.abs() > 0.05).float()
        ink, alpha = stage.mirrored(end.land, end.land_cover, stage.x + moved, stage.y)
        inks.append(ink)
        covers.append(alpha)
    return cover(sky, mix(*inks, wide(ease(t))), mix(*covers, wide(ease(t))))


def _pop_up(sky: Tensor, a: Parts, b: Parts, t: Tensor, stage: Stage) -> Tensor:
    wave = (stage.x + 1.8) / 3.6
    aloft = stage.inside(HORIZON - stage.y)
    picture, (one, two) = sky, _lights(a, b, t)
    for end, light, sunk in ((a, one, ease(t * 2.6 - wave)), (b, two, 1 - ease((t - 0.42) * 2.6 - 0.5 * wave))):
        ink, alpha = stage.cut_out(end.land, end.land_cover, stage.x, stage.y + _TALL * sunk)
        picture = cover(picture, relit(ink, light), alpha * aloft)
    picture = cover(picture, relit(a.land, one), a.land_cover * (1 - aloft))
    edge = -1.12 + (1.12 + HORIZON + 0.06) * part(t, 0.12, 0.80)
    inside = stage.y - edge - 0.05 * torch.sin(2.2 * stage.x + 5 * t) * (1 - part(t, 0.6, 0.8))
    shadow = (1 - (inside / 0.05).clamp(0, 1)) * (inside > 0).float() * 0.16
    picture = relit(picture, 1 - wide(shadow) * (1 - aloft))
    return cover(picture, relit(b.land, two), stage.inside(inside) * b.land_cover * (1 - aloft))


def _shifts(t: Tensor, stage: Stage, side: Tensor) -> tuple[Tensor, Tensor]:
    """Where on each end's picture a pan looks."""
    width = 2 * stage.half_width + _BETWEEN
    gone = width * ease(t)
    return stage.x + side * gone, stage.x + side * (gone - width)


def _puffs(x: Tensor, y: Tensor, period: float, reach: float, tall: float, seed: float) -> Tensor:
    """Distance to a row of upright capsules, one in each `period`, each a little different."""
    cell, inside = (x / period).floor(), None
    for step in (-1, 0, 1):
        k = cell + step
        high, wider = (_fraction(torch.sin(k * wave + seed) * 43758.5453).abs() for wave in (12.9898, 78.233))
        upright = ((y + 0.5 * reach - 0.14 * high).abs() - tall - 0.05 * wider).clamp(min=0)
        puff = ((x - (k + 0.5) * period).square() + upright.square()).sqrt() - reach * (0.85 + 0.3 * wider)
        inside = puff if inside is None else torch.minimum(inside, puff)
    return inside


def _fraction(x: Tensor) -> Tensor:
    return x - torch.trunc(x)
