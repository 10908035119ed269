"""FreeU equals diffusers', alone and inside a whole U-Net with the same weights, and leaves no trace at ones."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from torch import Tensor, nn

from modeling.convert.convert import Conversion, convert
from modeling.export.graph import export_graph
from modeling.goldens.freeu_cases import FACTORS, NARROW, features, inputs, narrow_features, silent_unet
from modeling.goldens.seeded import fill, normal_like
from modeling.pocket.denoiser import Denoiser
from modeling.pocket.freeu import freeu
from modeling.published.registry import FAMILIES
from modeling.tests.denoisers import randomise
from modeling.tests.test_export import CONFIG
from modeling.tests.test_export import inputs as graph_inputs
from modeling.torch_engine.packages import open_graph, with_freeu

GOLDENS = np.load(Path(__file__).parent / "goldens" / "freeu.npz")
TOLERANCE = 1e-5  #: of the largest value


def close(made: Tensor, expected: np.ndarray) -> bool:
    return np.abs(made.numpy() - expected).max() <= TOLERANCE * np.abs(expected).max()


@pytest.mark.parametrize(("stage", "name"), [(0, "one"), (1, "two")])
def test_the_closed_form_is_the_fft_of_diffusers(stage: int, name: str) -> None:
    b, s = torch.tensor(FACTORS[stage]), torch.tensor(FACTORS[stage + 2])
    backbone, skip = freeu(*features(), b, s, version=1)
    assert close(backbone, GOLDENS[f"backbone_{name}"])
    assert close(skip, GOLDENS[f"skip_{name}"])


@pytest.mark.parametrize(("height", "width"), NARROW)
def test_a_frequency_counts_once_on_maps_of_a_cell(height: int, width: int) -> None:
    _, skip = freeu(*narrow_features(height, width), torch.tensor(FACTORS[1]), torch.tensor(FACTORS[3]), version=1)
    assert close(skip, GOLDENS[f"skip_{height}x{width}"])


def test_a_package_has_the_version_of_freeu_that_it_was_converted_with(tmp_path: Path) -> None:
    module = fill(FAMILIES["lavie-base"].small()).requires_grad_(False)
    torch.save(module.state_dict(), tmp_path / "base.pt")
    given = {
        "sample": normal_like("freeu package", 1, 4, 2, 8, 8),
        "timestep": torch.tensor([500]),
        "context": normal_like("freeu words", 1, 1, 5, 24),
        "freeu": torch.tensor(FACTORS),
    }
    made = {}
    for version in (1, 2):
        out, build = tmp_path / str(version), {"lavie-base": FAMILIES["lavie-base"].small}
        files = {"checkpoint": tmp_path / "base.pt"}
        convert(Conversion("lavie-base", files, out, "fp32", engine="torch", freeu=version, build=build), lambda *_: None, lambda _: None)
        opened = open_graph(out, "denoiser").module.eval()
        with torch.no_grad():
            made[version] = opened(**given)
            expected = with_freeu(module, version)(**given)
        assert close(made[version], expected.numpy())
    assert (made[1] - made[2]).abs().max() > 0.01


def test_version_2_strengthens_by_the_channel_mean() -> None:
    x, skip = features()
    made, _ = freeu(x, skip, torch.tensor(1.4), torch.tensor(1.0))
    mean = x.numpy().mean(axis=1, keepdims=True)
    low, high = mean.min(axis=(2, 3), keepdims=True), mean.max(axis=(2, 3), keepdims=True)
    expected = x.numpy().copy()
    expected[:, :4] *= 0.4 * (mean - low) / (high - low) + 1
    assert close(made, expected)


def test_a_whole_unet_computes_what_diffusers_computes_with_the_same_weights() -> None:
    unet = silent_unet()
    with torch.no_grad():
        plain = unet(**inputs())[:, :, 0]
        free = unet(**inputs(), freeu=torch.tensor(FACTORS))[:, :, 0]
    assert close(plain, GOLDENS["unet"])
    assert close(free, GOLDENS["unet_freeu"])
    assert np.abs(GOLDENS["unet_freeu"] - GOLDENS["unet"]).max() > 100 * TOLERANCE * np.abs(GOLDENS["unet"]).max()


class WithoutFreeU(nn.Module):
    """The denoiser as a graph that has no FreeU at all."""

    def __init__(self, denoiser: Denoiser):
        super().__init__()
        self.denoiser = denoiser

    def forward(self, sample: Tensor, timestep: Tensor, context: Tensor) -> Tensor:
        return self.denoiser(sample, timestep, context)


class WithFreeU(WithoutFreeU):
    def forward(self, sample: Tensor, timestep: Tensor, context: Tensor, freeu: Tensor) -> Tensor:
        return self.denoiser(sample, timestep, context, freeu)


def test_an_exported_graph_at_ones_gives_the_bits_of_one_without(tmp_path: Path) -> None:
    denoiser = randomise(Denoiser(replace(CONFIG, freeu=1)))
    given = {name: value for name, value in graph_inputs(6, 6).items() if name in ("sample", "timestep", "context")}
    axes = {"sample": {2: "F", 3: "h", 4: "w"}, "context": {1: "F"}}
    shape = {"prediction": (1, CONFIG.out_channels, "F", "h", "w")}
    ones, strong = {"freeu": torch.ones(4)}, {"freeu": torch.tensor(FACTORS)}
    export_graph(WithoutFreeU(denoiser), given, axes, shape, tmp_path / "without.onnx")
    export_graph(WithFreeU(denoiser), {**given, **ones}, axes, shape, tmp_path / "with.onnx")

    def run(name: str, **values: Tensor) -> np.ndarray:
        session = onnxruntime.InferenceSession(tmp_path / name)
        return session.run(None, {key: value.numpy() for key, value in values.items()})[0]

    without = run("without.onnx", **given)
    assert np.array_equal(run("with.onnx", **given, **ones), without)
    assert not np.array_equal(run("with.onnx", **given, **strong), without)
