"""Measure what generates clips, on what training never saw: `python -m modeling.measure.generators base latte subject fidelity seine speed`.

All go through onnxruntime, as in Shotline, with the same noise and the same sampler (SEINE's modes with that of their package). Answers are
kept clip by clip in `$SHOTLINE_CACHE/train/generators-<name>.json`, so a measurement that was stopped goes on; `--fresh` forgets them.
"""

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import Tensor

from modeling.measure.clips import WORDS, found
from modeling.measure.shipped import Shipped, held_out, noise_like
from modeling.train.diffusion import guided, sample
from modeling.train.portraits import PICTURE
from modeling.train.run import CACHE
from modeling.train.subject import prompt_of, put_tokens, tell_rows
from modeling.train.theatre import JOIN_WORDS
from modeling.train.transition import with_known
from modeling.train.vae import psnr
from modeling.world import Scene, Window, caption, clip_times, render
from modeling.world.clips import ClipMaker
from modeling.world.looks import Look, draw_look
from modeling.world.portrait import render_portrait
from modeling.world.sheet import save_sheet
from modeling.world.transition import render_transition

SOLVER, STEPS, GUIDANCE, BATCH = "dpmpp-2m", 8, 3.0, 4
WINDOW = Window(144, 256)
RIVALS = 7  #: other looks that a generated subject must be told apart from
MODES = {"animate": [0], "continue": [0, 1, 2, 3], "keyframes": [0, 8, 15], "transition": [0, 15]}


class Kept:
    """Answers by measurement and clip."""

    def __init__(self, fresh: bool):
        self._fresh = fresh

    def of(self, name: str, count: int, make: Callable[[list[int]], list[list]]) -> list[list]:
        """The answers of `count` clips, those that are not there made in batches."""
        path = CACHE / f"generators-{name.replace(' ', '-')}.json"
        answers: dict[str, list] = json.loads(path.read_text()) if path.exists() and not self._fresh else {}
        missing = [k for k in range(count) if str(k) not in answers]
        for start in range(0, len(missing), BATCH):
            picked = missing[start : start + BATCH]
            for k, answer in zip(picked, make(picked), strict=True):
                answers[str(k)] = answer
            path.write_text(json.dumps(answers))
        return [answers[str(k)] for k in range(count)]


def from_words(shipped: Shipped, role: str, prompts: list[str], seeds: list[int]) -> Tensor:
    """Clips `[B, C, F, h, w]` from words."""
    step = guided(lambda x, t, c: shipped.denoise(role, x, t, c), shipped.context(prompts), shipped.context([""] * len(prompts)), GUIDANCE)
    return sample(SOLVER, step, noise(seeds), STEPS)


def noise(seeds: list[int]) -> Tensor:
    """The same noise for every model."""
    return torch.cat([noise_like(torch.empty(1, 16, 16, 9, 16), seed) for seed in seeds])


def sample_subject(shipped: Shipped, scenes: list[Scene], seeds: list[int]) -> Tensor:
    """Clips `[B, C, F, h, w]` of subjects by their pictures."""
    pictures = torch.stack([render_portrait(scene, PICTURE) for scene in scenes]) * 2 - 1
    prompts = [prompt_of(scene) for scene in scenes]
    spans = tell_rows(shipped.tokenizer, prompts)
    context = shipped.context([prompt for prompt, _ in prompts]).squeeze(1)
    words = torch.stack([c[a : a + n].mean(0) for c, (a, n) in zip(context, spans, strict=True)])
    (tokens,) = shipped.run("subject/vision", picture=pictures, word=words)
    (exemplars,) = shipped.run("vae/encoder", frames=pictures)
    told = put_tokens(context, spans, tokens).unsqueeze(1)

    def predict(x: Tensor, t: Tensor, c: Tensor) -> Tensor:
        has = torch.cat([torch.zeros(len(x) // 2), torch.ones(len(x) // 2)])
        return shipped.denoise("subject", x, t, c, exemplar=exemplars.repeat(2, 1, 1, 1), has_exemplar=has)

    return sample(SOLVER, guided(predict, told, shipped.context([""] * len(scenes)), GUIDANCE), noise(seeds), STEPS)


def decode(shipped: Shipped, latents: Tensor) -> list[Tensor]:
    """Frames `[F, 3, h, w]` in -1..1 of each clip."""
    return [shipped.decode(z.unsqueeze(0)) for z in latents]


def subjects(count: int) -> list[Scene]:
    """Held-out scenes whose objects have looks that training never saw."""
    rng = random.Random(78)
    return [replace(scene, look=draw_look(rng, held_out=True)) for scene in held_out(count)]


def shares(answers: list[list], kinds: list[str]) -> dict:
    """How often each kind was found, and all of them together."""
    columns = [WORDS.index(kind) for kind in kinds]
    share = {kind: round(statistics.mean(a[i] for a in answers), 3) for kind, i in zip(kinds, columns, strict=True)}
    return {"prompts": len(answers), **share, "all": round(statistics.mean(all(a[i] for i in columns) for a in answers), 3)}


def measure_adherence(role: str) -> Callable[[Shipped, Kept, int], dict]:
    """Prompts of held-out combinations whose object, colour, place, sky and motion the probe finds."""

    def measure(shipped: Shipped, kept: Kept, count: int) -> dict:
        scenes = held_out(count)

        def make(picked: list[int]) -> list[list]:
            clips = decode(shipped, from_words(shipped, role, [caption(scenes[k]) for k in picked], picked))
            return [found(shipped, clip, scenes[k]) for clip, k in zip(clips, picked, strict=True)]

        return shares(kept.of(role, count, make), list(WORDS))

    return measure


def measure_subject(shipped: Shipped, kept: Kept, count: int) -> dict:
    """The same for prompts with a subject, whose colour no word says."""
    scenes = subjects(count)

    def make(picked: list[int]) -> list[list]:
        clips = decode(shipped, sample_subject(shipped, [scenes[k] for k in picked], picked))
        return [found(shipped, clip, scenes[k]) for clip, k in zip(clips, picked, strict=True)]

    return shares(kept.of("subject", count, make), [kind for kind in WORDS if kind != "colour"])


def histogram(pixels: Tensor) -> Tensor:
    """Shares of 64 colours among pixels `[3, N]` in 0..1."""
    cell = (pixels.clamp(0, 0.999) * 4).long()
    return torch.bincount((cell[0] * 4 + cell[1]) * 4 + cell[2], minlength=64).float() / pixels.shape[1]


def measure_fidelity(shipped: Shipped, kept: Kept, count: int) -> dict:
    """How much a generated subject looks like its picture, beside words alone and words with the nearest colour, on unseen looks.

    Where the object should be (as rendered, frames 5 and 10): overlap of colours with the picture (1 is alike), PSNR against the object
    rendered there, whether its own look is the nearest of eight, and overlap of colours with the same subject in another shot.
    """
    rng = random.Random(79)
    scenes = [replace(scene, sky="day") for scene in subjects(count)]
    others = [replace(scene, position=rng.choice(("left", "right")), motion="still", size="medium") for scene in scenes]
    rivals = [[draw_look(rng, held_out=True) for _ in range(RIVALS)] for _ in scenes]
    rows, titles = [], []

    def make(picked: list[int]) -> list[list]:
        chosen, away = [scenes[k] for k in picked], [others[k] for k in picked]
        plain = [prompt_of(scene)[0] for scene in chosen]
        coloured = [caption(replace(scene, colour=scene.look.body, look=None)) for scene in chosen]
        made = {
            "picture": sample_subject(shipped, chosen, picked),
            "again": sample_subject(shipped, away, [k + 1000 for k in picked]),
            "words": from_words(shipped, "base", plain, picked),
            "words again": from_words(shipped, "base", [prompt_of(scene)[0] for scene in away], [k + 1000 for k in picked]),
            "colour": from_words(shipped, "base", coloured, picked),
        }
        clips = {name: [clip / 2 + 0.5 for clip in decode(shipped, latents)] for name, latents in made.items()}
        answers = []
        for i, k in enumerate(picked):
            looks = compare({n: clips[n][i] for n in ("picture", "words", "colour")}, chosen[i], rivals[k])
            for name, again in (("picture", "again"), ("words", "words again")):
                pair = (on_object(clips[name][i], chosen[i]), on_object(clips[again][i], away[i]))
                looks.append(torch.minimum(histogram(pair[0]), histogram(pair[1])).sum().item())
            answers.append(looks)
            rows.append(torch.stack([pad(render_portrait(chosen[i], 144)), clips["picture"][i][10], clips["again"][i][10], clips["words"][i][10]]))
            titles.append(plain[i])
        return answers

    answers = torch.tensor(kept.of("fidelity", count, make)).mean(0).tolist()
    if rows:
        save_sheet(CACHE / "measure-subject.png", rows[:16], titles[:16], frames=4, scale=0.5, columns=2)
    names = [f"{name} {what}" for name in ("picture", "words", "colour") for what in ("colours", "psnr", "nearest")]
    return {"subjects": count, **{n: round(a, 3) for n, a in zip([*names, "picture across shots", "words across shots"], answers, strict=True)}}


def pad(picture: Tensor) -> Tensor:
    """A portrait as wide as a frame."""
    return F.pad(picture, (56, 56), value=1.0)


def on_object(clip: Tensor, scene: Scene) -> Tensor:
    """Pixels `[3, N]` where the scene has its object, of two frames."""
    frames, there = truth(scene)
    del frames
    return clip[[5, 10]].transpose(0, 1)[:, there]


def truth(scene: Scene, look: Look | None = None) -> tuple[Tensor, Tensor]:
    """Frames 5 and 10 of a scene `[2, 3, h, w]`, and where its object is `[2, h, w]`."""
    times = clip_times(16)[[5, 10]]
    background = ClipMaker(0).background(scene, times)
    frames = render(replace(scene, look=look) if look else scene, times, WINDOW, background)
    return frames, (frames - background).abs().amax(1) > 0.03


def compare(clips: dict[str, Tensor], scene: Scene, rivals: list[Look]) -> list[float]:
    """Colours, PSNR and whether the own look is nearest, per clip."""
    portrait = render_portrait(scene, 96)
    own = histogram(portrait[:, (portrait < 0.99).any(0)])
    frames, there = truth(scene)
    candidates = [frames, *(truth(scene, look)[0] for look in rivals)]
    answers = []
    for clip in clips.values():
        pixels = on_object(clip, scene)
        errors = [(pixels - c.transpose(0, 1)[:, there]).square().mean().item() for c in candidates]
        colours = torch.minimum(histogram(pixels), own).sum().item()
        answers += [colours, -10 * torch.tensor(errors[0]).log10().item(), float(min(errors) == errors[0])]
    return answers


def measure_seine(shipped: Shipped, kept: Kept, count: int) -> dict:
    """Per mode: PSNR of known frames, decoded, against the frames that were given, and flicker beside truth and dissolve.

    Flicker, the mean absolute step between frames (of 255), is the formula of VBench's temporal flickering before it is turned round: lower
    is smoother. The dissolve fades between the decoded known frames. `uneven` is the largest step over the median one. What the probe finds
    of the prompt is counted where one scene goes on.
    """
    scenes, maker, sampler = held_out(2 * count), ClipMaker(0), shipped.sampler("transition")
    made_of = {}
    for mode, known in MODES.items():

        def make(picked: list[int], mode: str = mode, known: list[int] = known) -> list[list]:
            true = [
                render_transition(scenes[2 * k], scenes[2 * k + 1], clip_times(16), WINDOW) if mode == "transition" else maker.render(scenes[k])
                for k in picked
            ]
            x0 = torch.cat([shipped.encode(frames) for frames in true])
            mask = torch.ones(len(picked), 16)
            mask[:, known] = 0
            words = [JOIN_WORDS if mode == "transition" else caption(scenes[k]) for k in picked]

            def predict(x: Tensor, t: Tensor, c: Tensor) -> Tensor:
                times = len(x) // len(x0)
                return shipped.denoise("transition", with_known(x, x0.repeat(times, 1, 1, 1, 1), mask.repeat(times, 1)), t, c)

            step = guided(predict, shipped.context(words), shipped.context([""] * len(words)), sampler["guidance"])
            made = decode(shipped, sample(sampler["kind"], step, noise(picked), sampler["steps"]))
            seen = [[0.0] * len(WORDS) if mode == "transition" else found(shipped, clip, scenes[k]) for clip, k in zip(made, picked, strict=True)]
            return [
                [psnr(clip[known], frames[known] * 2 - 1), *steps(clip), *steps(frames * 2 - 1), *steps(dissolve(decoded, known)), *words]
                for clip, decoded, frames, words in zip(made, decode(shipped, x0), true, seen, strict=True)
            ]

        values = torch.tensor(kept.of(f"seine {mode}", count, make)).mean(0).tolist()
        names = ("known_psnr", "flicker", "uneven", "true_flicker", "true_uneven", "dissolve_flicker", "dissolve_uneven", *WORDS)
        figures = {name: round(value, 2) for name, value in zip(names, values, strict=True)}
        made_of[mode] = {name: value for name, value in figures.items() if mode != "transition" or name not in WORDS}
    return {"clips": count, **made_of}


def steps(clip: Tensor) -> list[float]:
    """Mean absolute step between frames in -1..1, of 255, and the largest over the median."""
    moves = clip.diff(dim=0).abs().mean((1, 2, 3)) * 127.5
    return [moves.mean().item(), (moves.max() / moves.median().clamp(min=1e-3)).item()]


def dissolve(frames: Tensor, known: list[int]) -> Tensor:
    """Frames between known ones faded from one to the next; behind the last one it stands."""
    made = frames.clone()
    for first, last in zip(known, [*known[1:], len(frames) - 1], strict=True):
        for k in range(first + 1, last + 1):
            share = (k - first) / (last - first) if last in known else 0.0
            made[k] = frames[first].lerp(frames[last], share)
    return made


def measure_speed(shipped: Shipped, kept: Kept, count: int) -> dict:
    """Median milliseconds of a guided step (batch 2, 16 frames, 256x144), the models in turn."""
    del kept
    x, t, c = torch.randn(2, 16, 16, 9, 16), torch.full((2,), 500), shipped.context(["a red ball", ""])
    told = {"exemplar": torch.randn(2, 16, 6, 6), "has_exemplar": torch.tensor([0.0, 1])}
    times: dict[str, list[float]] = {"base": [], "latte": [], "subject": []}
    for _ in range(max(count, 2)):
        for role, kept_times in times.items():
            start = time.perf_counter()
            shipped.denoise(role, x, t, c, **(told if role == "subject" else {}))
            kept_times.append((time.perf_counter() - start) * 1000)
    return {"calls": max(count, 2), **{role: round(statistics.median(values[1:]), 1) for role, values in times.items()}}


MEASURES = {
    "base": (measure_adherence("base"), 100),
    "latte": (measure_adherence("latte"), 100),
    "subject": (measure_subject, 100),
    "fidelity": (measure_fidelity, 32),
    "seine": (measure_seine, 16),
    "speed": (measure_speed, 9),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*MEASURES, []])
    parser.add_argument("--count", type=int, help="clips per measurement; the default is what the README states")
    parser.add_argument("--fresh", action="store_true")
    options = parser.parse_args()
    shipped, kept = Shipped(), Kept(options.fresh)
    for name in options.names or MEASURES:
        measure, count = MEASURES[name]
        print(name, json.dumps({"solver": SOLVER, "steps": STEPS, **measure(shipped, kept, options.count or count)}), flush=True)


if __name__ == "__main__":
    main()
