"""Train the upscaler: `python -m modeling.train.upscale --steps 1500`.

What goes in is a small frame as the decoder makes it (encoded and decoded, so that its softness is known); what should come
out is the analytic truth in windows of the large picture, mostly where edges are.
"""

import argparse
import random
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from modeling.pocket.upscaler import CELL, Upscaler, UpscalerConfig, planes
from modeling.train.latents import load_autoencoder
from modeling.train.optimizer import Optimizer
from modeling.train.run import CACHE, RANK, Run, Schedule, load_average, save_whole, set_up, share
from modeling.train.vae import psnr
from modeling.world.clips import ClipMaker, to_bytes
from modeling.world.motion import pose
from modeling.world.render import Window, clip_times, render
from modeling.world.scene import Scene
from modeling.world.sheet import save_sheet

HEIGHT, WIDTH = 144, 256
SIDE = 32  #: side of a window in small pixels
ZOOMS = (15.0, 15.0, 15.0, 7.5, 5.0, 2.5)  #: 2160, 1080, 720 and 360 rows; 4K is what matters most
WINDOWS = 6
FRAMES_PER_STEP = 2


@dataclass(frozen=True)
class Example:
    """One small frame and the true planes of windows of its large picture."""

    frame: Tensor  # [3, 144, 256] uint8
    zoom: float
    corners: list[tuple[int, int]]  # (row, column) in small pixels
    luma: Tensor  # [WINDOWS, SIDE * zoom, SIDE * zoom] uint8
    chroma: Tensor  # [WINDOWS, 2, SIDE * zoom / 2, SIDE * zoom / 2] uint8


def make_example(maker: ClipMaker, rng: random.Random) -> Example:
    """Draw a scene and a moment; three windows of four lie around the object."""
    scene, time = maker.draw(), clip_times(16)[rng.randrange(16)].view(1)
    zoom, at = rng.choice(ZOOMS), pose(scene, time)
    corners = []
    for k in range(WINDOWS):
        if k % 4:
            row = HEIGHT / 2 * (1 - at.y.item() + rng.gauss(0, 0.8) * at.size.item()) - SIDE / 2
            column = WIDTH / 2 + HEIGHT / 2 * (at.x.item() + rng.gauss(0, 0.8) * at.size.item()) - SIDE / 2
        else:
            row, column = rng.uniform(0, HEIGHT - SIDE), rng.uniform(0, WIDTH - SIDE)
        corners.append((_on_grid(row, HEIGHT), _on_grid(column, WIDTH)))
    truth = torch.cat([true_window(scene, time, zoom, corner) for corner in corners])
    luma, chroma = planes(truth)
    return Example(to_bytes(maker.render(scene, time)[0]), zoom, corners, to_bytes(luma), to_bytes(chroma + 0.5))


def _on_grid(corner: float, length: int) -> int:
    """The nearest corner inside the picture that falls on the painting grid at every zoom."""
    return int(min(max(corner, 0), length - SIDE)) // 8 * 8


def true_window(scene: Scene, time: Tensor, zoom: float, corner: tuple[int, int]) -> Tensor:
    """The analytic picture `[1, 3, SIDE * zoom, SIDE * zoom]`, 0..1, behind a window of small pixels."""
    side = int(SIDE * zoom)
    window = Window(int(HEIGHT * zoom), int(WIDTH * zoom), int(corner[0] * zoom), int(corner[1] * zoom), side, side)
    return render(scene, time, window)


def field_windows(features: Tensor, zoom: float, corners: list[tuple[int, int]]) -> Tensor:
    """The parts of the resized features `[width, 144, 256]` that windows see: `[WINDOWS, width, n, n]`, as `interpolate` makes them."""
    steps = (torch.arange(int(SIDE * zoom) // CELL) + 0.5) * CELL / zoom
    grids = []
    for row, column in corners:
        y, x = torch.meshgrid((row + steps) / HEIGHT * 2 - 1, (column + steps) / WIDTH * 2 - 1, indexing="ij")
        grids.append(torch.stack([x, y], dim=-1))
    whole = features.unsqueeze(0).expand(len(corners), -1, -1, -1)
    return F.grid_sample(whole, torch.stack(grids), mode="bilinear", padding_mode="border", align_corners=False)


def plane_loss(made: Tensor, true: Tensor) -> Tensor:
    """Absolute error, and that of the differences between neighbours."""
    edges = (made.diff(dim=-1) - true.diff(dim=-1)).abs().mean() + (made.diff(dim=-2) - true.diff(dim=-2)).abs().mean()
    return F.l1_loss(made, true) + edges


class Softener:
    """What the autoencoder makes of a frame."""

    def __init__(self) -> None:
        self._model = load_autoencoder()

    @torch.no_grad()
    def __call__(self, frames: Tensor, noise: float = 0.05) -> Tensor:
        """uint8 `[N, 3, 144, 256]` to decoded frames in -1..1."""
        latents = self._model.encoder(frames.float() / 127.5 - 1)
        return self._model.decoder(latents + noise * torch.randn_like(latents)).clamp(-1, 1)


def evaluate(model: Upscaler, softener: Softener, examples: list[Example]) -> tuple[float, float, list[Tensor]]:
    """PSNR of luma in dB on 4K windows for the model and for bicubic, and strips (small, bicubic, made, true)."""
    ours, bicubic, strips = [], [], []
    for example in (e for e in examples if e.zoom == ZOOMS[0]):
        frame = softener(example.frame.unsqueeze(0), noise=0)
        luma, _ = model.paint(field_windows(model.features(frame)[0], example.zoom, example.corners), torch.tensor(example.zoom))
        small = planes(frame / 2 + 0.5)[0].unsqueeze(1)
        side = int(SIDE * example.zoom)
        for k, (row, column) in enumerate(example.corners):
            true = example.luma[k].float() / 127.5 - 1
            grown = F.interpolate(small[..., row : row + SIDE, column : column + SIDE], size=(side, side), mode="bicubic")[0, 0] * 2 - 1
            ours.append(psnr(luma[k] * 2 - 1, true))
            bicubic.append(psnr(grown, true))
            if k == 1:
                strips.append(torch.stack([grown, luma[k] * 2 - 1, true]).unsqueeze(1).expand(-1, 3, -1, -1) / 2 + 0.5)
    return sum(ours) / len(ours), sum(bicubic) / len(bicubic), strips


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--frames", type=int, default=400)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--every", type=int, default=100)
    options = parser.parse_args()
    set_up(options.seed)
    pool, unseen = load_examples(options.frames, 31, held_out=False), load_examples(12, 32, held_out=True)
    softener = Softener()
    model = Upscaler(UpscalerConfig()).to(memory_format=torch.channels_last)
    run = Run("upscale", model, Optimizer(model, muon_lr=0.01, adam_lr=1.5e-3, average=0.995, plain=("body.0.", "head.5.", "zoom")))
    run.resume()
    rng = random.Random(options.seed + run.step + 7919 * RANK)

    def loss() -> Tensor:
        total = torch.zeros(())
        chosen = rng.sample(pool, share(FRAMES_PER_STEP))
        features = model.features(softener(torch.stack([e.frame for e in chosen])))
        for example, field in zip(chosen, features, strict=True):
            luma, chroma = model.paint(field_windows(field, example.zoom, example.corners), torch.tensor(example.zoom))
            total = total + plane_loss(luma, example.luma.float() / 255) + plane_loss(chroma, example.chroma.float() / 255 - 0.5)
        return total / len(chosen)

    def sample() -> None:
        ours, bicubic, strips = evaluate(model, softener, unseen)
        run.log[-1].update(unseen_psnr=ours, bicubic_psnr=bicubic)
        print(f"\nstep {run.step} loss {run.log[-1]['loss']:.4f} unseen {ours:.2f} dB, bicubic {bicubic:.2f} dB", flush=True)
        save_sheet(CACHE / "upscale-sheet.png", strips[:6], ["bicubic, made, true"] * 6, frames=3, scale=0.6, columns=1)

    run.train(Schedule(options.steps), loss, options.every, sample)


def load_upscaler() -> Upscaler:
    """The trained upscaler."""
    model = Upscaler(UpscalerConfig())
    model.load_state_dict(load_average("upscale"))
    return model.eval()


def load_examples(frames: int, seed: int, held_out: bool) -> list[Example]:
    """Examples from the cache, or rendered now and kept there."""
    path = CACHE / f"upscale-{seed}-{frames}.pt"
    if not path.exists():
        maker, rng = ClipMaker(seed, HEIGHT, WIDTH, held_out), random.Random(seed)
        examples = [make_example(maker, rng) for _ in range(frames)]
        save_whole([vars(e) for e in examples], path)
    return [Example(**fields) for fields in torch.load(path, weights_only=True)]


if __name__ == "__main__":
    main()
