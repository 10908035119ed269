"""The world is deterministic, the same at every size, and keeps some combinations back."""

import random

import torch

from modeling.world import Window, caption, clip_times, render, sample_scene, vocabulary
from modeling.world.clips import ClipMaker
from modeling.world.transition import render_transition

SMALL = Window(72, 128)


def scenes(count: int, held_out: bool | None = None) -> list:
    rng = random.Random(5)
    return [sample_scene(rng, held_out) for _ in range(count)]


def test_equal_scenes_render_to_equal_pixels() -> None:
    for scene in scenes(6):
        assert torch.equal(render(scene, clip_times(3), SMALL), render(scene, clip_times(3), SMALL))


def test_a_window_is_the_same_pixels_as_in_the_whole_picture() -> None:
    for scene in scenes(6):
        whole = render(scene, clip_times(2), Window(216, 384))
        part = render(scene, clip_times(2), Window(216, 384, 60, 100, 90, 120))
        assert torch.allclose(part, whole[:, :, 60:150, 100:220], atol=1e-5)


def test_a_larger_picture_shrinks_to_the_smaller_one() -> None:
    for scene in scenes(6):
        small = render(scene, clip_times(2), SMALL)
        large = torch.nn.functional.avg_pool2d(render(scene, clip_times(2), Window(288, 512)), 4)
        assert (small - large).abs().mean() < 0.01


def test_held_out_combinations_are_about_one_in_ten_and_are_not_drawn() -> None:
    everything = scenes(2000)
    assert 0.06 < sum(s.is_held_out for s in everything) / len(everything) < 0.14
    assert not any(s.is_held_out for s in scenes(200, held_out=False))
    assert all(s.is_held_out for s in scenes(50, held_out=True))


def test_captions_name_object_and_colour_and_repeat_by_seed() -> None:
    for scene in scenes(50):
        words = caption(scene, random.Random(3))
        assert words == caption(scene, random.Random(3))
        assert scene.colour in words
        assert any(noun in words for noun in vocabulary.OBJECTS[scene.object])


def test_the_clip_maker_renders_what_render_renders() -> None:
    maker = ClipMaker(3, 72, 128)
    for _ in range(8):
        scene = maker.draw()
        assert torch.allclose(maker.render(scene, 4), render(scene, clip_times(4), SMALL), atol=1e-6)


def test_a_transition_begins_and_ends_at_its_scenes() -> None:
    first, second = scenes(2)
    made = render_transition(first, second, clip_times(5), SMALL)
    assert torch.allclose(made[:1], render(first, torch.tensor([1.0]), SMALL), atol=1e-5)
    assert torch.allclose(made[-1:], render(second, torch.tensor([0.0]), SMALL), atol=1e-5)
