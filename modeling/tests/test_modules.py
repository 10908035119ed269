"""The denoiser's side inputs do what the contract says."""

import pytest
import torch

from modeling.pocket.denoiser import Denoiser, DenoiserConfig, FrameAttention
from modeling.pocket.freeu import freeu
from modeling.pocket.interpolator import InterpDenoiser, surrounding_keys
from modeling.pocket.text import TextConfig, TextEncoder
from modeling.pocket.transition import TransitionDenoiser, inner_config, panned, surroundings
from modeling.pocket.windows import Windows
from modeling.tests.denoisers import call, randomise
from modeling.train.diffusion import alphas_bar, mix, sample_ddim
from modeling.train.interp import repeat_keys

CONFIG = DenoiserConfig(in_channels=4, out_channels=4, widths=(16, 32), heads=(2, 2), context_width=8, embedding=32)


@pytest.fixture(params=[True, False], ids=["joint", "cell by cell"])
def denoiser(request: pytest.FixtureRequest) -> Denoiser:
    return randomise(Denoiser(DenoiserConfig(**{**vars(CONFIG), "joint": request.param})))


def test_weights_fuse_overlapping_windows(denoiser: Denoiser) -> None:
    windows = torch.tensor([[0, 1, 2, 3], [2, 3, 4, 5]])
    one_sided = torch.tensor([[1.0, 1, 1, 1], [0, 0, 1, 1]])
    apart = call(denoiser, windows=windows, window_weights=one_sided)
    assert not torch.allclose(apart, call(denoiser, windows=windows, window_weights=torch.ones(2, 4)), atol=1e-4)


@pytest.mark.parametrize(("joint", "reach"), [(True, None), (False, None), (False, 1)])
def test_windows_fuse_what_each_of_them_attends_by_itself(joint: bool, reach: int | None) -> None:
    layer = randomise(FrameAttention(8, 2, joint, reach))
    torch.manual_seed(1)
    x, times = torch.randn(2, 7, 5, 8), torch.arange(4)
    index, weights = torch.stack([torch.arange(k, k + 4) for k in (0, 2, 3)]), torch.tensor([[1.0, 2, 2, 1]]).repeat(3, 1)
    sums, totals = torch.zeros_like(x), torch.zeros(7)
    with torch.no_grad():
        made = layer(x, times, Windows.of(index, weights, 7)) - x
        for frames, weight in zip(index, weights, strict=True):
            alone = layer(x[:, frames], times, None) - x[:, frames]
            sums[:, frames] += weight.view(-1, 1, 1) * alone
            totals[frames] += weight
    assert torch.allclose(made, sums / totals.view(-1, 1, 1), atol=1e-5)


def test_freeu_of_ones_is_the_identity(denoiser: Denoiser) -> None:
    assert torch.equal(call(denoiser), call(denoiser, freeu=torch.ones(4)))


def test_freeu_scales_the_low_frequencies_as_the_fft_does() -> None:
    torch.manual_seed(0)
    x, s = torch.randn(2, 6, 5, 8), torch.tensor(0.4)
    _, scaled = freeu(torch.randn(2, 4, 5, 8), x, torch.tensor(1.0), s)
    spectrum = torch.fft.fftshift(torch.fft.fft2(x), dim=(-2, -1))
    spectrum[..., 5 // 2 - 1 : 5 // 2 + 1, 8 // 2 - 1 : 8 // 2 + 1] *= s
    reference = torch.fft.ifft2(torch.fft.ifftshift(spectrum, dim=(-2, -1))).real
    assert torch.allclose(scaled, reference, atol=1e-5)


def test_padding_does_not_change_the_context_of_words() -> None:
    encoder = randomise(TextEncoder(TextConfig(vocabulary=20, width=16, tokens=8, heads=2)))
    with torch.no_grad():
        short, long = encoder(torch.tensor([[1, 5, 2]])), encoder(torch.tensor([[1, 5, 2, 0, 0, 0]]))
    assert torch.allclose(short, long[:, :3], atol=1e-5)
    assert torch.equal(long[:, 3:], torch.zeros_like(long[:, 3:]))


@pytest.mark.parametrize("timestep", [3, 400, 999])
def test_a_transition_predicts_known_frames_exactly(timestep: int) -> None:
    model = randomise(TransitionDenoiser(inner_config(CONFIG)))
    torch.manual_seed(1)
    x0, mask = torch.randn(1, 4, 6, 5, 7), torch.ones(1, 1, 6, 5, 7)
    mask[:, :, [0, -1]] = 0
    step = torch.tensor([timestep])
    noisy, v = mix(x0, torch.randn_like(x0), step, alphas_bar())
    with torch.no_grad():
        made = model(torch.cat([noisy, mask, x0 * (1 - mask)], 1), step, torch.randn(1, 1, 3, 8))
    assert torch.allclose(made[:, :, [0, -1]], v[:, :, [0, -1]], atol=1e-3)


@pytest.mark.parametrize(("known", "follows"), [((0, 5), True), ((0,), False)])
def test_frames_between_known_ones_do_not_depend_on_noise(known: tuple[int, ...], follows: bool) -> None:
    model = randomise(TransitionDenoiser(inner_config(CONFIG)))
    torch.manual_seed(1)
    x0, mask, words = torch.randn(1, 4, 6, 5, 7), torch.ones(1, 1, 6, 5, 7), torch.randn(1, 1, 3, 8)
    mask[:, :, list(known)] = 0
    around = surroundings(x0 * (1 - mask), mask)
    with torch.no_grad():
        made = [model.clean(torch.randn_like(x0), mask, around, torch.tensor([step]), words) for step in (999, 300)]
    assert torch.equal(*made) == follows


def around(*frames: int, of: int = 6) -> tuple[list[float], ...]:
    """What is told of each frame where these are known, with their own number (from 1) as latent."""
    known, mask = torch.zeros(1, 2, of, 3, 3), torch.ones(1, 1, of, 3, 3)
    for frame in frames:
        known[:, :, frame], mask[:, :, frame] = frame + 1.0, 0.0
    told = surroundings(known, mask)
    parts = told.before[:, 1], told.after[:, 1], told.nearer[:, 1], told.place[:, 0], told.place[:, 1]
    return tuple([round(x, 3) for x in part.flatten(2).mean(-1).flatten().tolist()] for part in (p.view(1, of, 1, -1) for p in parts))


def test_each_frame_is_told_the_known_ones_around_it_unmixed() -> None:
    before, after, nearer, both, share = around(0, 4)
    assert before == [1, 1, 1, 1, 5, 5]
    assert after == [1, 5, 5, 5, 5, 0]
    assert nearer == [1, 1, 1, 5, 5, 5]
    assert both == [1, 1, 1, 1, 1, 0]
    assert share == [0, 0.25, 0.5, 0.75, 0, 0]
    assert around() == ([0] * 6,) * 5
    assert around(0)[1:3] == ([1, 0, 0, 0, 0, 0], [1] * 6)


def test_both_neighbours_are_seen_as_a_pan_would_move_them() -> None:
    known, mask = torch.rand(1, 2, 17, 4, 8), torch.ones(1, 1, 17, 4, 8)
    mask[:, :, [0, -1]] = 0
    place, right_before, right_after, left_before, left_after = panned(surroundings(known * (1 - mask), mask))
    assert place.shape == (1, 4, 17, 4, 8)
    assert torch.equal(right_before[:, :, 0], known[:, :, 0])
    middle = (8 + 0.85 * 4) / 2  # of the way from picture to picture, in cells
    first, last = known[0, 0, 0, 0], known[0, 0, -1, 0]
    assert torch.isclose(right_before[0, 0, 8, 0, 0], first[5].lerp(first[6], middle - 5), atol=1e-5)
    assert torch.isclose(left_before[0, 0, 8, 0, 7], first[1].lerp(first[2], 2 - (middle - 5) - 1), atol=1e-5)
    assert torch.isclose(right_after[0, 0, 8, 0, 7], last[1].lerp(last[2], 2 - (middle - 5) - 1), atol=1e-5)
    assert right_before[0, :, 8, :, 3:].abs().sum() == 0


def test_the_keys_on_both_sides_are_read_from_repeated_ones() -> None:
    keys = torch.arange(4.0).view(1, 1, 4, 1, 1)
    before, after, share = surrounding_keys(repeat_keys(keys))
    assert before.flatten().tolist() == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3]
    assert after.flatten().tolist() == [0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3]
    assert share.flatten().tolist() == [0, 0.25, 0.5, 0.75] * 3 + [0]


def interpolator() -> InterpDenoiser:
    return randomise(InterpDenoiser(DenoiserConfig(**{**vars(CONFIG), "in_channels": 16, "joint": False, "reach": 4, "phases": 4})))


@pytest.mark.parametrize("steps", [1, 2, 6])
def test_an_interpolation_keeps_its_keys_and_makes_what_is_between(steps: int) -> None:
    model = interpolator()
    torch.manual_seed(1)
    copies, words = repeat_keys(torch.randn(1, 4, 4, 5, 7)), torch.randn(1, 1, 3, 8)
    with torch.no_grad():
        made = sample_ddim(lambda x, t: model(torch.cat([x, copies], 1), t, words), torch.randn_like(copies), steps)
    assert torch.allclose(made[:, :, ::4], copies[:, :, ::4], atol=1e-3)
    assert (made - copies)[:, :, 1::4].abs().mean() > 0.01


def test_frames_out_of_reach_do_not_matter() -> None:
    model = interpolator()
    torch.manual_seed(1)
    sample, words = torch.randn(1, 8, 41, 5, 7), torch.randn(1, 1, 3, 8)
    changed = sample.clone()
    changed[:, :, 40] += 1
    with torch.no_grad():
        one, other = (model(s, torch.tensor([600]), words) for s in (sample, changed))
    assert torch.allclose(one[:, :, :9], other[:, :, :9], atol=1e-5)
    assert not torch.allclose(one[:, :, 37:40], other[:, :, 37:40], atol=1e-4)
