"""Measures of the models that make pictures: autoencoder and upscaler."""

import random
import statistics
import time

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from modeling.measure.clips import How
from modeling.measure.shipped import SEED, Shipped, held_out
from modeling.pocket.upscaler import planes
from modeling.train.edges import Edges
from modeling.train.vae import psnr
from modeling.world import Window, clip_times, render
from modeling.world.clips import ClipMaker

SIZE = (2160, 3840)


def measure_vae(shipped: Shipped, count: int, how: How) -> dict:
    """PSNR of what comes back, in dB, and of a square around the object."""
    maker = ClipMaker(SEED, held_out=True)
    values = []
    for scene in held_out(count):
        true = maker.render(scene, 4)
        values.append(psnr(shipped.decode(shipped.encode(true)), true * 2 - 1))
    return {"clips": count, "psnr": sum(values) / count}


def measure_upscale(shipped: Shipped, count: int, how: How) -> dict:
    """Luma of 4K frames against the analytic truth, beside Lanczos and bicubic: PSNR, PSNR near edges, and steepness of edges (1 is the truth's)."""
    maker, rng, seconds, rows = ClipMaker(SEED, held_out=True), random.Random(SEED), [], {}
    for scene in held_out(count):
        moment = clip_times(16)[rng.randrange(16)].view(1)
        true = planes(render(scene, moment, Window(*SIZE)))[0][0]
        small = shipped.decode(shipped.encode(maker.render(scene, moment)))
        start = time.perf_counter()
        codes = shipped.run("upscale/upscaler", frames=small, size=torch.tensor(SIZE))[0][0]
        seconds.append(time.perf_counter() - start)
        luma = planes(small / 2 + 0.5)[0][0]
        ways = {"upscaler": (codes.float() - 16) / 219, "lanczos": _resized(luma, Image.Resampling.LANCZOS)}
        ways["bicubic"] = _resized(luma, Image.Resampling.BICUBIC)
        for name, picture in ways.items():
            rows.setdefault(name, []).append(_compare(picture.clamp(0, 1), true))
    means = {name: [round(statistics.mean(column), 3) for column in zip(*values, strict=True)] for name, values in rows.items()}
    return {"frames": count, "fps": 1 / statistics.median(seconds), "columns": ["psnr", "psnr at edges", "steepness"], **means}


def _resized(luma: Tensor, way: Image.Resampling) -> Tensor:
    """`[h, w]` to `[*SIZE]` in floats."""
    picture = Image.fromarray(luma.numpy().astype(np.float32), mode="F").resize(SIZE[::-1], way)
    return torch.from_numpy(np.asarray(picture).copy())


def _compare(made: Tensor, true: Tensor) -> tuple[float, float, float]:
    """PSNR in dB, PSNR near edges, and how steep edges are beside the true ones; `[H, W]` in 0..1."""
    edges = Edges.of(true)
    own, right = edges.steepness(made)
    near = edges.near
    return psnr(made * 2 - 1, true * 2 - 1), psnr(made[near] * 2 - 1, true[near] * 2 - 1), own / right
