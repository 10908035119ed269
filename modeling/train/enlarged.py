"""Windows of enlarged pictures as latents, made once: `python -m modeling.train.enlarged --count 400`.

A clip is rendered small, softened as the cascade softens it (encoded, roughened, decoded), enlarged plainly and encoded: the hint.
The truth is the analytic picture of the large size, encoded. Both are kept in windows of the size that the base knows, most of
them around the object. A shard holds 4 scenes; those that exist are not made again.
The scenes of the first shards are of combinations that training never sees.
"""

import argparse
import random
from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import Tensor
from tqdm import tqdm

from modeling.pocket.autoencoder import Encoder
from modeling.train.latents import INTERP_FRAMES, load_autoencoder
from modeling.train.run import CACHE, set_up
from modeling.train.vae import Autoencoder
from modeling.world import Scene, Window, clip_times, render
from modeling.world.clips import ClipMaker
from modeling.world.motion import pose

SHARD = 4
CELL = 16  #: pixels to a cell
ROWS, COLUMNS = 9, 16  #: of a window, and of a picture that is not enlarged, in cells
FRAMES = 9
MARGIN = 1  #: cells around a window that the encoder sees and that are then cut off
SCALES = (1, 2, 2, 2, 2, 2, 2, 2, 3, 4, 4, 6, 8)
WINDOWS = 3  #: of one scene
UNSEEN = 4  #: shards that training leaves out
FOLDER = CACHE / "latents"


@dataclass(frozen=True)
class Spot:
    """A window of a picture enlarged `scale` times: where it begins, in cells."""

    scale: int
    top: int
    left: int

    @property
    def picture(self) -> tuple[int, int, int, int]:
        """What the enhancer is told of it: rows and columns of the picture, row and column of the window."""
        return (ROWS * self.scale, COLUMNS * self.scale, self.top, self.left)


@dataclass
class Enlarged:
    """`hints` and `truths` `[N, F, C, h, w]` half, their scenes, and where each lies."""

    hints: Tensor
    truths: Tensor
    scenes: list[Scene]
    spots: list[Spot]

    def __len__(self) -> int:
        return len(self.hints)


def soften(frames: Tensor, model: Autoencoder, roughness: float) -> Tensor:
    """`[F, 3, 144, 256]` in 0..1 as a decoder gives them, in -1..1; `roughness`: deviation of what is added to the latents."""
    latents = model.encoder(frames * 2 - 1)
    wave = roughness * torch.randn_like(latents[:1])
    return torch.cat([model.decoder(z + wave) for z in latents.split(8)]).clamp(-1, 1)


def enlarge(frames: Tensor, scale: float) -> Tensor:
    """Plainly: bicubic, as the enhance stage does it; values stay in -1..1."""
    return F.interpolate(frames, scale_factor=scale, mode="bicubic", align_corners=False).clamp(-1, 1) if scale != 1 else frames


def choose_spot(scene: Scene, time: Tensor, scale: int, rng: random.Random) -> Spot:
    """Three of four lie around the object; even cells, as tiles do."""
    rows, columns = ROWS * scale, COLUMNS * scale
    at = pose(scene, time)
    if rng.random() < 0.75:
        top = rows / 2 * (1 - at.y.mean().item() + rng.gauss(0, 0.6) * at.size.mean().item()) - ROWS / 2
        left = columns / 2 + rows / 2 * (at.x.mean().item() + rng.gauss(0, 0.6) * at.size.mean().item()) - COLUMNS / 2
    else:
        top, left = rng.uniform(0, rows - ROWS), rng.uniform(0, columns - COLUMNS)
    return Spot(scale, _even(top, rows - ROWS), _even(left, columns - COLUMNS))


def _even(corner: float, most: int) -> int:
    return int(min(max(corner, 0), most)) // 2 * 2


def with_margin(spot: Spot) -> tuple[int, int, int, int]:
    """Cells of a window with its margin, as far as the picture has it: top, bottom, left, right."""
    rows, columns, _, _ = spot.picture
    top, left = max(0, spot.top - MARGIN), max(0, spot.left - MARGIN)
    return top, min(rows, spot.top + ROWS + MARGIN), left, min(columns, spot.left + COLUMNS + MARGIN)


def true_picture(scene: Scene, times: Tensor, spot: Spot) -> Tensor:
    """The analytic frames of a window with its margin, 0..1."""
    top, bottom, left, right = (CELL * cells for cells in with_margin(spot))
    height, width = CELL * ROWS * spot.scale, CELL * COLUMNS * spot.scale
    return render(scene, times, Window(height, width, top, left, bottom - top, right - left))


def hint_picture(soft: Tensor, spot: Spot) -> Tensor:
    """The same part of the plainly enlarged `soft` `[F, 3, 144, 256]`."""
    top, bottom, left, right = (CELL * cells for cells in with_margin(spot))
    s, reach = spot.scale, 4  # two pixels are what bicubic sees on either side
    rows, columns = soft.shape[-2:]
    first, last = max(0, top // s - reach), min(rows, -(-bottom // s) + reach)
    start, end = max(0, left // s - reach), min(columns, -(-right // s) + reach)
    large = enlarge(soft[:, :, first:last, start:end], s)
    return large[:, :, top - first * s : bottom - first * s, left - start * s : right - start * s]


def encode_window(encoder: Encoder, pictures: Tensor, spot: Spot) -> Tensor:
    """Pictures of a window with its margin, -1..1, to latents of the window `[F, C, ROWS, COLUMNS]`."""
    top, _, left, _ = with_margin(spot)
    z = torch.cat([encoder(part.contiguous(memory_format=torch.channels_last)) for part in pictures.split(8)])
    return z[:, :, spot.top - top :, spot.left - left :][:, :, :ROWS, :COLUMNS]


@torch.no_grad()
def make_scene(model: Autoencoder, maker: ClipMaker, rng: random.Random, scales: tuple[int, ...]) -> list[dict]:
    """Windows of successive frames of one clip."""
    scene = maker.draw()
    start = rng.randrange(INTERP_FRAMES - FRAMES + 1)
    times = clip_times(INTERP_FRAMES)[start : start + FRAMES]
    soft = soften(maker.render(scene, times), model, 0.05 + 0.25 * rng.random() ** 2)
    entries = []
    for scale in scales:
        spot = choose_spot(scene, times, scale, rng)
        hint = encode_window(model.encoder, hint_picture(soft, spot), spot)
        truth = encode_window(model.encoder, true_picture(scene, times, spot) * 2 - 1, spot)
        entries.append({"hint": hint.half(), "truth": truth.half(), "scene": asdict(scene), "spot": asdict(spot)})
    return entries


def load_enlarged(kind: str = "enlarged") -> Enlarged:
    """All shards that are there."""
    entries = [entry for path in sorted(FOLDER.glob(f"{kind}-*.pt")) for entry in torch.load(path, weights_only=True)]
    hints, truths = (torch.stack([e[name] for e in entries]) for name in ("hint", "truth"))
    return Enlarged(hints, truths, [Scene(**e["scene"]) for e in entries], [Spot(**e["spot"]) for e in entries])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, required=True, help="scenes")
    parser.add_argument("--first", type=int, default=0, help="the shard to begin at")
    options = parser.parse_args()
    set_up(seed=0)
    model, makers = load_autoencoder(), {unseen: ClipMaker(0, held_out=unseen) for unseen in (False, True)}
    FOLDER.mkdir(parents=True, exist_ok=True)
    for index in tqdm(range(options.first, -(-options.count // SHARD)), desc="enlarged"):
        path = FOLDER / f"enlarged-{index:03}.pt"
        if path.exists():
            continue
        rng, maker = random.Random(index), makers[index < UNSEEN]
        maker.reseed(5000 + index)
        torch.manual_seed(index)
        entries = [e for _ in range(SHARD) for e in make_scene(model, maker, rng, tuple(rng.choice(SCALES) for _ in range(WINDOWS)))]
        torch.save(entries, path.with_suffix(".part"))
        path.with_suffix(".part").replace(path)


if __name__ == "__main__":
    main()
