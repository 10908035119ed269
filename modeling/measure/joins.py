"""Measures of joins: is the middle as sharp as the ends, and is it more than a mix of them?"""

import random
import statistics
from dataclasses import dataclass

import torch
from torch import Tensor
from tqdm import tqdm

from modeling.measure.clips import How
from modeling.measure.shipped import SEED, Shipped, noise_like
from modeling.train.diffusion import guided, sample
from modeling.train.latents import draw_join, render_join
from modeling.train.run import CACHE
from modeling.train.theatre import JOIN_WORDS
from modeling.train.transition import draw_mask, with_known
from modeling.train.vae import psnr
from modeling.world.sheet import save_sheet
from modeling.world.ways.rule import choose_way
from modeling.world.ways.words import join_words

MIDDLE = (7, 8)
SHOWN = 12


@dataclass(frozen=True)
class Judged:
    """Of one join: sharpness of its middle and of its softest frame over that of its ends, and what a mix of the ends explains of its change."""

    middle: float
    softest: float
    mixed: float

    @classmethod
    def of(cls, frames: Tensor) -> "Judged":
        """Frames `[16, 3, h, w]` in 0..1."""
        slopes = sharpness(frames)
        ends = (slopes[0] + slopes[-1]) / 2
        mixed = [mixed_share(frames[0], frames[k], frames[-1]) for k in MIDDLE]
        return cls((slopes[list(MIDDLE)].mean() / ends).item(), (slopes.min() / ends).item(), statistics.mean(mixed))


def sharpness(frames: Tensor) -> Tensor:
    """Mean slope of luma of frames `[F, 3, h, w]`, `[F]`."""
    luma = (frames * torch.tensor([0.299, 0.587, 0.114]).view(3, 1, 1)).sum(1)
    return luma.diff(dim=-1).abs().mean((1, 2)) + luma.diff(dim=-2).abs().mean((1, 2))


def mixed_share(first: Tensor, middle: Tensor, last: Tensor) -> float:
    """Share of the change from the first frame to a middle one that some multiple of the change to the last explains (R2)."""
    change, whole = (middle - first).flatten().double(), (last - first).flatten().double()
    rest = change - whole * (change @ whole / (whole @ whole).clamp(min=1e-9))
    return 1 - (rest.square().sum() / change.square().sum().clamp(min=1e-9)).item()


def measure_joins(shipped: Shipped, count: int, how: How) -> dict:
    """Sharpness and mixing of made joins, of the true ones and of these as the decoder shows them; also the tenth that is worst, and by way."""
    sampler, rng, rows = how.over(shipped.sampler("transition")), random.Random(SEED), []
    for k in tqdm(range(count), desc="joins", mininterval=10):
        scenes, passage = draw_join(rng, held_out=True)
        unsaid = passage.way == choose_way(*scenes) and rng.random() < 0.5
        prompt = JOIN_WORDS if unsaid else join_words(*scenes, passage.way, rng)
        true = render_join(scenes, passage)
        x0, mask = shipped.encode(true), draw_mask(rng, passage).unsqueeze(0)

        def predict(x: Tensor, t: Tensor, words: Tensor, known: Tensor = x0, mask: Tensor = mask) -> Tensor:
            return shipped.denoise("transition", with_known(x, known.expand(len(x), -1, -1, -1, -1), mask.expand(len(x), -1)), t, words)

        step = guided(predict, shipped.context([prompt]), shipped.context([""]), sampler["guidance"])
        made = shipped.decode(sample(sampler["kind"], step, noise_like(x0, k), sampler["steps"])) / 2 + 0.5
        shown = shipped.decode(x0) / 2 + 0.5
        title = f"{passage.way}, {passage.known} known: {prompt}" + (f" ({' to '.join(scene.object for scene in scenes)})" if unsaid else "")
        between = mask[0] > 0
        rows.append(
            {
                "way": passage.way,
                "title": title,
                "true": true,
                "shown": shown,
                "made": made,
                "psnr": psnr(made[between] * 2 - 1, shown[between] * 2 - 1),
            }
        )
    _draw_sheets(rows)
    kinds = {kind: [Judged.of(row[kind]) for row in rows] for kind in ("true", "shown", "made")}
    ways = {way: [k for k, row in enumerate(rows) if row["way"] == way] for way in sorted({row["way"] for row in rows})}
    by_way = {way: _means([kinds["made"][k] for k in picked]) | {"psnr": _mean(rows[k]["psnr"] for k in picked)} for way, picked in ways.items()}
    return {
        "joins": count,
        **sampler,
        "psnr": _mean(row["psnr"] for row in rows),
        **{kind: _means(judged) for kind, judged in kinds.items()},
        "ways": by_way,
    }


def _means(judged: list[Judged]) -> dict:
    """Means, and those of the worst tenth: the softest, and those that are most a mix."""
    columns = {name: sorted(getattr(row, name) for row in judged) for name in ("middle", "softest", "mixed")}
    tenth = max(1, len(judged) // 10)
    worst = {name: _mean(values[-tenth:] if name == "mixed" else values[:tenth]) for name, values in columns.items()}
    return {"n": len(judged), **{name: _mean(values) for name, values in columns.items()}, "worst": worst}


def _mean(values) -> float:
    return round(statistics.mean(values), 3)


def _draw_sheets(rows: list[dict]) -> None:
    """The first joins, and those farthest from the truth: true above, made below, every frame."""
    order = sorted(range(len(rows)), key=lambda k: rows[k]["psnr"])
    for name, picked in (("measure-joins.png", range(min(SHOWN, len(rows)))), ("measure-joins-worst.png", order[:SHOWN])):
        clips = [rows[k][kind] for k in picked for kind in ("shown", "made")]
        titles = [f"{kind}, {rows[k]['title']}" for k in picked for kind in ("true", "made")]
        save_sheet(CACHE / name, clips, titles, frames=16, scale=0.5)
