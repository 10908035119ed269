"""Measure the shipped packages on scenes that training never saw: `python -m models.measure [vae base interp transition probe detector]`.

Everything runs through onnxruntime, as in Shotline. Figures are printed as one line per model; sheets go to the cache. `--write` states
the accuracy of probe and detector in their manifests, where dimensions of `shotline eval` look for it.
"""

import argparse
import json
import random
from pathlib import Path
from types import SimpleNamespace

import onnxruntime
import torch
from tokenizers import Tokenizer
from torch import Tensor

from models.accuracy import detector_accuracy
from models.export.check import session
from models.export.package import MODELS
from models.train.detector import floats, load_pictures
from models.train.diffusion import guided, sample_ddim
from models.train.interp import repeat_keys
from models.train.probe import KINDS, accuracy, labels, load_clips
from models.train.run import CACHE
from models.train.transition import JOIN_WORDS, with_known
from models.train.vae import psnr
from models.world import Scene, Window, caption, clip_times, sample_scene
from models.world.clips import ClipMaker
from models.world.sheet import save_sheet
from models.world.transition import render_transition

PACKAGES = MODELS / "packages"
SEED = 77


class Shipped:
    """The graphs of the pocket set as functions of tensors."""

    def __init__(self, folder: Path = PACKAGES):
        self._folder = folder
        self._sessions: dict[str, onnxruntime.InferenceSession] = {}
        self._tokenizer = Tokenizer.from_file(str(folder / "pocket-text" / "tokenizer.json"))

    def run(self, graph: str, **inputs: Tensor) -> list[Tensor]:
        """Run `package/graph`."""
        if graph not in self._sessions:
            self._sessions[graph] = session(self._folder / f"pocket-{graph}.onnx")
        return [torch.from_numpy(made) for made in self._sessions[graph].run(None, {k: v.numpy() for k, v in inputs.items()})]

    def sampler(self, role: str) -> dict:
        """The default sampler of a manifest."""
        return json.loads((self._folder / f"pocket-{role}" / "model.json").read_text())["sampler"]

    def context(self, prompts: list[str]) -> Tensor:
        """`[B, 1, T, D]`."""
        ids = torch.tensor([e.ids for e in self._tokenizer.encode_batch(prompts)])
        return self.run("text/encoder", input_ids=ids)[0].unsqueeze(1)

    def encode(self, frames: Tensor) -> Tensor:
        """Frames `[F, 3, h, w]` in 0..1 to latents `[1, C, F, h, w]`."""
        return self.run("vae/encoder", frames=frames * 2 - 1)[0].transpose(0, 1).unsqueeze(0)

    def decode(self, latents: Tensor) -> Tensor:
        """Latents `[1, C, F, h, w]` to frames in -1..1."""
        return self.run("vae/decoder", latents=latents[0].transpose(0, 1).contiguous())[0].clamp(-1, 1)

    def denoise(self, role: str, sample: Tensor, timestep: Tensor, context: Tensor) -> Tensor:
        """One call with one window over all frames."""
        frames = sample.shape[2]
        windows, weights = torch.arange(frames).unsqueeze(0), torch.ones(1, frames)
        inputs = {"sample": sample, "timestep": timestep, "context": context, "freeu": torch.ones(4), "windows": windows, "window_weights": weights}
        return self.run(f"{role}/denoiser", **inputs)[0]


def held_out(count: int) -> list[Scene]:
    """Scenes of combinations that training never saw."""
    rng = random.Random(SEED)
    return [sample_scene(rng, held_out=True) for _ in range(count)]


def noise_like(x: Tensor, seed: int) -> Tensor:
    """Normal numbers by seed."""
    return torch.randn(x.shape, generator=torch.Generator().manual_seed(seed))


def measure_vae(shipped: Shipped, count: int) -> dict:
    """PSNR of what comes back, in dB."""
    maker = ClipMaker(SEED, held_out=True)
    values = []
    for scene in held_out(count):
        true = maker.render(scene, 4)
        values.append(psnr(shipped.decode(shipped.encode(true)), true * 2 - 1))
    return {"clips": count, "psnr": sum(values) / count}


def measure_base(shipped: Shipped, count: int) -> dict:
    """Share of prompts whose object, colour, place, sky and motion the probe finds."""
    sampler, right, rows, titles = shipped.sampler("base"), [], [], []
    for k, scene in enumerate(held_out(count)):
        words = caption(scene)
        step = guided(lambda x, t, c: shipped.denoise("base", x, t, c), shipped.context([words]), shipped.context([""]), sampler["guidance"])
        clip = shipped.decode(sample_ddim(step, noise_like(torch.empty(1, 16, 16, 9, 16), k), sampler["steps"]))
        answers = shipped.run("probe/probe", frames=clip.unsqueeze(0))
        right.append([a.argmax(1).item() == truth for a, truth in zip(answers, labels(scene), strict=True)][:5])
        rows.append(clip / 2 + 0.5)
        titles.append(f"{words} {'' if all(right[-1]) else [KINDS[i] for i in range(5) if not right[-1][i]]}")
    save_sheet(CACHE / "measure-base.png", rows[:24], titles[:24], frames=5, scale=0.45, columns=2)
    found = {kind: sum(r[i] for r in right) / count for i, kind in enumerate(KINDS[:5])}
    return {"prompts": count, **sampler, **found, "all": sum(all(r) for r in right) / count}


def measure_interp(shipped: Shipped, count: int) -> dict:
    """PSNR against the decoded true frames between keys, beside repeating a key and cross-fading."""
    maker, steps, sums = ClipMaker(SEED, held_out=True), shipped.sampler("interp")["steps"], {"interp": 0.0, "repeating": 0.0, "fading": 0.0}
    between = torch.tensor([j for j in range(61) if j % 4])
    for k, scene in enumerate(held_out(count)):
        frames = maker.render(scene, 61)
        keys = shipped.encode(frames[::4])
        copies, context = repeat_keys(keys), shipped.context([caption(scene)])
        made = sample_ddim(lambda x, t, c=copies, w=context: shipped.denoise("interp", torch.cat([x, c], 1), t, w), noise_like(copies, k), steps)
        pictures, key_pictures = shipped.decode(made), shipped.decode(keys)
        share = (torch.arange(61) % 4 / 4).view(-1, 1, 1, 1)
        low, high = torch.arange(61) // 4, (torch.arange(61) // 4 + 1).clamp(max=15)
        others = {"interp": pictures, "repeating": key_pictures[low], "fading": key_pictures[low] * (1 - share) + key_pictures[high] * share}
        for name, clip in others.items():
            sums[name] += psnr(clip[between], frames[between] * 2 - 1) / count
    return {"clips": count, "steps": steps, **sums}


def measure_transition(shipped: Shipped, count: int) -> dict:
    """PSNR of the two known frames, and the largest step between frames over the median step."""
    sampler, scenes, rows = shipped.sampler("transition"), held_out(2 * count), []
    kept, jumps = 0.0, []
    mask = torch.ones(1, 16)
    mask[:, [0, -1]] = 0
    for k in range(count):
        true = render_transition(scenes[2 * k], scenes[2 * k + 1], clip_times(16), Window(144, 256))
        x0 = shipped.encode(true)

        def predict(x: Tensor, t: Tensor, words: Tensor, known: Tensor = x0) -> Tensor:
            times = len(x)
            return shipped.denoise("transition", with_known(x, known.repeat(times, 1, 1, 1, 1), mask.repeat(times, 1)), t, words)

        step = guided(predict, shipped.context([JOIN_WORDS]), shipped.context([""]), sampler["guidance"])
        made = shipped.decode(sample_ddim(step, noise_like(x0, k), sampler["steps"]))
        kept += psnr(made[[0, -1]], shipped.decode(x0)[[0, -1]]) / count
        moves = made.diff(dim=0).abs().mean((1, 2, 3))
        jumps.append((moves.max() / moves.median()).item())
        rows += [true, made / 2 + 0.5]
    save_sheet(CACHE / "measure-transition.png", rows[:16], ["true", "made"] * min(count, 8), frames=8, scale=0.45)
    return {"joins": count, **sampler, "known_psnr": kept, "median_jump": sorted(jumps)[count // 2], "worst_jump": max(jumps)}


def measure_probe(shipped: Shipped, count: int) -> dict:
    """Share of right words per kind on held-out clips."""
    clips, truth = load_clips(count, 42, held_out=True)
    return accuracy(SimpleNamespace(judge=lambda halves: shipped.run("probe/probe", frames=_doubled(halves))), clips, truth)


def measure_detector(shipped: Shipped, count: int) -> dict:
    """Share of right answers per head on held-out pictures."""
    frames, targets = load_pictures(count, 52, held_out=True)
    return detector_accuracy(lambda part: tuple(shipped.run("detector/detector", frames=_doubled(floats(part)))), frames, targets)


def _doubled(halves: Tensor) -> Tensor:
    """Frames at half size as the models take them: each pixel four times, of which they take the mean."""
    return halves.repeat_interleave(2, -1).repeat_interleave(2, -2)


def write_accuracy(role: str, figures: dict) -> None:
    """State the figures in the manifest of a package."""
    path = PACKAGES / f"pocket-{role}" / "model.json"
    manifest = json.loads(path.read_text())
    manifest["accuracy"] = {head: round(share, 4) for head, share in figures.items()}
    path.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")


MEASURES = {
    "vae": (measure_vae, 64),
    "base": (measure_base, 128),
    "interp": (measure_interp, 24),
    "transition": (measure_transition, 16),
    "probe": (measure_probe, 256),
    "detector": (measure_detector, 512),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("roles", nargs="*", choices=[*MEASURES, []])
    parser.add_argument("--count", type=int, help="scenes per model; the default is what the README states")
    parser.add_argument("--write", action="store_true", help="state the accuracy of probe and detector in their manifests")
    options = parser.parse_args()
    shipped = Shipped()
    for role in options.roles or MEASURES:
        measure, count = MEASURES[role]
        figures = measure(shipped, options.count or count)
        print(role, json.dumps(figures), flush=True)
        if options.write and role in ("probe", "detector"):
            write_accuracy(role, figures)


if __name__ == "__main__":
    main()
