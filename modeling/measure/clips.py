"""Measures of the models that make clips: base, interpolation and transition."""

import json
from dataclasses import dataclass

import torch
from torch import Tensor
from tqdm import tqdm

from modeling.measure.shipped import SEED, Shipped, frame_steps, held_out, noise_like
from modeling.train.diffusion import guided, sample
from modeling.train.interp import repeat_keys
from modeling.train.probe import KINDS, labels
from modeling.train.run import CACHE
from modeling.train.theatre import JOIN_WORDS
from modeling.train.transition import with_known
from modeling.train.vae import psnr
from modeling.world import Scene, Window, caption, clip_times
from modeling.world.clips import ClipMaker
from modeling.world.sheet import save_sheet
from modeling.world.transition import render_transition

TOGETHER = 8  #: prompts per call of the base
WORDS = KINDS[:5]  #: what makes a sentence right


@dataclass(frozen=True)
class How:
    """How to sample: seeds per prompt, and what replaces the manifest's solver, steps and guidance."""

    seeds: int = 1
    kind: str | None = None
    steps: int | None = None
    guidance: float | None = None

    def over(self, sampler: dict) -> dict:
        """The manifest's sampler with the replacements."""
        changes = {"kind": self.kind, "steps": self.steps, "guidance": self.guidance}
        return {key: sampler[key] for key in changes} | {key: value for key, value in changes.items() if value is not None}


def measure_base(shipped: Shipped, count: int, how: How) -> dict:
    """Share of clips whose object, colour, place, sky and motion the probe finds. A measure that is stopped goes on where it was."""
    sampler = how.over(shipped.sampler("base"))
    done = CACHE / f"measure-base-{shipped.fingerprint('text', 'base', 'vae', 'probe', **sampler)}.json"
    right: dict[str, list[bool]] = json.loads(done.read_text()) if done.exists() else {}
    jobs = {f"{k}/{seed}": (scene, 1000 * seed + k) for seed in range(how.seeds) for k, scene in enumerate(held_out(count))}
    missing, rows, titles = [name for name in jobs if name not in right], [], []
    for first in tqdm(range(0, len(missing), TOGETHER), desc="base", mininterval=10):
        part = {name: jobs[name] for name in missing[first : first + TOGETHER]}
        for (name, (scene, _)), clip in zip(part.items(), _clips(shipped, list(part.values()), sampler), strict=True):
            right[name] = found(shipped, clip, scene)
            rows.append(clip / 2 + 0.5)
            titles.append(f"{caption(scene)} {[kind for kind, hit in zip(WORDS, right[name], strict=True) if not hit] or ''}")
        done.write_text(json.dumps(right))
    wrong = [k for k, name in enumerate(missing) if not all(right[name])]
    for path, chosen in (("measure-base.png", range(len(rows))), ("measure-base-wrong.png", wrong)):
        if len(chosen) > 0:
            save_sheet(CACHE / path, [rows[k] for k in chosen[:24]], [titles[k] for k in chosen[:24]], frames=5, scale=0.45, columns=2)
    hits = [right[name] for name in jobs]
    shares = {kind: sum(hit[i] for hit in hits) / len(hits) for i, kind in enumerate(WORDS)}
    return {"prompts": count, "seeds": how.seeds, **sampler, **shares, "all": sum(map(all, hits)) / len(hits)}


def _clips(shipped: Shipped, part: list[tuple[Scene, int]], sampler: dict) -> list[Tensor]:
    """A decoded clip for each scene and seed."""
    words, empty = shipped.context([caption(scene) for scene, _ in part]), shipped.context([""] * len(part))
    noise = torch.cat([noise_like(torch.empty(1, 16, 16, 9, 16), seed) for _, seed in part])
    step = guided(lambda x, t, c: shipped.denoise("base", x, t, c), words, empty, sampler["guidance"])
    return [shipped.decode(z.unsqueeze(0)) for z in sample(sampler["kind"], step, noise, sampler["steps"])]


def found(shipped: Shipped, clip: Tensor, scene: Scene) -> list[bool]:
    """Which of `WORDS` the probe reads off a clip `[16, 3, 144, 256]`."""
    answers = shipped.run("probe/probe", frames=clip.unsqueeze(0))
    return [answer.argmax(1).item() == truth for answer, truth in zip(answers, labels(scene), strict=True)][: len(WORDS)]


def measure_interp(shipped: Shipped, count: int, how: How) -> dict:
    """PSNR of the frames between keys beside repeating the nearer key and cross-fading, against the truth as the decoder shows it and as it is."""
    maker, sampler, sums, rows = ClipMaker(SEED, held_out=True), how.over(shipped.sampler("interp")), {}, []
    between = torch.tensor([j for j in range(61) if j % 4])
    share = (torch.arange(61) % 4 / 4).view(-1, 1, 1, 1)
    low, high, near = torch.arange(61) // 4, (torch.arange(61) + 3) // 4, ((torch.arange(61) + 1) // 4).clamp(max=15)
    for k, scene in enumerate(held_out(count)):
        frames = maker.render(scene, 61)
        latents = shipped.encode(frames)
        copies, words = repeat_keys(latents[:, :, ::4]), shipped.context([caption(scene)])
        made = sample(sampler["kind"], _told(shipped, copies, words), noise_like(copies, k), sampler["steps"])
        true, keys = shipped.decode(latents), shipped.decode(latents[:, :, ::4])
        ways = {"interp": shipped.decode(made), "repeating": keys[near], "fading": torch.lerp(keys[low], keys[high], share)}
        for name, clip in ways.items():
            for against, truth in (("", true), (" against the world", frames * 2 - 1)):
                sums[name + against] = sums.get(name + against, 0) + psnr(clip[between], truth[between]) / count
        rows += [true[24:33] / 2 + 0.5, ways["interp"][24:33] / 2 + 0.5]
    save_sheet(CACHE / "measure-interp.png", rows[:16], ["true", "made"] * min(count, 8), frames=9, scale=0.4)
    return {"clips": count, **sampler, **{name: round(value, 2) for name, value in sums.items()}}


def _told(shipped: Shipped, copies: Tensor, words: Tensor):
    return lambda x, t: shipped.denoise("interp", torch.cat([x, copies], 1), t, words)


def measure_transition(shipped: Shipped, count: int, how: How) -> dict:
    """PSNR of the two known frames, and the largest step between frames over the median step."""
    sampler, scenes, rows = how.over(shipped.sampler("transition")), held_out(2 * count), []
    kept, jumps, true_jumps = 0.0, [], []
    mask = torch.ones(1, 16)
    mask[:, [0, -1]] = 0
    for k in range(count):
        true = render_transition(scenes[2 * k], scenes[2 * k + 1], clip_times(16), Window(144, 256))
        x0 = shipped.encode(true)

        def predict(x: Tensor, t: Tensor, words: Tensor, known: Tensor = x0) -> Tensor:
            times = len(x)
            return shipped.denoise("transition", with_known(x, known.repeat(times, 1, 1, 1, 1), mask.repeat(times, 1)), t, words)

        step = guided(predict, shipped.context([JOIN_WORDS]), shipped.context([""]), sampler["guidance"])
        made = shipped.decode(sample(sampler["kind"], step, noise_like(x0, k), sampler["steps"]))
        kept += psnr(made[[0, -1]], true[[0, -1]] * 2 - 1) / count
        for clip, ratios in ((made, jumps), (true * 2 - 1, true_jumps)):
            largest, median = frame_steps(clip)
            ratios.append(largest / median)
        rows += [true, made / 2 + 0.5]
    save_sheet(CACHE / "measure-transition.png", rows[:16], ["true", "made"] * min(count, 8), frames=8, scale=0.45)
    smooth = {name: {"median": sorted(r)[count // 2], "worst": max(r)} for name, r in (("jump", jumps), ("true_jump", true_jumps))}
    return {"joins": count, **sampler, "known_psnr": kept, **smooth}
