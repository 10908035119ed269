"""The enhancer starts as the base, listens to its hints at key frames only, and makes of a tile what the picture would get there."""

import pytest
import torch
from torch import Tensor

from modeling.pocket.denoiser import Denoiser, DenoiserConfig
from modeling.pocket.enhancer import Enhancer, start_from
from modeling.tests.denoisers import randomise
from modeling.train.diffusion import alphas_bar, mix
from modeling.train.enhance import keys_of
from modeling.train.enlarged import ROWS, Spot, with_margin

CONFIG = DenoiserConfig(in_channels=4, out_channels=4, widths=(16, 32), heads=(2, 2), context_width=8, embedding=32, joint=False)


@pytest.fixture
def enhancer() -> Enhancer:
    return randomise(Enhancer(CONFIG))


def call(model: Enhancer, sample: Tensor, hint: Tensor, keys: Tensor, picture: tuple[int, int, int, int], noise: int = 50) -> Tensor:
    context = torch.linspace(-1, 1, 24).view(1, 1, 3, 8)
    with torch.no_grad():
        return model(sample, torch.tensor([300]), context, hint, keys, torch.tensor([noise]), torch.tensor([2.0]), torch.tensor(picture))


def test_starts_as_the_linear_estimate() -> None:
    """With a hint that is nearly clean and nearly right, the clean latents are the hint, whatever the noise."""
    model = start_from(randomise(Denoiser(CONFIG))).eval()
    torch.nn.init.constant_(model.estimate.error, -12.0)
    torch.manual_seed(2)
    clean, bar = torch.randn(1, 4, 5, 8, 12), alphas_bar()
    for step in (100, 400, 999):
        noisy, v = mix(clean, torch.randn_like(clean), torch.tensor([step]), bar)
        context, keys = torch.zeros(1, 1, 3, 8), keys_of(5, 1)
        with torch.no_grad():
            told = (torch.tensor([0]), torch.tensor([2.0]), torch.tensor([8, 12, 0, 0]))
            made = model(noisy, torch.tensor([step]), context, clean, keys, *told)
            assert torch.allclose(made, v, atol=0.05)
            blind = model(noisy, torch.tensor([step]), context, clean, torch.full((5,), -1), *told)
            assert not torch.allclose(blind, v, atol=0.5)


def test_a_frame_between_keys_has_no_hint(enhancer: Enhancer) -> None:
    torch.manual_seed(3)
    sample, hint = torch.randn(1, 4, 5, 8, 12), torch.randn(1, 4, 3, 8, 12)
    lone = torch.tensor([0, -1, -1, -1, -1])
    one = call(enhancer, sample, hint, lone, (8, 12, 0, 0))
    other = hint.clone()
    other[:, :, 1:] += 1
    assert torch.allclose(one, call(enhancer, sample, other, lone, (8, 12, 0, 0)))
    assert not torch.allclose(one, call(enhancer, sample, hint, keys_of(5, 2), (8, 12, 0, 0)), atol=1e-3)


def test_hears_how_noisy_hints_are(enhancer: Enhancer) -> None:
    torch.manual_seed(4)
    sample, hint = torch.randn(1, 4, 3, 8, 12), torch.randn(1, 4, 3, 8, 12)
    calm = call(enhancer, sample, hint, keys_of(3, 1), (8, 12, 0, 0))
    assert not torch.allclose(calm, call(enhancer, sample, hint, keys_of(3, 1), (8, 12, 0, 0), noise=250), atol=1e-3)


def test_the_middle_of_a_tile_is_that_of_the_picture(enhancer: Enhancer) -> None:
    torch.manual_seed(5)
    sample, hint, keys = torch.randn(1, 4, 3, 64, 64), torch.randn(1, 4, 3, 64, 64), keys_of(3, 1)
    whole = call(enhancer, sample, hint, keys, (64, 64, 0, 0))
    tile = call(enhancer, sample[..., 4:60, 2:58], hint[..., 4:60, 2:58], keys, (64, 64, 4, 2))
    assert torch.allclose(tile[..., 24:-24, 24:-24], whole[..., 28:36, 26:34], atol=1e-4)


def test_windows_of_a_picture_stay_inside() -> None:
    assert with_margin(Spot(1, 0, 0)) == (0, ROWS, 0, 16)
    assert with_margin(Spot(4, 10, 20)) == (9, 20, 19, 37)
