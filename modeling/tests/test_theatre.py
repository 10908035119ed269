"""The paper theatre of joins: backdrops are known again, objects are cut out whole, words decide the way, and things stay sharp and opaque."""

import functools
import random

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from modeling.export.load_back import load_back
from modeling.export.package import MODELS
from modeling.measure.joins import Judged
from modeling.measure.shipped import Shipped
from modeling.pocket.autoencoder import AutoencoderConfig, Decoder, Encoder
from modeling.pocket.theatre.actor import between
from modeling.pocket.theatre.director import WAYS
from modeling.pocket.theatre.stage import Stage
from modeling.pocket.theatre.theatre import Theatre
from modeling.pocket.theatre.ways import arcsine
from modeling.train import transition
from modeling.train.latents import WINDOW
from modeling.train.sheets import cover_of_object
from modeling.train.theatre import way_played
from modeling.world import Scene, render, sample_scene
from modeling.world.scene import sample_neighbour
from modeling.world.transition import render_transition
from modeling.world.ways.rule import possible_ways
from modeling.world.ways.words import join_words

PACKAGES = MODELS / "packages"
WIDE = 36, 64


@functools.cache
def shipped() -> tuple[Theatre, Encoder, Decoder, Shipped]:
    model = load_back(transition.build(), PACKAGES / "pocket-transition" / "denoiser.onnx")
    halves = [
        load_back(half(AutoencoderConfig()), PACKAGES / "pocket-vae" / f"{name}.onnx") for name, half in (("encoder", Encoder), ("decoder", Decoder))
    ]
    return model.theatre.eval(), *halves, Shipped()


def picture(scene: Scene, time: float) -> Tensor:
    """Latents `[1, C, h, w]`."""
    with torch.no_grad():
        return shipped()[1](render(scene, torch.tensor([time]), WINDOW) * 2 - 1)


def scenes(count: int, seed: int, varied: bool = False) -> list[Scene]:
    rng = random.Random(seed)
    return [sample_scene(rng, held_out=True, varied=varied) for _ in range(count)]


def test_backdrops_are_known_again_whatever_stands_before_them() -> None:
    backdrops = shipped()[0].backdrops
    for scene in scenes(12, 1):
        with torch.no_grad():
            found = backdrops(picture(scene, 1.0))
        sky, place = (["day", "sunset", "night", "storm"], ["meadow", "beach", "snow", "sea", "city"])
        assert (sky[found.told[0, :4].argmax()], place[found.told[0, 4:9].argmax()]) == (scene.sky, scene.place)
        assert found.owned.item() == 1


def test_a_picture_of_another_world_is_not_taken_for_a_backdrop() -> None:
    torch.manual_seed(1)
    noise = torch.rand(2, 3, 9, 16)
    strange = torch.cat([F.interpolate(noise, scale_factor=16.0), torch.rand(1, 3, 144, 256)])
    with torch.no_grad():
        assert shipped()[0].backdrops(shipped()[1](strange * 2 - 1)).owned.sum() == 0


def test_objects_are_cut_out_where_they_are() -> None:
    shares = []
    for scene in scenes(16, 2):
        with torch.no_grad():
            made = shipped()[0].cut(picture(scene, 0.0))[0].thing_cover > 0.5
        true = F.avg_pool2d(cover_of_object(scene, 0.0), 2)[:, :1] > 0.5
        shares.append(((made & true).sum() / (made | true).sum().clamp(min=1)).item())
    assert sum(shares) / len(shares) > 0.8
    assert min(shares) > 0.4


def test_words_decide_the_way() -> None:
    theatre, *_, packages = shipped()
    rng, right = random.Random(3), []
    for first in scenes(60, 4):
        second = sample_neighbour(rng, first, held_out=True)
        way = rng.choice(possible_ways(first, second))
        words = packages.context([join_words(first, second, way, rng)]).sum(2)[:, 0] / 8
        with torch.no_grad():
            _, told, _ = theatre.cut(torch.cat([picture(first, 1.0), picture(second, 0.0)]))
            marks = theatre.director(words, told[:1], told[1:])[0]
        right.append(marks.argmax().item() == way_played(first, second, way))
    assert sum(right) / len(right) >= 0.9


CAR = Scene("car", "red", "medium", "meadow", "day", "still", "left")
ROBOT = Scene("robot", "blue", "medium", "snow", "day", "still", "right")
SAID = {
    "flow": "the red car turns into a blue robot",
    "pan": "the camera pans to a blue robot",
    "ride": "the camera follows the red car and it turns into a blue robot",
    "zoom": "zoom into the red car",
    "rise": "the camera rises over the clouds and comes down on the snow",
    "page": "turn the page",
}


def played(words: str, share: Tensor, first: Scene = CAR, second: Scene = ROBOT) -> tuple[Tensor, bool]:
    """Frames `[F, 3, H, W]`, and whether the theatre plays at all."""
    theatre, _, decoder, packages = shipped()
    with torch.no_grad():
        said = packages.context([words]).sum(2)[:, 0] / 8
        latents, taken = theatre(picture(first, 1.0), picture(second, 0.0), share.unsqueeze(0), said)
        return decoder(latents[0].transpose(0, 1)) / 2 + 0.5, bool(taken.item())


@pytest.mark.parametrize("way", SAID)
def test_the_middle_is_sharp_and_no_mix_of_the_ends(way: str) -> None:
    frames, taken = played(SAID[way], torch.linspace(0, 1, 16))
    judged = Judged.of(frames)
    true = Judged.of(render_transition(CAR, ROBOT, torch.linspace(0, 1, 16), WINDOW, way=way))
    assert taken
    assert judged.middle > 0.85 * true.middle
    assert judged.mixed < max(0.6, true.mixed + 0.1)


def test_each_way_looks_like_no_other() -> None:
    middles = [played(words, torch.tensor([0.4, 0.5]))[0][1] for words in SAID.values()]
    apart = [(a - b).abs().mean().item() for k, a in enumerate(middles) for b in middles[:k]]
    assert min(apart) > 0.02


def test_both_ends_are_kept_whatever_the_way() -> None:
    ends = torch.cat([render(CAR, torch.tensor([1.0]), WINDOW), render(ROBOT, torch.tensor([0.0]), WINDOW)])
    for words in SAID.values():
        frames, _ = played(words, torch.tensor([0.0, 1.0]))
        assert (frames - ends).abs().mean() < 0.03


def test_a_shot_is_left_to_the_denoiser() -> None:
    assert not played("a red car stands on the grass", torch.tensor([0.5, 0.6]), CAR, CAR)[1]


def test_an_outline_between_two_has_one_edge() -> None:
    stage = Stage(*WIDE, torch.device("cpu"))
    circle, square = stage.inside((stage.x.square() + stage.y.square()).sqrt() - 0.5), stage.inside(torch.maximum(stage.x.abs(), stage.y.abs()) - 0.5)
    for share in (0.0, 0.3, 0.5, 0.8, 1.0):
        made = between(circle, square, torch.tensor(share))
        assert (torch.minimum(circle, square) - made).max() < 1e-6
        assert ((made > 0.2) & (made < 0.8)).float().mean() < 0.03
        assert made.mean() < square.mean() + 1e-3
    assert torch.allclose(between(circle, square, torch.tensor(0.0)), circle, atol=0.02)


def test_a_layer_is_looked_at_from_elsewhere() -> None:
    stage, layer = Stage(*WIDE, torch.device("cpu")), torch.rand(1, 2, *WIDE)
    assert torch.allclose(stage.look(layer, stage.x, stage.y), layer, atol=1e-4)
    ink, alpha = stage.cut_out(layer[:, :1], torch.ones(1, 1, *WIDE), stage.x + 10 * stage.pixel, stage.y)
    assert torch.allclose(ink[..., :-10], layer[:, :1, :, 10:], atol=1e-4)
    assert alpha[..., -9:].max() == 0
    assert alpha[..., :-11].min() > 0.99


def test_arcsine_is_one() -> None:
    x = torch.linspace(0, 1, 101)
    assert (arcsine(x) - torch.asin(x)).abs().max() < 1e-4


def test_every_way_has_its_number() -> None:
    boat = Scene("boat", "red", "medium", "sea", "day", "right", "left")
    assert WAYS[way_played(CAR, ROBOT, "pan")] == "pan"
    assert WAYS[way_played(boat, boat, "pan")] == WAYS[way_played(boat, boat, "follow")] == "ride"
