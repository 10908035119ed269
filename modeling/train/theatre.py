"""Train the theatre of the transition denoiser: `python -m modeling.train.theatre --part cutter --steps 400`, then `--part director --steps 2000`.

Needs `modeling.train.ink` (the ink) and `modeling.train.sheets`. Each part is taught what it shall say: the cutter what an object
covers, the director which way a join takes. A network that has to find both out from the frames of joins lets fade what it is unsure of.
"""

import argparse
import random

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import Tensor
from tqdm import tqdm

from modeling.pocket.theatre.cutter import compare
from modeling.pocket.theatre.director import WAYS
from modeling.pocket.theatre.theatre import Theatre
from modeling.train.base import TextToLatents, describe, encode, load_base
from modeling.train.latents import load_autoencoder
from modeling.train.optimizer import Optimizer
from modeling.train.run import Run, Schedule, load_average, set_up
from modeling.train.sheets import Sheets, load_sheets, mix_paper
from modeling.world import Scene
from modeling.world.ways.pan import side
from modeling.world.ways.rule import choose_way, possible_ways
from modeling.world.ways.words import UNSAID, join_words

SPOTS = 400  #: of each picture
BATCH = 1536  #: spots of a step of the cutter
PAIRS, UNSEEN_PAIRS = 9_000, 600
TOGETHER = 128  #: pairs of a step of the director
UNSEEN = 64  #: the first so many pictures are not trained on, at most an eighth of them
NOISE = 0.15  #: pictures that a network made are not quite those of the world
SHADOW = 0.5  #: what errors of it count
HIDDEN = 0.25  #: share of the pairs of which the director sees nothing; so strong is the noise of what it sees
SHOTS = 0.12  #: share of pairs from one shot
SHARED = 0.6  #: of the others, those that must share something
TRIES = 100  #: to find a neighbour
UNSAID_SHARE = 0.6  #: of the joins of which the way need not be said
JOIN_WORDS = "smooth transition"


def way_played(first: Scene, second: Scene, way: str) -> int:
    """The number of what the theatre plays: a pan that keeps its object is a ride."""
    same = first.object == second.object
    return WAYS.index("ride" if way == "follow" or (way == "pan" and same) else way)


def words_of(first: Scene, second: Scene, way: str, rng: random.Random) -> str:
    """What a join is told: nothing, or next to nothing, only where its way follows from the scenes: no input has two truths."""
    unsaid = way == choose_way(first, second) and rng.random() < UNSAID_SHARE
    return say_nothing(second, rng) if unsaid else join_words(first, second, way, rng)


def say_nothing(second: Scene, rng: random.Random) -> str:
    """Words that name no way."""
    return rng.choice((*UNSAID, JOIN_WORDS, describe([second], rng)[0]))


def shares(first: Scene, second: Scene) -> bool:
    """Whether neighbours have something in common."""
    return first.object == second.object or first.place == second.place or first.sky == second.sky


def _neighbour(sheets: Sheets, index: int, first: int, last: int, rng: random.Random) -> int | None:
    """A picture of another scene, which mostly has something in common with the one of this; none if none is soon found."""
    one, must_share = sheets.scenes[index], rng.random() < SHARED
    for _ in range(TRIES):
        found = rng.randrange(first, last)
        two = sheets.scenes[found]
        if any(getattr(one, name) != getattr(two, name) for name in ("object", "colour", "place", "sky")) and (not must_share or shares(one, two)):
            return found
    return None


class Pairs:
    """Pairs of pictures, with words, the way, and the side."""

    def __init__(self, sheets: Sheets, first: int, last: int, count: int, base: TextToLatents, tokenizer: Tokenizer, seed: int):
        rng, rows, prompts, told = random.Random(seed), [], [], []
        by_scene: dict[Scene, list[int]] = {}
        for k in range(first, last):
            by_scene.setdefault(sheets.scenes[k], []).append(k)
        for _ in range(count):
            i = rng.randrange(first, last)
            one, next_one = sheets.scenes[i], _neighbour(sheets, i, first, last, rng)
            if next_one is None or rng.random() < SHOTS:
                j, way, said, is_told = rng.choice(by_scene[one]), WAYS.index("shot"), describe([one], rng)[0], False
            else:
                j, two = next_one, sheets.scenes[next_one]
                named = choose_way(one, two) if rng.random() < 0.5 else rng.choice(possible_ways(one, two))
                is_told = named != choose_way(one, two) or rng.random() > UNSAID_SHARE
                way, said = way_played(one, two, named), join_words(one, two, named, rng) if is_told else say_nothing(two, rng)
            rows.append((i, j, way, side(one, sheets.scenes[j]) > 0))
            prompts.append(said)
            told.append(is_told)
        self.rows, self.told = torch.tensor(rows), torch.tensor(told)
        with torch.no_grad():
            parts = [base.text(encode(tokenizer, prompts[k : k + 256])).sum(1) / 8 for k in tqdm(range(0, count, 256), desc="words", mininterval=10)]
        self.words = torch.cat(parts)


def load_theatre(part: str) -> Theatre:
    """As far as it is trained; `part` is the one that is to be trained."""
    theatre = Theatre(16, 128)
    theatre.ink.load_state_dict(load_average("ink"))
    theatre.backdrops.load_state_dict(load_sheets()[1])
    theatre.paper.weight.data, theatre.paper.bias.data = mix_paper(theatre.ink, load_autoencoder())
    if part != "cutter":
        theatre.cutter.load_state_dict(load_average("cutter"))
    if part == "done":
        theatre.director.load_state_dict(load_average("director"))
    return theatre.requires_grad_(False)


@torch.no_grad()
def spots_of(theatre: Theatre, sheets: Sheets, first: int, last: int) -> tuple[Tensor, Tensor]:
    """Features of spots `[S, FEATURES]`, most of them near what covers something, and the covers `[S, 2]`."""
    features, covers, plates = [], [], theatre.ink.spread(theatre.backdrops.behind[:, 0])
    for k in range(first, last, 32):
        part = slice(k, min(k + 32, last))
        latents = sheets.latents[part]
        number = torch.cdist(theatre.backdrops(latents).told, theatre.backdrops.told, p=1).argmin(1)
        noisy = latents + NOISE * torch.rand(len(latents), 1, 1, 1) * torch.randn_like(latents)
        seen, true = compare(theatre.ink.spread(noisy), plates[number]).flatten(2), sheets.covers[part]
        near = F.max_pool2d(true.amax(1, keepdim=True), 7, 1, 3).flatten(1) + 0.1
        picked = torch.multinomial(near, SPOTS)
        features.append(seen.gather(2, picked.unsqueeze(1).expand(-1, seen.shape[1], -1)).transpose(1, 2).flatten(0, 1))
        covers.append(true.flatten(2).gather(2, picked.unsqueeze(1).expand(-1, 2, -1)).transpose(1, 2).flatten(0, 1))
    return torch.cat(features), torch.cat(covers)


def train_cutter(theatre: Theatre, sheets: Sheets, steps: int, every: int) -> None:
    """From pictures and their backdrops to what covers these."""
    cutter = theatre.cutter.requires_grad_(True)
    unseen = min(UNSEEN, len(sheets.latents) // 8)
    features, covers = spots_of(theatre, sheets, unseen, len(sheets.latents))
    run = Run("cutter", cutter, Optimizer(cutter, muon_lr=0.02, adam_lr=3e-3, average=0.98, plain=("first", "last")))
    run.resume()

    def loss() -> Tensor:
        picked = torch.randint(0, len(features), (BATCH,))
        marks = cutter.mark(features[picked][..., None, None])[..., 0, 0]
        error = F.binary_cross_entropy_with_logits(marks, covers[picked], reduction="none").mean(0)
        return error[0] + SHADOW * error[1]

    def sample() -> None:
        latents, true = sheets.latents[:unseen], sheets.covers[:unseen]
        made = cutter(theatre.ink.spread(latents), theatre.ink.spread(theatre.backdrops(latents).behind[:, 0])).sigmoid()
        wrong = ((made[:, 0] > 0.5) != (true[:, 0] > 0.5)).sum() / (true[:, 0] > 0.5).sum()
        run.log[-1] |= {"wrong_share": wrong.item(), "shadow": (made[:, 1] - true[:, 1]).abs().mean().item()}
        print(f"\nstep {run.step} {run.log[-1]}", flush=True)

    run.train(Schedule(steps, warm_up=20), loss, every, sample)


def train_director(theatre: Theatre, sheets: Sheets, steps: int, every: int) -> None:
    """From both ends and the words to the way."""
    director, (base, tokenizer) = theatre.director.requires_grad_(True), load_base()
    sheets = sheets.at([k for k, time in enumerate(sheets.times) if time in (0.0, 1.0)])
    with torch.no_grad():
        described = torch.cat([theatre.cut(part)[1] for part in tqdm(sheets.latents.split(32), desc="cut", mininterval=10)])
    cut = max(1, len(described) // 8)
    count = min(PAIRS, TOGETHER * steps)
    seen = Pairs(sheets, cut, len(described), count, base, tokenizer, seed=1)
    unseen = Pairs(sheets, 0, cut, min(UNSEEN_PAIRS, count), base, tokenizer, seed=2)
    run = Run("director", director, Optimizer(director, muon_lr=0.02, adam_lr=2e-3, average=0.99, plain=("words", "ends")))
    run.resume()
    scale = described.std(0)

    def said(pairs: Pairs, picked: Tensor, blurred: float = 0.0) -> tuple[Tensor, Tensor]:
        rows, hidden = pairs.rows[picked], (torch.rand(len(picked), 1) > blurred).float()
        ends = [(described[rows[:, k]] + blurred * scale * torch.randn(len(picked), len(scale))) * hidden for k in (0, 1)]
        return director(pairs.words[picked], *ends)

    def loss() -> Tensor:
        picked = torch.randint(0, len(seen.rows), (TOGETHER,))
        marks, right = said(seen, picked, HIDDEN)
        rows = seen.rows[picked]
        return F.cross_entropy(marks, rows[:, 2]) + 0.3 * F.binary_cross_entropy_with_logits(right, rows[:, 3].float())

    def sample() -> None:
        everything = torch.arange(len(unseen.rows))
        marks, right = said(unseen, everything)
        hit = marks.argmax(1) == unseen.rows[:, 2]
        pans = (unseen.rows[:, 2] == WAYS.index("pan")) | (unseen.rows[:, 2] == WAYS.index("ride"))
        shots = unseen.rows[:, 2] == WAYS.index("shot")
        sides = (right > 0) == (unseen.rows[:, 3] > 0)
        means = {"right": hit, "right_told": hit[unseen.told], "shots": hit[shots], "sides": sides[pans]}
        run.log[-1] |= {name: round(values.float().mean().item(), 4) for name, values in means.items()}
        print(f"\nstep {run.step} {run.log[-1]}", flush=True)

    run.train(Schedule(steps), loss, every, sample)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=("cutter", "director"), required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--every", type=int, default=100)
    options = parser.parse_args()
    set_up(options.seed)
    theatre, sheets = load_theatre(options.part), load_sheets()[0]
    train = {"cutter": train_cutter, "director": train_director}[options.part]
    train(theatre, sheets, options.steps, options.every)


if __name__ == "__main__":
    main()
