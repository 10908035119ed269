"""The sky between two skies: air takes the other's colours, discs set and rise, clouds drift out of the picture and others drift in."""

from torch import Tensor

from modeling.pocket.theatre.parts import Parts
from modeling.pocket.theatre.stage import Stage, cover, ease, mix, part, wide

_DOWN = 1.0  #: how far a disc sets
_GAP = 0.3  #: between the clouds that leave and those that come


def alike(one: Tensor, two: Tensor) -> Tensor:
    """Whether two kinds `[N, k]` are the same, 0 or 1, `[N, 1, 1, 1]`."""
    return (((one * two).sum(1) - 0.5) * 20 + 0.5).clamp(0, 1).view(-1, 1, 1, 1)


def heavens(a: Parts, b: Parts, t: Tensor, stage: Stage, side: Tensor) -> Tensor:
    """Ink of the sky at `t` `[N, 1, 1]`; `side` `[N, 1, 1]`: from where clouds come, 1 or -1."""
    share, width = ease(t), 2 * stage.half_width + _GAP
    air = mix(a.air, b.air, wide(share))
    for end, gone in ((a, part(t, 0, 0.65)), (b, 1 - part(t, 0.35, 1))):
        air = cover(air, *stage.cut_out(end.sky, end.disc, stage.x, stage.y + _DOWN * gone))
    for end, gone in ((a, share), (b, share - 1)):
        air = cover(air, *stage.cut_out(end.sky, end.clouds, stage.x + side * width * gone, stage.y))
    return mix(air, mix(a.sky, b.sky, wide(share)), alike(a.sky_is, b.sky_is))


def above(sky: Tensor, up: Tensor, stage: Stage) -> Tensor:
    """A sky from which the camera looks `up` `[N, 1, 1]` farther; beyond its top it has the colours of the top."""
    lifted = stage.look(sky, stage.x, stage.y + up)
    top = sky[:, :, :1].mean(3, keepdim=True)
    return mix(lifted, top, ((stage.y + up - 1) / stage.pixel + 1).clamp(0, 1).unsqueeze(1))
