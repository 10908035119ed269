"""Joins: every way begins and ends at its scenes, is the same in a window, stays sharp, and can be said."""

import random
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from modeling.export.package import MODELS
from modeling.export.roles import read_tokenizer
from modeling.train.latents import Passage, draw_join, render_join
from modeling.world import Scene, Window, clip_times, render, sample_scene
from modeling.world.scene import sample_neighbour
from modeling.world.transition import render_transition
from modeling.world.ways import WAYS
from modeling.world.ways.rule import choose_way, possible_ways
from modeling.world.ways.words import WORDS, join_words

SMALL = Window(72, 128)
CAR = Scene("car", "red", "medium", "city", "day", "right", "left")
ROBOT = Scene("robot", "blue", "medium", "snow", "sunset", "still", "middle")
BOAT = Scene("boat", "blue", "medium", "sea", "day", "still", "middle")


def pairs(count: int) -> list[tuple[Scene, Scene]]:
    """Any two scenes; every third pair shares object and place."""
    rng, made = random.Random(8), []
    for k in range(count):
        first, second = (sample_scene(rng, None, varied=k % 2 == 0) for _ in range(2))
        made.append((first, replace(second, object=first.object, place=first.place, layout=first.layout) if k % 3 == 0 else second))
    return made


def sharpness(frames: Tensor) -> Tensor:
    """Mean slope of luma, `[F]`."""
    luma = (frames * torch.tensor([0.299, 0.587, 0.114]).view(3, 1, 1)).sum(1)
    return luma.diff(dim=-1).abs().mean((1, 2)) + luma.diff(dim=-2).abs().mean((1, 2))


@pytest.mark.parametrize("way", WAYS)
def test_a_way_begins_and_ends_exactly_at_its_scenes(way: str) -> None:
    rng = random.Random(2)
    for first, second in pairs(6):
        leaves, enters = rng.random(), rng.random()
        made = render_transition(first, second, torch.tensor([0.0, 1.0]), SMALL, leaves, enters, way)
        for frame, scene, time in zip(made, (first, second), (leaves, enters), strict=True):
            assert (frame - render(scene, torch.tensor([time]), SMALL)[0]).abs().max() * 255 < 0.01


@pytest.mark.parametrize("way", WAYS)
def test_a_window_of_a_way_is_the_same_pixels_as_in_the_whole_picture(way: str) -> None:
    for first, second in pairs(3):
        whole = render_transition(first, second, torch.tensor([0.45]), SMALL, way=way)[:, :, 16:48, 40:88]
        part = render_transition(first, second, torch.tensor([0.45]), Window(72, 128, 16, 40, 32, 48), way=way)
        # slopes of morphing shapes are one-sided at the border
        assert torch.allclose(part[..., 1:-1, 1:-1], whole[..., 1:-1, 1:-1], atol=1e-5)


@pytest.mark.parametrize("way", ["flow", "follow", "zoom", "page"])
def test_nothing_fades_on_the_way(way: str) -> None:
    house = Scene("house", "white", "big", "meadow", "day", "still", "middle")
    other = replace(house, place="snow", sky="sunset") if way in ("flow", "follow") else ROBOT
    made = sharpness(render_transition(house, other, torch.linspace(0, 1, 9), Window(144, 256), way=way))
    assert made.min() > 0.75 * (made[0] + made[-1]) / 2


def test_no_moment_of_a_way_is_a_jump() -> None:
    for way in WAYS:
        near = render_transition(CAR, ROBOT, torch.tensor([0.3, 0.3002]), SMALL, way=way)
        assert (near[1] - near[0]).abs().mean() * 255 < 0.5


def test_what_both_scenes_share_stays_itself() -> None:
    house = Scene("house", "white", "medium", "meadow", "day", "still", "middle")
    made = render_transition(house, replace(house, sky="night"), torch.linspace(0, 1, 5), SMALL)
    edges = made.mean(1).diff(dim=-1).abs()[:, 30:50, 48:80]
    shape = [torch.corrcoef(torch.stack([edges[0].flatten(), frame.flatten()]))[0, 1] for frame in edges]
    assert min(shape) > 0.6


def test_the_way_follows_from_what_moves_and_what_is_shared() -> None:
    balloon = Scene("balloon", "pink", "medium", "beach", "day", "rise", "middle")
    assert choose_way(CAR, replace(CAR, place="beach")) == "follow"
    assert choose_way(CAR, ROBOT) == "pan"
    assert choose_way(CAR, replace(ROBOT, place="city")) == "ride"
    assert choose_way(balloon, replace(balloon, place="city", motion="fall")) == "rise"
    assert choose_way(replace(ROBOT, motion="closer"), BOAT) == "zoom"
    assert choose_way(ROBOT, replace(ROBOT, sky="night")) == "flow"
    assert "pan" not in possible_ways(ROBOT, replace(CAR, place="snow")) and "zoom" not in possible_ways(BOAT, ROBOT)


def test_words_of_a_join_name_its_way_and_are_not_cut() -> None:
    tokenizer, rng, said = read_tokenizer(MODELS / "packages" / "pocket-text"), random.Random(4), {}
    tokenizer.no_padding()
    tokenizer.no_truncation()
    for _ in range(400):
        (first, second), passage = draw_join(rng)
        words = join_words(first, second, passage.way, rng)
        said.setdefault(passage.way, set()).add(words)
        assert len(tokenizer.encode(words).ids) <= 32
    assert set(said) == set(WAYS) == {"flow", *WORDS}
    assert join_words(ROBOT, replace(ROBOT, sky="night"), "flow", rng) in {"night falls", "night comes", "the stars come up", "it is night"}
    assert not set.intersection(*said.values())


def test_neighbours_differ_and_keep_to_training() -> None:
    rng = random.Random(6)
    for _ in range(50):
        other = sample_neighbour(rng, CAR)
        assert not other.is_held_out
        assert any(getattr(CAR, name) != getattr(other, name) for name in ("object", "colour", "place", "sky"))


def test_a_join_of_several_known_frames_begins_and_ends_with_those_of_its_scenes() -> None:
    made = render_join((CAR, ROBOT), Passage("pan", 3), window=SMALL)
    assert len(made) == 16
    times = clip_times(16)
    assert torch.allclose(made[:3], render(CAR, times[-3:], SMALL), atol=1e-5)
    assert torch.allclose(made[-3:], render(ROBOT, times[:3], SMALL), atol=1e-5)
