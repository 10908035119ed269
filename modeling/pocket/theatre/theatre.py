"""Frames between two known ones, played with paper layers."""

import torch
from torch import Tensor, nn

from modeling.pocket.ink import COLOURS, INK, Ink
from modeling.pocket.theatre.actor import play_actor
from modeling.pocket.theatre.backdrops import BEHIND, Backdrops
from modeling.pocket.theatre.cutter import Cutter
from modeling.pocket.theatre.director import WAYS, Director, describe
from modeling.pocket.theatre.heavens import alike, heavens
from modeling.pocket.theatre.parts import Parts, part_picture
from modeling.pocket.theatre.stage import Stage, part
from modeling.pocket.theatre.ways import Paper, apart, page, places_beside, places_between, rise, zoom

_SURE = 1e4
_OTHER = 1e3  #: a shot has one place and one sky
_STEEP = 1.5  #: marks of objects are made surer by this


class Theatre(nn.Module):
    """Cuts both ends, asks for the way, moves the layers, and gathers latents."""

    def __init__(self, channels: int, context_width: int):
        super().__init__()
        self.ink, self.backdrops, self.cutter, self.director = Ink(channels), Backdrops(channels), Cutter(), Director(channels, context_width)
        self.paper = nn.Conv2d(COLOURS, INK, 1)  # ink of a plain colour

    def forward(self, before: Tensor, after: Tensor, share: Tensor, words: Tensor) -> tuple[Tensor, Tensor]:
        """Ends `[B, C, h, w]`, `share` `[B, F]` 0..1 of the way, `words` `[B, D]`: latents `[B, C, F, h, w]`, and whether they are to be taken `[B]`,
        0 or 1: not of a shot, nor where a backdrop is none of ours.
        """
        clips, frames = share.shape
        parts, described, owned = self.cut(torch.cat([before, after]))
        a, b = parts.halves(clips)
        marks, right = self.director(words, described[:clips], described[clips:])
        same = alike(a.sky_is, b.sky_is) * alike(a.place_is, b.place_is)
        marks = torch.cat([marks[:, :-1], marks[:, -1:] - _OTHER * (1 - same.flatten(1))], dim=1)
        taken = ((marks - marks.amax(1, keepdim=True)) * _SURE).softmax(1)
        side = torch.where(right > 0, 1.0, -1.0)

        def each(x: Tensor) -> Tensor:
            return x.unsqueeze(1).expand(-1, frames, *x.shape[1:]).flatten(0, 1)

        rows, columns = before.shape[-2] * 4, before.shape[-1] * 4
        stage = Stage(rows, columns, before.device)
        made = play(a.each(frames), b.each(frames), share.flatten().view(-1, 1, 1), stage, each(taken), each(side).view(-1, 1, 1), self.paper)
        latents = self.ink.gather(made, torch.ones_like(made[:, :1]))
        return latents.unflatten(0, (clips, frames)).transpose(1, 2), (1 - taken[:, -1]) * owned[:clips] * owned[clips:]

    def cut(self, latents: Tensor) -> tuple[Parts, Tensor, Tensor]:
        """Of pictures `[N, C, h, w]`: their layers, what the director is told of them, and whether their backdrops are ours `[N]`."""
        ink, backdrop = self.ink.spread(latents), self.backdrops(latents)
        behind = [self.ink.spread(backdrop.behind[:, k]) for k in range(BEHIND)]
        marks = self.cutter(ink, behind[0])
        own = torch.cat([(_STEEP * marks[:, :1]).sigmoid(), marks[:, 1:].sigmoid()], dim=1)
        stage = Stage(ink.shape[2], ink.shape[3], ink.device)
        parts = part_picture(ink, (behind[0], behind[1], behind[2]), torch.cat([own, backdrop.covers], dim=1), backdrop.told, stage)
        return parts, describe(latents, parts, backdrop.told), backdrop.owned


def play(a: Parts, b: Parts, t: Tensor, stage: Stage, taken: Tensor, side: Tensor, paper: Paper) -> Tensor:
    """Ink `[N, INK, H, W]` at `t` `[N, 1, 1]`; `taken` `[N, 7]`: 1 for one of `WAYS`; `side` `[N, 1, 1]`."""
    sky, risen = heavens(a, b, t, stage, side), heavens(a, b, part(t, 0.22, 0.78), stage, side)
    actor = play_actor(a, b, t, stage, hops=taken[:, WAYS.index("flow")].view(-1, 1, 1))
    beside = places_beside(sky, a, b, t, stage, side)
    played = {
        "flow": actor.on(places_between(sky, a, b, t, stage)),
        "pan": apart(beside, a, b, t, stage, side),
        "ride": actor.on(beside),
        "zoom": zoom(a, b, t, stage),
        "rise": rise(risen, a, b, t, stage, paper),
        "page": page(a, b, t, stage, paper),
        "shot": a.whole,
    }
    made = torch.zeros_like(a.whole)
    for k, way in enumerate(WAYS):
        made = made + taken[:, k].view(-1, 1, 1, 1) * played[way]
    return made
