"""The denoiser's side inputs do what the contract says."""

from dataclasses import replace

import pytest
import torch

from modeling.pocket.denoiser import Denoiser, DenoiserConfig, FrameAttention
from modeling.pocket.freeu import freeu
from modeling.pocket.gap import first_gap
from modeling.pocket.interpolator import InterpDenoiser, surrounding_keys
from modeling.pocket.text import TextConfig, TextEncoder
from modeling.pocket.theatre.director import WAYS
from modeling.pocket.transition import TransitionDenoiser
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
    model = randomise(TransitionDenoiser(replace(CONFIG, in_channels=9)))
    torch.manual_seed(1)
    x0, mask = torch.randn(1, 4, 6, 5, 7), torch.ones(1, 1, 6, 5, 7)
    mask[:, :, [0, -1]] = 0
    step = torch.tensor([timestep])
    noisy, v = mix(x0, torch.randn_like(x0), step, alphas_bar())
    with torch.no_grad():
        made = model(torch.cat([noisy, mask, x0 * (1 - mask)], 1), step, torch.randn(1, 1, 3, 8))
    assert torch.allclose(made[:, :, [0, -1]], v[:, :, [0, -1]], atol=1e-3)


@pytest.mark.parametrize(("known", "owned", "follows"), [((0, 5), True, True), ((0, 5), False, False), ((0,), True, False)])
def test_frames_between_known_backdrops_do_not_depend_on_noise(known: tuple[int, ...], owned: bool, follows: bool) -> None:
    model = randomise(TransitionDenoiser(replace(CONFIG, in_channels=9)))
    torch.manual_seed(1)
    x0, mask, words = 3 * torch.randn(1, 4, 6, 9, 16), torch.ones(1, 1, 6, 9, 16), torch.randn(1, 1, 3, 8)
    mask[:, :, list(known)] = 0
    with torch.no_grad():
        model.theatre.director.both[-1].bias[WAYS.index("page")] = 100
        if owned:
            model.theatre.backdrops.behind[:2, 0] = x0[0, :, [0, 5]].transpose(0, 1)
        made = []
        for k in (999, 300):
            step, noise = torch.tensor([k]), torch.randn_like(x0)
            noisy, _ = mix(x0, noise, step, alphas_bar())
            v = model(torch.cat([noisy, mask, x0 * (1 - mask)], 1), step, words)
            alpha = alphas_bar()[k]
            made.append(alpha.sqrt().float() * noisy - (1 - alpha).sqrt().float() * v)
    assert torch.allclose(*(m[:, :, 1:5] for m in made), atol=1e-3) == follows


def gap_of(*frames: int, of: int = 8) -> tuple[list[float], list[float], float, float]:
    """Which frames are inside of the first gap, how far along, and the numbers (from 1) of those around it."""
    known, mask = torch.zeros(1, 2, of, 3, 3), torch.ones(1, 1, of, 3, 3)
    for frame in frames:
        known[:, :, frame], mask[:, :, frame] = frame + 1.0, 0.0
    gap = first_gap(known, mask)
    return gap.inside[0].tolist(), gap.share[0].tolist(), gap.before.mean().item(), gap.after.mean().item()


def test_the_first_gap_between_known_frames_is_found() -> None:
    assert gap_of(0, 4, of=6) == ([0, 1, 1, 1, 0, 0], [0, 0.25, 0.5, 0.75, 0, 0], 1, 5)
    assert gap_of(0, 1, 5, 7) == ([0, 0, 1, 1, 1, 0, 0, 0], [0, 0, 0.25, 0.5, 0.75, 0, 0, 0], 2, 6)
    assert gap_of(0)[0] == gap_of()[0] == gap_of(2)[0] == [0] * 8


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


@pytest.mark.parametrize("own", [True, False])
def test_keys_that_the_theatre_played_are_played_on_between(own: bool) -> None:
    model = interpolator()
    torch.manual_seed(1)
    ends, words = 3 * torch.randn(2, 1, 4, 9, 16), torch.randn(1, 1, 3, 8)
    with torch.no_grad():
        model.theatre.director.both[-1].bias[WAYS.index("page")] = 100
        model.theatre.backdrops.behind[:2, 0] = ends[:, 0]
        keys = model.theatre(*ends, torch.linspace(0, 1, 4).unsqueeze(0), words.sum(2)[:, 0] / 8)[0]
        keys[:, :, 0], keys[:, :, -1] = ends[0], ends[1]
        if not own:
            keys[:, :, 1] += 1
        copies = repeat_keys(keys)
        made = sample_ddim(lambda x, t: model(torch.cat([x, copies], 1), t, words), torch.randn_like(copies), 2)
        played = model.theatre(*ends, torch.linspace(0, 1, 13).unsqueeze(0), words.sum(2)[:, 0] / 8)[0]
    between = [j for j in range(13) if j % 4]
    assert torch.allclose(made[:, :, between], played[:, :, between], atol=1e-2) == own
    assert torch.allclose(made[:, :, ::4], keys, atol=1e-3)


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
