"""Train the detector on real pictures: `python -m modeling.train.detector --steps 500`.

Pictures have no, one or two objects, at any moment of their motion. Half of them went through the shipped autoencoder, as everything that
the pocket models draw; all are blurred, dimmed and made noisy at random, so that the detector judges what they show and not how sharp it is.
"""

import argparse
import functools
import random
from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import Tensor

from modeling.accuracy import detector_accuracy
from modeling.pocket.detector import STRIDE, Detector, DetectorConfig
from modeling.train.latents import load_autoencoder
from modeling.train.optimizer import Optimizer
from modeling.train.probe import disturb
from modeling.train.run import CACHE, RANK, Run, Schedule, load_average, save_whole, set_up, share
from modeling.world import vocabulary
from modeling.world.brush import Brush
from modeling.world.clips import to_bytes
from modeling.world.motion import pose
from modeling.world.objects import paint_object
from modeling.world.render import Window, paint_actor, render_background
from modeling.world.scene import Scene, sample_scene

BATCH = 32
WINDOW = Window(144, 256)
WORDS = {kind: list(vocabulary.KINDS[kind]) for kind in ("object", "colour", "place", "sky")}
MOST = 2  #: objects in a picture
#: Targets of a picture: place, sky, then per object its word, colour and box; -1 for an object that is not there.
TARGET = 2 + 6 * MOST


def detector_config() -> DetectorConfig:
    """The detector of this world."""
    return DetectorConfig(*(len(WORDS[kind]) for kind in ("object", "colour", "place", "sky")))


def load_detector() -> Detector:
    """The trained detector."""
    model = Detector(detector_config())
    model.load_state_dict(load_average("detector"))
    return model.eval()


@functools.cache
def extent(name: str) -> tuple[float, float, float, float]:
    """Left, bottom, right and top of an object in its own unit, without its shadow; it looks to the right."""
    count, reach = 128, 1.25
    axis = (torch.arange(count) + 0.5) / count * 2 * reach - reach
    painted = []
    for paper in (0.0, 1.0):
        picture = torch.full((1, 3, count, count), paper)
        brush = Brush(picture, axis.view(1, 1, -1).contiguous(), axis.view(1, -1, 1).contiguous(), 2 * reach / count)
        paint_object(brush, name, "red", torch.full((1, 1, 1), 0.5), torch.zeros(1, 1, 1))
        painted.append(picture)
    solid = (painted[1] - painted[0]).mean((0, 1)) < 0.5
    across, up = axis[solid.any(0)], axis[solid.any(1)]
    return across.min().item(), up.min().item(), across.max().item(), up.max().item()


def box_of(scene: Scene, time: Tensor) -> list[float]:
    """Left, top, right and bottom of the object in pixels, as far as the picture shows it."""
    at = pose(scene, time)
    left, bottom, right, top = extent(scene.object)
    if at.facing < 0:
        left, right = -right, -left
    x = [(at.x.item() + u * at.size.item()) / WINDOW.pixel + WINDOW.width / 2 for u in (left, right)]
    y = [WINDOW.height / 2 - (at.y.item() + v * at.size.item()) / WINDOW.pixel for v in (top, bottom)]
    return [max(0.0, x[0]), max(0.0, y[0]), min(WINDOW.width, x[1]), min(WINDOW.height, y[1])]


def companions(first: Scene, rng: random.Random, held_out: bool) -> list[Scene]:
    """The actors of a picture: usually the one, sometimes none, often a second one beside it in the same place."""
    chance = rng.random()
    if chance < 0.05:
        return []
    if chance < 0.6:
        return [first]
    for _ in range(200):
        other = sample_scene(rng, held_out)
        if other.object != first.object and first.place in vocabulary.CAN_BE_AT[other.object]:
            sides = rng.sample(("left", "right", "middle"), 2)
            pair = zip((first, replace(other, place=first.place, sky=first.sky)), sides, strict=True)
            return [replace(scene, motion="still", position=side, size=rng.choice(("small", "medium"))) for scene, side in pair]
    return [first]


def load_pictures(count: int, seed: int, held_out: bool) -> tuple[Tensor, Tensor]:
    """Frames at half size `[count, 3, 72, 128]` uint8 and targets `[count, TARGET]`; kept in the cache."""
    path = CACHE / f"detector-{seed}-{count}.pt"
    if not path.exists():
        rng, autoencoder, backgrounds, frames, targets = random.Random(seed), load_autoencoder(), {}, [], []
        while len(frames) < count:
            first = sample_scene(rng, held_out)
            actors = companions(first, rng, held_out)
            made, truth = [], []
            for _ in range(4):
                time = torch.tensor([rng.random()])
                lead = actors[0] if actors else first
                camera = pose(lead, time).camera
                key = (first.place, first.sky, round(camera.item(), 1))
                if key not in backgrounds:
                    backgrounds[key] = render_background(lead, torch.tensor([key[2]]), WINDOW)
                picture = backgrounds[key].clone()
                for actor in actors:
                    paint_actor(picture, actor, pose(actor, time), WINDOW)
                made.append(picture.clamp_(0, 1))
                truth.append(_target(first, actors, time))
            pictures = torch.cat(made)
            if rng.random() < 0.5:
                with torch.no_grad():
                    pictures = autoencoder.decoder(autoencoder.encoder(pictures * 2 - 1)).clamp(-1, 1) / 2 + 0.5
            frames.extend(to_bytes(F.avg_pool2d(pictures, 2)))
            targets.extend(truth)
        save_whole({"frames": torch.stack(frames[:count]), "targets": torch.tensor(targets[:count])}, path)
    saved = torch.load(path, weights_only=True)
    return saved["frames"], saved["targets"]


def _target(first: Scene, actors: list[Scene], time: Tensor) -> list[float]:
    row: list[float] = [WORDS["place"].index(first.place), WORDS["sky"].index(first.sky)]
    for actor in actors:
        row += [WORDS["object"].index(actor.object), WORDS["colour"].index(actor.colour), *box_of(actor, time)]
    return row + [-1.0] * (TARGET - len(row))


def loss_of(model: Detector, halves: Tensor, targets: Tensor) -> Tensor:
    """Presence at the cells of the centres (their neighbours do not count), word, colour and box there, and the words of the scene."""
    presence, objects, colours, boxes, places, skies, _, _ = model.judge(halves)
    rows, columns = presence.shape[-2:]
    actors = targets[:, 2:].unflatten(1, (MOST, 6))
    which = (actors[..., 0] >= 0).nonzero()  # [n, 2]: picture, actor
    actor = actors[which[:, 0], which[:, 1]]
    x, y = (actor[:, 2] + actor[:, 4]) / 2 / STRIDE, (actor[:, 3] + actor[:, 5]) / 2 / STRIDE
    column, row = x.long().clamp(0, columns - 1), y.long().clamp(0, rows - 1)
    here = (which[:, 0], row, column)
    wanted = torch.zeros_like(presence)
    wanted[here] = 1
    near = F.max_pool2d(wanted.unsqueeze(1), 3, 1, 1).squeeze(1)
    counts = torch.where(wanted > 0, 20.0, 1 - near)
    found = (F.binary_cross_entropy_with_logits(presence, wanted, reduction="none") * counts).sum() / len(halves) / 20
    at = lambda maps: maps[which[:, 0], :, row, column]  # noqa: E731
    words = F.cross_entropy(at(objects), actor[:, 0].long()) + F.cross_entropy(at(colours), actor[:, 1].long())
    edges = F.smooth_l1_loss(at(boxes) / STRIDE, actor[:, 2:] / STRIDE)
    scene = F.cross_entropy(places, targets[:, 0].long()) + F.cross_entropy(skies, targets[:, 1].long())
    return found + words + edges + 0.5 * scene


def floats(frames: Tensor) -> Tensor:
    """Bytes to -1..1."""
    return frames.float() / 127.5 - 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--pictures", type=int, default=4000)
    parser.add_argument("--unseen", type=int, default=512)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--every", type=int, default=100)
    options = parser.parse_args()
    set_up(options.seed)
    frames, targets = load_pictures(options.pictures, 51, held_out=False)
    unseen_frames, unseen_targets = load_pictures(options.unseen, 52, held_out=True)
    model = Detector(detector_config()).to(memory_format=torch.channels_last)
    ends = ("eye.1.", "presence", "object", "colour", "box", "place", "sky")
    run = Run("detector", model, Optimizer(model, muon_lr=0.01, adam_lr=1.5e-3, average=0.99, plain=ends))
    run.resume()
    rng = random.Random(options.seed + run.step + 7919 * RANK)

    def loss() -> Tensor:
        picked = torch.randint(0, len(frames), (share(BATCH),))
        disturbed = disturb(floats(frames[picked]).unsqueeze(1), rng).squeeze(1)
        return loss_of(model, disturbed, targets[picked])

    def sample() -> None:
        right = detector_accuracy(lambda part: model.judge(floats(part)), unseen_frames, unseen_targets)
        run.log[-1].update(right)
        print(f"\nstep {run.step} loss {run.log[-1]['loss']:.4f}", {k: round(v, 3) for k, v in right.items()}, flush=True)

    run.train(Schedule(options.steps), loss, options.every, sample)


if __name__ == "__main__":
    main()
