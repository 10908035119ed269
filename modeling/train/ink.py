"""Train what spreads latents into ink and gathers them again: `python -m modeling.train.ink --steps 1300`.

Two pictures are moved, enlarged and cut out in pixels, laid together and encoded. The same is done to their latents as ink. Both should agree, and
three channels of ink should be what is seen, so that pieces of ink can be compared with one another.
"""

import argparse
import math
import random

import torch
import torch.nn.functional as F
from torch import Tensor

from modeling.pocket.ink import COLOURS, FINE, Ink
from modeling.train.latents import WINDOW, load_autoencoder, visibility
from modeling.train.optimizer import Optimizer
from modeling.train.run import CACHE, RANK, Run, Schedule, set_up, share
from modeling.train.vae import psnr
from modeling.world import render, sample_scene
from modeling.world.sheet import save_sheet

BATCH = 16
PICTURES = 800
UNSEEN, SHOWN = 16, 64  #: pictures that are not trained on, and cuttings of them that are measured
ROUNDED = 0.05  #: errors above it count by their size
CELL = 16  #: pixels of a cell, along each side
WITHIN = 0.99  #: a pixel that is covered less shows what neither picture has


class Cuttings:
    """Random pictures of the world, moved and cut in two ways."""

    def __init__(self, pictures: Tensor, latents: Tensor, rng: random.Random):
        self.pictures, self.latents, self._rng = pictures, latents, rng
        rows, columns = (torch.arange(side) + 0.5 for side in (WINDOW.height, WINDOW.width))
        self._y, self._x = rows.unsqueeze(1) * WINDOW.pixel - 1, columns * WINDOW.pixel - WINDOW.width / WINDOW.height

    def draw(self, count: int, first: int, last: int) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """Of `count` cuttings of pictures `first` to `last`: latents of both pictures `[2 * count, C, h, w]`, where they go `[2 * count, 2, 3]`,
        what of them is cut out on the grid of ink, the picture `[count, 3, H, W]`, and which cells of it have nothing empty near them.
        """
        picked = torch.tensor([self._rng.randrange(first, last) for _ in range(2 * count)])
        way = torch.stack([self._way() for _ in picked])
        grid = F.affine_grid(way, [len(picked), 3, WINDOW.height, WINDOW.width], align_corners=False)
        inside = (grid.abs().amax(-1) <= 1).float().unsqueeze(1)
        shape = torch.stack([self._shape() for _ in range(count)]).unsqueeze(1)
        cut = torch.cat([shape, 1 - shape]) * inside
        picture = (F.grid_sample(self.pictures[picked], grid, align_corners=False) * cut).unflatten(0, (2, count)).sum(0)
        empty = (cut.unflatten(0, (2, count)).sum(0) < WITHIN).float()
        near = F.max_pool2d(F.max_pool2d(empty, CELL), 3, 1, 1)
        return self.latents[picked], way, F.avg_pool2d(cut, CELL // FINE), picture, 1 - near

    def _way(self) -> Tensor:
        """By whole pixels to the side, less often up or down as well; enlarged at times."""
        rng, size, right, down = self._rng, 1.0, 0, 0
        if rng.random() < 0.75:
            right, down = rng.randint(-100, 100), rng.randint(-50, 50) if rng.random() < 0.4 else 0
        if rng.random() < 0.3:
            size = math.exp(rng.uniform(-0.5, 0.3))
        return torch.tensor([[size, 0, 2 * right / WINDOW.width], [0, size, 2 * down / WINDOW.height]])

    def _shape(self) -> Tensor:
        """All, what lies on one side of a line, or a disc, or what is around it; `[H, W]`, 0..1."""
        rng, kind = self._rng, self._rng.random()
        if kind < 0.25:
            return torch.ones(WINDOW.height, WINDOW.width)
        if kind < 0.6:
            angle = rng.uniform(0, 2 * math.pi)
            far = math.cos(angle) * self._x + math.sin(angle) * self._y - rng.uniform(-0.7, 0.7)
        else:
            far = torch.hypot(self._x - rng.uniform(-1.5, 1.5), self._y - rng.uniform(-0.8, 0.8)) - rng.uniform(0.15, 0.8)
        return (rng.choice((-1, 1)) * far / WINDOW.pixel + 0.5).clamp(0, 1)


def glue(ink: Ink, latents: Tensor, way: Tensor, cut: Tensor) -> Tensor:
    """What `Cuttings.draw` did to pictures, done to their latents as ink."""
    return ink.gather(*lay(ink.spread(latents), way, cut))


def lay(given: Tensor, way: Tensor, cut: Tensor) -> tuple[Tensor, Tensor]:
    """Pieces of `given` `[2 * count, ...]` laid together, and what they cover."""
    grid = F.affine_grid(way, [len(way), 1, *cut.shape[-2:]], align_corners=False)
    pieces = F.grid_sample(given, grid, align_corners=False) * cut
    return pieces.unflatten(0, (2, -1)).sum(0), cut.unflatten(0, (2, -1)).sum(0)


def rounded(error: Tensor) -> Tensor:
    """The size of errors, of those below `ROUNDED` their square."""
    return (error.square() + ROUNDED**2).sqrt() - ROUNDED


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--every", type=int, default=100)
    options = parser.parse_args()
    set_up(options.seed)
    rng, autoencoder = random.Random(options.seed + RANK), load_autoencoder()
    pictures = torch.cat([render(sample_scene(rng), torch.tensor([rng.random()]), WINDOW) for _ in range(PICTURES)]) * 2 - 1
    with torch.no_grad():
        latents = torch.cat([autoencoder.encoder(part) for part in pictures.split(32)])
    cuttings = Cuttings(pictures, latents, rng)
    visible = visibility(autoencoder.decoder, latents[:UNSEEN]).view(-1, 1, 1)
    ink = Ink(latents.shape[1]).to(memory_format=torch.channels_last)
    run = Run("ink", ink, Optimizer(ink, muon_lr=0.02, adam_lr=2e-3, average=0.99))
    run.resume()

    def loss() -> Tensor:
        z, way, cut, picture, full = cuttings.draw(share(BATCH), UNSEEN, len(pictures))
        with torch.no_grad():
            true = autoencoder.encoder(picture)
        error = rounded(glue(ink, z, way, cut) - true) * visible
        colour = ink.spread(true)[:, :COLOURS] - F.avg_pool2d(picture, CELL // FINE)
        return (error * full).mean((1, 2, 3)).sum() / full.mean((1, 2, 3)).sum() + rounded(colour).mean()

    def sample() -> None:
        z, way, cut, picture, full = Cuttings(pictures, latents, random.Random(1)).draw(SHOWN, 0, UNSEEN)
        seen, latents_moved = F.interpolate(full, scale_factor=float(CELL)), lay(z, way, F.avg_pool2d(cut, FINE))[0]
        cells = autoencoder.encoder(picture), glue(ink, z, way, cut), latents_moved
        true, made, plain = (autoencoder.decoder(part).clamp(-1, 1) * seen for part in cells)
        unseen = 10 * math.log10(seen.mean().item())
        run.log[-1] |= {"psnr": psnr(made, true) + unseen, "latents_psnr": psnr(plain, true) + unseen}
        print(f"\nstep {run.step} {run.log[-1]}", flush=True)
        save_sheet(CACHE / "ink-sheet.png", [part / 2 + 0.5 for part in (true, made, plain)], ["true", "as ink", "as latents"], frames=8, scale=0.6)

    run.train(Schedule(options.steps, hold=0.4), loss, options.every, sample)


if __name__ == "__main__":
    main()
