"""The families have the tensors of the published checkpoints and compute what the reference code computes."""

import numpy as np
import pytest
import torch

from modeling.goldens.family_cases import RESULTS, cases
from modeling.goldens.seeded import fill
from modeling.published.keys import lines, published
from modeling.published.registry import FAMILIES
from modeling.published.subject_unet import Mapper, merge

TOLERANCE = 1e-5
SMALL = {name: family.small for name, family in FAMILIES.items()} | {"videobooth-mapper": lambda: Mapper(16, 8)}


@pytest.mark.parametrize("family", FAMILIES)
def test_the_public_width_has_every_tensor_of_the_published_checkpoint(family: str) -> None:
    with torch.device("meta"):
        ours = lines(FAMILIES[family].public().state_dict())
    theirs = FAMILIES[family].merge(*map(published, FAMILIES[family].checkpoints))
    assert sorted(ours) == sorted(lines(theirs))


def test_every_tensor_of_the_mapper_checkpoint_finds_its_place() -> None:
    unet, mapper = published("videobooth"), published("videobooth-mapper")
    made, words = merge(unet, mapper)
    with torch.device("meta"):
        assert sorted(lines(words)) == sorted(lines(Mapper().state_dict()))
    placed = {id(tensor) for tensor in [*made.values(), *words.values()]}
    assert all(id(tensor) in placed for tensor in mapper.values())
    layer = "mid_block.attentions.0.transformer_blocks.0"
    flat = layer.replace(".", "_")
    assert made[f"{layer}.attn1.to_k.weight"] is mapper[f"{flat}_attn1_to_k_new.weight"]
    assert made[f"{layer}.attn2.to_v.weight"] is mapper[f"{flat}_attn2_to_v.weight"]
    assert made[f"{layer}.attn1.to_v_exemplar.weight"] is mapper[f"{flat}_attn1_to_v_exemplar.weight"]


@pytest.mark.parametrize("family", SMALL)
def test_the_small_width_computes_what_the_reference_computes(family: str) -> None:
    module = fill(SMALL[family]())
    expected = np.load(RESULTS / f"{family}.npz")
    for name, inputs in cases(family).items():
        with torch.no_grad():
            made = module(**inputs).numpy()
        largest = np.abs(expected[name]).max()
        assert largest > 0.1, f"{family} {name}: a golden near zero proves nothing"
        assert np.abs(made - expected[name]).max() < TOLERANCE * max(1, largest), f"{family} {name}"


@pytest.fixture(scope="module")
def base() -> torch.nn.Module:
    return fill(FAMILIES["lavie-base"].small())


def test_one_window_of_all_frames_and_freeu_of_ones_change_nothing(base: torch.nn.Module) -> None:
    inputs = cases("lavie-base")["odd"]
    frames = inputs["sample"].shape[2]
    neutral = {"windows": torch.arange(frames).unsqueeze(0), "window_weights": torch.ones(1, frames), "freeu": torch.ones(4)}
    with torch.no_grad():
        assert torch.allclose(base(**inputs, **neutral), base(**inputs), atol=TOLERANCE)


def test_freeu_acts_on_the_two_widest_levels(base: torch.nn.Module) -> None:
    inputs = cases("lavie-base")["odd"]
    with torch.no_grad():
        plain = base(**inputs)
        for k in range(4):
            freeu = torch.ones(4)
            freeu[k] = 0.5
            assert (base(**inputs, freeu=freeu) - plain).abs().max() > 1e-3


def test_a_context_per_frame_reaches_its_frame(base: torch.nn.Module) -> None:
    inputs = cases("lavie-base")["odd"]
    spread = {**inputs, "context": inputs["context"].expand(-1, 2, -1, -1)}
    with torch.no_grad():
        assert torch.allclose(base(**spread), base(**inputs), atol=TOLERANCE)
        spread["context"] = torch.cat([inputs["context"], -inputs["context"]], dim=1)
        assert (base(**spread) - base(**inputs)).abs().max() > 1e-3


def test_older_text_and_autoencoder_files_are_understood() -> None:
    text = {"text_model.embeddings.position_ids": torch.arange(77), "text_model.final_layer_norm.bias": torch.zeros(1)}
    assert list(FAMILIES["sd14-text"].merge(text)) == ["text_model.final_layer_norm.bias"]
    middle = "decoder.mid_block.attentions.0"
    old = {f"{middle}.query.weight": 1, f"{middle}.proj_attn.bias": 2, "decoder.conv_out.bias": 3}
    new = {f"{middle}.to_q.weight": 1, f"{middle}.to_out.0.bias": 2, "decoder.conv_out.bias": 3}
    assert FAMILIES["sd14-vae"].merge(old) == new


def test_a_still_exemplar_is_the_same_exemplar_in_every_frame() -> None:
    module, inputs = fill(FAMILIES["videobooth"].small()), cases("videobooth")["even"]
    still = inputs["exemplar"][:, :, 0]
    with torch.no_grad():
        repeated = module(**{**inputs, "exemplar": still.unsqueeze(2).expand_as(inputs["exemplar"])})
        assert torch.allclose(module(**{**inputs, "exemplar": still}), repeated, atol=TOLERANCE)
        assert (module(**{**inputs, "exemplar": -still}) - repeated).abs().max() > 1e-3
