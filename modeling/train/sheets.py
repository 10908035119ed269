"""The layers that pictures of the world consist of, made once: `python -m modeling.train.sheets`; needs clips of `modeling.train.latents`.

They are the backdrops that the theatre is given, and what objects cover.
Each layer is painted on black and on white: how far both differ says what it covers.
"""

import argparse
import random
from dataclasses import asdict, dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor
from tqdm import tqdm

from modeling.pocket.ink import FINE, Ink
from modeling.pocket.theatre.backdrops import Backdrops
from modeling.train.latents import KEYS, WINDOW, Latents, load_autoencoder, load_latents
from modeling.train.run import CACHE, save_whole, set_up
from modeling.train.vae import Autoencoder
from modeling.world import Scene, Window, vocabulary
from modeling.world.brush import Brush
from modeling.world.motion import PAN_REACH, pose
from modeling.world.palette import LIGHTS
from modeling.world.places import Place, paint_place
from modeling.world.render import paint_actor
from modeling.world.sky import body_of, clouds_of, paint_air, paint_body, paint_clouds, paint_stars
from modeling.world.ways.actor import paint_shadow
from modeling.world.ways.eye import Eye
from modeling.world.ways.join import Stand

CELL = 16  #: pixels of a cell, along each side
SMALL = Window(72, 128)  #: what objects cover is painted so large
SHADES = 7  #: of each tint, from which plain ink is learned
TINTS = ((1.0, 1.0, 1.0), (1.0, 0.97, 0.89), (1.0, 0.84, 0.76), (0.82, 0.88, 1.0), (0.96, 0.98, 1.0))
FILE = CACHE / "sheets.pt"
CAMERAS = (-PAN_REACH, 0.0, PAN_REACH)  #: where cameras of clips begin and end


@dataclass(frozen=True)
class Sheets:
    """Frames of clips: `latents` `[N, C, h, w]`, what object and shadow cover `[N, 2, 4h, 4w]`, and scenes."""

    latents: Tensor
    covers: Tensor
    scenes: list[Scene]
    times: list[float]

    def at(self, picked: list[int]) -> "Sheets":
        """Some of them."""
        return Sheets(self.latents[picked], self.covers[picked], [self.scenes[k] for k in picked], [self.times[k] for k in picked])


@torch.no_grad()
def cover_of_object(scene: Scene, time: float, window: Window = SMALL) -> Tensor:
    """What object and shadow cover, `[1, 2, H, W]`."""
    at, eye = pose(scene, torch.tensor([time])), Eye.of(window)
    pictures = [torch.full((1, 3, window.height, window.width), value) for value in (0.0, 1.0)]
    for picture in pictures:
        paint_actor(picture, scene, at, window)
    lit = torch.ones(1, 3, window.height, window.width)
    paint_shadow(lit, *eye.axes(), LIGHTS[scene.sky], Stand.of(scene, time))
    left = (pictures[1] - pictures[0]).mean(1, keepdim=True) / lit[:, :1].clamp(min=0.2)
    return torch.cat([1 - left, 1 - lit[:, :1]], dim=1).clamp(0, 1)


@torch.no_grad()
def backdrop_of(sky: str, place: str, camera: float) -> tuple[Tensor, Tensor]:
    """Pictures `[3, 3, H, W]`, whole, without land, without clouds and disc too; and what land, clouds and disc cover, `[1, 3, H, W]`."""
    eye, light, body = Eye.of(WINDOW), LIGHTS[sky], body_of(sky, 0)

    def land(brush: Brush) -> None:
        paint_place(brush, Place(place, 0), light, camera)

    def clouds(brush: Brush) -> None:
        if sky != "night":
            paint_clouds(brush, clouds_of(sky, 0), camera)

    def disc(brush: Brush) -> None:
        if body:
            paint_body(brush, replace(body, strength=0.0))

    painted = []
    for paint in (land, clouds, disc):
        both = [torch.full((1, 3, WINDOW.height, WINDOW.width), value) for value in (0.0, 1.0)]
        for picture in both:
            paint(eye.brush(picture, light))
        painted.append(1 - (both[1] - both[0]).mean(1, keepdim=True))
    air = eye.blank()
    brush = eye.brush(air, light)
    paint_air(brush, light)
    if sky == "night":
        paint_stars(brush, 0)
    if body:
        brush.glow(body.x, body.y, body.reach, body.glow, body.strength)
    above = air.clone()
    for paint in (disc, clouds):
        paint(eye.brush(above, light))
    plate = above.clone()
    land(eye.brush(plate, light))
    return torch.cat([plate, above, air]).clamp(0, 1), torch.cat(painted, dim=1).clamp(0, 1)


@torch.no_grad()
def paint_backdrops(backdrops: Backdrops, model: Autoencoder) -> None:
    """Give the theatre every place under every sky, seen by a camera that stands, begins or ends."""
    number = 0
    for s, sky in enumerate(vocabulary.SKIES):
        for p, place in enumerate(vocabulary.PLACES):
            for camera in CAMERAS:
                pictures, covers = backdrop_of(sky, place, camera)
                backdrops.behind[number] = model.encoder(pictures * 2 - 1)
                backdrops.covers[number] = F.avg_pool2d(covers, CELL // FINE)[0]
                kinds = F.one_hot(torch.tensor(s), 4), F.one_hot(torch.tensor(p), 5)
                backdrops.told[number] = torch.cat([*kinds, torch.tensor([*LIGHTS[sky].ground, camera])])
                number += 1


@torch.no_grad()
def mix_paper(ink: Ink, model: Autoencoder) -> tuple[Tensor, Tensor]:
    """Weight `[INK, 3, 1, 1]` and bias `[INK]` of the ink of a plain colour: least squares over pictures of papers and clouds."""
    colours = torch.stack([light * torch.tensor(tint) for tint in TINTS for light in torch.linspace(0.4, 1, SHADES)])
    seen = ink.spread(model.encoder((colours * 2 - 1)[..., None, None].expand(-1, -1, 5 * CELL, 5 * CELL)))
    middle = seen[:, :, 2 * FINE : 3 * FINE, 2 * FINE : 3 * FINE].mean((2, 3))
    found = torch.linalg.lstsq(torch.cat([colours, torch.ones(len(colours), 1)], dim=1), middle).solution
    return found[:3].T[..., None, None].contiguous(), found[3]


def make_sheets(clips: Latents, a_clip: int) -> Sheets:
    """The first and the last frame of each clip whose camera stands, others of it, `a_clip` in all, and what they show."""
    rng, rows = random.Random("sheets"), []
    for k in tqdm(range(len(clips)), desc="sheets", mininterval=10):
        scene = clips.scenes[k][0]
        last = clips.latents.shape[1] - 1
        frames = {0, last} if scene.motion == "pan" else {0, last, *rng.sample(range(1, last), a_clip - 2)}
        for frame in sorted(frames):
            time = clips.frames[k][frame].item() / (KEYS - 1)
            covers = F.avg_pool2d(cover_of_object(scene, time), SMALL.height * CELL // (FINE * WINDOW.height))
            rows.append((clips.latents[k, frame].float(), covers, scene, time))
    latents, covers, scenes, times = zip(*rows, strict=True)
    return Sheets(torch.stack(latents), torch.cat(covers), list(scenes), list(times))


def load_sheets() -> tuple[Sheets, dict[str, Tensor]]:
    """What was made, and the weights of `Backdrops`."""
    saved = torch.load(FILE, weights_only=True)
    scenes = [Scene(**scene) for scene in saved["scenes"]]
    return Sheets(saved["latents"], saved["covers"], scenes, saved["times"]), saved["backdrops"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=4, help="of each clip")
    options = parser.parse_args()
    set_up(seed=0)
    backdrops = Backdrops(16)
    paint_backdrops(backdrops, load_autoencoder())
    sheets = make_sheets(load_latents("clips"), options.frames)
    scenes = [asdict(scene) for scene in sheets.scenes]
    saved = {"latents": sheets.latents, "covers": sheets.covers, "scenes": scenes, "times": sheets.times, "backdrops": backdrops.state_dict()}
    save_whole(saved, FILE)


if __name__ == "__main__":
    main()
