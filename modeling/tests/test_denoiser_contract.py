"""What holds of every denoiser: the U-Net in its two arrangements, Latte in its four."""

from dataclasses import replace

import pytest
import torch

from modeling.pocket.denoiser import Denoiser
from modeling.pocket.latte import Latte, LatteConfig
from modeling.tests import test_latte, test_modules
from modeling.tests.denoisers import call, randomise


def unet(joint: bool) -> Denoiser:
    return Denoiser(replace(test_modules.CONFIG, joint=joint))


def latte(variant: int) -> Latte:
    return Latte(LatteConfig(**test_latte.CONFIG, variant=variant))


# Latte's attention over all cells sums more numbers than the U-Net's.
DENOISERS = {
    "joint": (lambda: unet(True), 1e-5),
    "cell by cell": (lambda: unet(False), 1e-5),
    **{f"latte {variant}": (lambda variant=variant: latte(variant), 1e-4) for variant in (1, 2, 3, 4)},
}


@pytest.fixture(params=DENOISERS)
def made(request: pytest.FixtureRequest) -> tuple[torch.nn.Module, float]:
    make, tolerance = DENOISERS[request.param]
    return randomise(make()), tolerance


def test_one_window_of_all_frames_is_plain_attention(made: tuple[torch.nn.Module, float]) -> None:
    denoiser, tolerance = made
    windowed = call(denoiser, windows=torch.arange(6).unsqueeze(0), window_weights=torch.ones(1, 6))
    assert torch.allclose(call(denoiser), windowed, atol=tolerance)


def test_a_window_knows_nothing_of_where_it_lies(made: tuple[torch.nn.Module, float]) -> None:
    denoiser, tolerance = made
    windows = torch.tensor([[0, 1, 2], [3, 4, 5]])
    torch.manual_seed(1)
    part, context = torch.randn(1, 4, 3, 5, 7), torch.randn(1, 1, 3, 8)
    with torch.no_grad():
        twice = denoiser(torch.cat([part, part], 2), torch.tensor([300]), context, None, windows, torch.ones(2, 3))
        once = denoiser(part, torch.tensor([300]), context)
    assert torch.allclose(twice[:, :, :3], once, atol=tolerance)
    assert torch.allclose(twice[:, :, 3:], once, atol=tolerance)


def test_a_context_per_frame_equals_one_for_all(made: tuple[torch.nn.Module, float]) -> None:
    denoiser, tolerance = made
    torch.manual_seed(1)
    sample, context = torch.randn(2, 4, 6, 5, 7), torch.randn(2, 1, 3, 8)
    with torch.no_grad():
        one = denoiser(sample, torch.tensor([1, 2]), context)
        many = denoiser(sample, torch.tensor([1, 2]), context.expand(-1, 6, -1, -1))
    assert torch.allclose(one, many, atol=tolerance)
