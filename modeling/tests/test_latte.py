"""What only Latte does, in its four arrangements; its graph computes what torch computes."""

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from modeling.export import roles
from modeling.pocket.latte import Latte, LatteConfig, grid_positions
from modeling.tests.denoisers import call, randomise

CONFIG = {"in_channels": 4, "out_channels": 4, "width": 32, "heads": 4, "blocks": 4, "context_width": 8, "embedding": 32}


@pytest.fixture(params=[1, 2, 3, 4])
def latte(request: pytest.FixtureRequest) -> Latte:
    return randomise(Latte(LatteConfig(**CONFIG, variant=request.param)))


def test_it_answers_in_the_shape_of_the_sample_also_where_patches_do_not_fit(latte: Latte) -> None:
    assert call(latte).shape == (2, 4, 6, 5, 7)


def test_frames_see_each_other_and_know_their_place(latte: Latte) -> None:
    torch.manual_seed(1)
    sample, context = torch.randn(1, 4, 2, 4, 4), torch.randn(1, 1, 3, 8)
    changed = sample.clone()
    changed[:, :, 1] += 1
    with torch.no_grad():
        before, after = (latte(x, torch.tensor([300]), context) for x in (sample, changed))
        alike = latte(sample[:, :, :1].expand(-1, -1, 2, -1, -1), torch.tensor([300]), context)
    assert not torch.allclose(before[:, :, 0], after[:, :, 0], atol=1e-4)
    assert not torch.allclose(alike[:, :, 0], alike[:, :, 1], atol=1e-4)


def test_freeu_changes_nothing(latte: Latte) -> None:
    assert torch.equal(call(latte), call(latte, freeu=torch.full((4,), 1.4)))


def test_positions_are_cosines_and_sines_of_row_and_column() -> None:
    grid = grid_positions(2, 3, 8)
    frequency = 10_000.0 ** -(np.arange(2) / 2)
    for cell, (row, column) in enumerate((r, c) for r in range(2) for c in range(3)):
        waves = [f(place * frequency) for place in (row, column) for f in (np.cos, np.sin)]
        assert np.allclose(grid[cell], np.concatenate(waves), atol=1e-6)


def test_other_variants_are_refused() -> None:
    with pytest.raises(ValueError, match="variants are 1 to 4"):
        Latte(LatteConfig(variant=5))


def test_its_package_has_no_freeu_and_its_graph_takes_all_inputs(tmp_path: Path) -> None:
    latte = randomise(Latte(LatteConfig(**CONFIG)))
    folder = roles.export_latte(latte, 8, {"seed": 0}, tmp_path).folder
    manifest = json.loads((folder / "model.json").read_text())
    assert (manifest["role"], manifest["freeu"]) == ("base", False)
    names = [port["name"] for port in manifest["graphs"]["denoiser"]["inputs"]]
    assert names == ["sample", "timestep", "context", "freeu", "windows", "window_weights"]
    session = onnxruntime.InferenceSession(folder / "denoiser.onnx")
    for frames, contexts, side in ((6, 6, (5, 7)), (8, 1, (4, 6)), (5, 1, (9, 16))):
        torch.manual_seed(2)
        given = {
            "sample": torch.randn(1, 4, frames, *side),
            "timestep": torch.tensor([421]),
            "context": torch.randn(1, contexts, 8, 8),
            "freeu": torch.ones(4),
            "windows": torch.stack([torch.arange(4), torch.arange(frames - 4, frames)]),
            "window_weights": torch.tensor([[1.0, 2, 2, 1], [1, 2, 2, 1]]),
        }
        with torch.no_grad():
            expected = latte(**given).numpy()
        (made,) = session.run(None, {name: value.numpy() for name, value in given.items()})
        assert np.abs(made - expected).max() < 1e-4
