"""Looks that words cannot say, and the denoiser that is told about them."""

import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from modeling.export import roles
from modeling.export.graph import names_in_bytes, round_to_byte, weights_of
from modeling.pocket.denoiser import Denoiser, DenoiserConfig
from modeling.pocket.subject import SubjectConfig, SubjectDenoiser, VisionEncoder
from modeling.tests.denoisers import randomise
from modeling.train.subject import prompt_of, put_tokens
from modeling.world import Scene, Window, clip_times, render, sample_scene
from modeling.world.looks import PATTERNS, Look, draw_look
from modeling.world.portrait import render_portrait

BASE = DenoiserConfig(in_channels=16, out_channels=16, widths=(64, 96), heads=(2, 2), context_width=64, embedding=64)
CONFIG = SubjectConfig(base=BASE, exemplar_width=32)
SCENE = Scene("boat", "red", "big", "sea", "day", "still", "middle")


def make() -> tuple[Denoiser, SubjectDenoiser]:
    torch.manual_seed(0)
    base = round_to_byte(randomise(Denoiser(BASE)))
    twin = Denoiser(BASE)
    twin.load_state_dict(base.state_dict())
    return twin.eval(), randomise(SubjectDenoiser(CONFIG, base))


def given(frames: int = 5) -> dict[str, torch.Tensor]:
    torch.manual_seed(1)
    return {"sample": torch.randn(2, 16, frames, 5, 7), "timestep": torch.tensor([10, 700]), "context": torch.randn(2, 1, 8, 64)}


def test_without_a_subject_it_is_the_base_to_the_bit() -> None:
    base, denoiser = make()
    exemplar = torch.randn(2, 16, 6, 6)
    with torch.no_grad():
        plain = base(**given())
        told = denoiser(**given(), exemplar=exemplar, has_exemplar=torch.tensor([0.0, 1]))
    assert torch.equal(told[0], plain[0])
    assert not torch.allclose(told[1], plain[1], atol=1e-3)


def test_training_leaves_the_base_alone() -> None:
    _, denoiser = make()
    trained = {name for name, p in denoiser.named_parameters() if p.requires_grad}
    assert all(name.startswith("exemplar.") or ".attention." in name or name.endswith(".norm.gain") for name in trained)
    assert not any(".block." in name for name in trained)


def test_the_graph_computes_what_torch_computes_with_the_base_in_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roles, "SubjectConfig", lambda: CONFIG)
    _, denoiser = make()
    vision = randomise(VisionEncoder(CONFIG))
    in_bytes = names_in_bytes(denoiser)
    folder = roles.export_subject(vision, denoiser, 8, {"seed": 0}, tmp_path).folder
    assert json.loads((folder / "model.json").read_text())["subject"] == {"picture": 96, "tokens": 4}
    stored, weights = weights_of(folder / "denoiser.onnx"), dict(denoiser.named_parameters())
    assert len(in_bytes) > 10
    assert all(torch.allclose(stored[name].float().reshape(p.shape), p, atol=1e-6) for name, p in weights.items())
    windows = {"windows": torch.tensor([[0, 1, 2], [2, 3, 4]]), "window_weights": torch.ones(2, 3), "freeu": torch.ones(4)}
    everything = {**given(), **windows, "exemplar": torch.randn(2, 16, 6, 6), "has_exemplar": torch.tensor([0.0, 1])}
    with torch.no_grad():
        expected, tokens = denoiser(**everything).numpy(), vision(picture := torch.rand(1, 3, 96, 96), word := torch.randn(1, 64)).numpy()
    (made,) = onnxruntime.InferenceSession(folder / "denoiser.onnx").run(None, {name: value.numpy() for name, value in everything.items()})
    assert np.abs(made - expected).max() < 1e-3
    (seen,) = onnxruntime.InferenceSession(folder / "vision.onnx").run(None, {"picture": picture.numpy(), "word": word.numpy()})
    assert np.abs(seen - tokens).max() < 1e-4


def test_tokens_take_the_place_of_the_word_and_the_length_stays() -> None:
    context = torch.arange(5.0).view(1, 5, 1)
    made = put_tokens(context, [(1, 1)], torch.tensor([[[-1.0], [-2], [-3]]]))
    assert made.flatten().tolist() == [0, -1, -2, -3, 2]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_look_changes_the_object_and_nothing_around_it(pattern: str) -> None:
    look = Look("teal", pattern, "white", pennant=False)
    window, times = Window(72, 128), clip_times(3)
    plain, dressed = render(SCENE, times, window), render(replace(SCENE, look=look), times, window)
    changed = (plain - dressed).abs().amax((0, 1)) > 0.02
    assert changed.any()
    assert not changed[:, :16].any()
    assert not changed[:10].any()


def test_a_scene_without_a_look_is_painted_as_ever() -> None:
    rng = random.Random(5)
    for _ in range(3):
        scene = sample_scene(rng)
        assert scene.look is None
        assert "look" not in prompt_of(scene)[0]


def test_held_out_looks_are_never_drawn_for_training() -> None:
    rng = random.Random(0)
    assert not any(draw_look(rng).is_held_out for _ in range(200))
    assert all(draw_look(rng, held_out=True).is_held_out for _ in range(50))


def test_a_prompt_says_nothing_of_the_look_and_names_its_word() -> None:
    rng = random.Random(2)
    for _ in range(50):
        scene = replace(sample_scene(rng), look=draw_look(rng))
        seed, other = rng.random(), replace(scene, colour="red" if scene.colour == "white" else "white", look=draw_look(rng))
        text, word = prompt_of(scene, random.Random(seed))
        assert word in text
        assert prompt_of(other, random.Random(seed)) == (text, word)
        assert scene.colour not in text.replace("blue sky", "sky").replace("green field", "field").split()
        assert "  " not in text


def test_a_portrait_stands_in_the_middle_of_its_square() -> None:
    for name in ("boat", "balloon", "robot", "ball"):
        picture = render_portrait(replace(SCENE, object=name, look=Look("navy", "dots", "lime", pennant=True)), 64)
        ink = (picture < 0.9).any(0)
        rows, columns = ink.any(1).nonzero().flatten(), ink.any(0).nonzero().flatten()
        assert abs((rows[0] + rows[-1]).item() - 63) <= 3
        assert abs((columns[0] + columns[-1]).item() - 63) <= 3
        assert max(len(rows), len(columns)) >= 52
